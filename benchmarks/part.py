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

"""The flags and the end that all parts of the benchmark share.

A part is a module with a function that returns rows. It can be run alone, which
prints its table; `benchmark.py` runs it with `--output`, so that a part has its
flags, its environment and its threads for itself.
"""

from collections.abc import Callable
import os

from absl import app
from absl import flags

from benchmarks import measurement
from benchmarks import original_modules
from deeplab_ssl.common import atomic_files

QUICK = flags.DEFINE_bool(
  "quick", False, "Few rounds of small sizes: whether it runs, no figures."
)
ORIGINAL = flags.DEFINE_string(
  "original",
  None,
  "Folder research/deeplab of a checkout of tensorflow/models.",
)
OUTPUT = flags.DEFINE_string("output", None, "JSON file for the rows.")


def few(number: int) -> int:
  """Returns a number of rounds, or two where it is to be quick."""
  return min(number, 2) if QUICK.value else number


def run(measure: Callable[[], list[measurement.Row]]) -> None:
  """Parses the flags, measures, prints the table and writes the rows.

  Args:
    measure: what the part does.
  """

  def main(argv):
    if len(argv) > 1:
      raise app.UsageError(
        f"Unexpected arguments {argv[1:]}: use --flag=value."
      )
    if ORIGINAL.value:
      try:
        original_modules.check(ORIGINAL.value)
      except ValueError as error:
        raise app.UsageError(str(error)) from error
    # Processes that are started for a peak have the GPU beside this one.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    rows = measure()
    print(measurement.table(rows))
    if OUTPUT.value:
      atomic_files.write_json(OUTPUT.value, rows, indent=1)

  app.run(main)
