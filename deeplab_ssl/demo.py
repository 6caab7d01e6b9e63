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

"""The demo, without network or GPU: `python -m deeplab_ssl.demo`.

Composes scenes of handwritten digits, trains a small DeepLabv3+ with CE, BCE
and SSL from the same start, evaluates, exports and writes a report.
"""

from absl import flags

from deeplab_ssl.cli import environment
from deeplab_ssl.cli import runner

_OUTPUT_DIR = flags.DEFINE_string(
  "output_dir", "runs/demo", "Folder of the data, the runs and the report."
)
_TRAIN_STEPS = flags.DEFINE_integer(
  "train_steps", 700, "Steps of each of the three trainings.", lower_bound=40
)
_SEED = flags.DEFINE_integer("seed", 1, "Seed of scenes, weights and order.")


def main():
  environment.prepare(training=True)
  from deeplab_ssl.runs import demonstration

  report = demonstration.run_demo(
    _OUTPUT_DIR.value, _TRAIN_STEPS.value, seed=_SEED.value
  )
  print(f"The report is in {report}. Open it in a browser.")


if __name__ == "__main__":
  runner.run(main)
