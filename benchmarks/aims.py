# Copyright 2026 The DeepLab-SSL Authors.
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""What the benchmark measures, and which ratios it should reach.

The aims are ratios of ours to what the row compares with. A CPU with AMX
multiplies matrices so much faster that other ratios can be reached there.
"""

from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

# {part: the module in this folder, and its flags}, in the order of the page.
PARTS = {
  "limits": ("limits_benchmark",),
  "limits one thread": ("limits_benchmark", "--limit_threads=1"),
  "steps": ("model_benchmark", "--compare=original"),
  "bfloat16": ("model_benchmark", "--compare=bfloat16", "--rounds=3"),
  "garden": ("model_benchmark", "--compare=garden", "--rounds=3"),
  "prediction": ("model_benchmark", "--compare=prediction"),
  "losses": ("loss_benchmark",),
  "xla": ("compiler_benchmark",),
  "memory": ("memory_benchmark",),
  "replicas": ("replica_benchmark",),
  "input": ("input_benchmark",),
  "serving": ("serving_benchmark",),
  "start-up": ("startup_benchmark",),
}


class Aim(NamedTuple):
  """A ratio that a row should not exceed.

  Attributes:
    part: of `PARTS`.
    row: its name.
    plain: the ratio on a CPU without AMX; None if there is no aim.
    with_amx: on one with AMX.
  """

  part: str
  row: str
  plain: float | None
  with_amx: float

  def on(self, machine: Mapping[str, Any]) -> float | None:
    """Returns the ratio on a machine as `measurement.machine` describes it."""
    return self.with_amx if machine["amx"] else self.plain


AIMS = (
  Aim("steps", "mobilenet_v2, training step", 0.8, 0.8),
  Aim("steps", "resnet_v1_50_beta v3, training step", 0.85, 0.85),
  Aim("steps", "xception_65 v3+, training step", 0.85, 0.85),
  Aim("bfloat16", "mobilenet_v2, training step in bfloat16", None, 0.5),
  Aim(
    "bfloat16", "resnet_v1_50_beta v3, training step in bfloat16", None, 0.45
  ),
  Aim("bfloat16", "xception_65 v3+, training step in bfloat16", None, 0.6),
  Aim("input", "CPU time of an image, as they are, 1 core", 0.5, 0.5),
  Aim("input", "CPU time of an image, enlarged, 1 core", 0.5, 0.5),
  Aim("losses", "ssl k=3 against BCE by hand, time", 1.9, 1.2),
  Aim("losses", "ssl k=11 against BCE by hand, time", 2.5, 1.6),
  Aim("losses", "ssl k=3 against BCE by hand, memory", 0.65, 0.65),
  Aim("losses", "ssl k=11 against BCE by hand, memory", 0.65, 0.65),
  Aim("losses", "ssim k=3 against BCE by hand, time", 6.75, 3.85),
  Aim("losses", "affinity k=3 against BCE by hand, time", 6.4, 3.45),
)
