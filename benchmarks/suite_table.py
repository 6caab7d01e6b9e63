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

"""Makes the tables of docs/results.md from recorded runs of several seeds.

  python benchmarks/suite_table.py benchmarks/results/camvid.json --baseline=ce

The file holds {method: {seed: {"mean_iou": ..., "iou": {class: ...}}}}; all
methods have the same seeds. Differences are paired by seed, with the 95 %
confidence interval of Student's t.
"""

import json
import statistics

from absl import app
from absl import flags

from deeplab_ssl.reproduction import statistics as seed_statistics

_BASELINE = flags.DEFINE_string("baseline", "ce", "Method to compare with.")


def mean_iou_table(suite, baseline) -> list[str]:
  """Returns the rows of the table of mean IoU, in percent."""
  score = {
    method: [100 * run["mean_iou"] for run in runs.values()]
    for method, runs in suite.items()
  }
  lines = [
    f"| | mean IoU per seed | mean | std | minus {baseline} |",
    "|---|---|---|---|---|",
  ]
  for method, values in score.items():
    against = ""
    if method != baseline:
      mean, half = seed_statistics.paired_difference(values, score[baseline])
      against = f"{mean:+.2f} \u00b1 {half:.2f}"
    lines.append(
      f"| {method} | {', '.join(f'{v:.2f}' for v in values)} | "
      f"{statistics.mean(values):.2f} | {statistics.stdev(values):.2f} | "
      f"{against} |"
    )
  return lines


def class_table(suite) -> list[str]:
  """Returns the rows of the table of IoU per class, means over the seeds."""
  lines = [f"| class | {' | '.join(suite)} |", "|---" * (len(suite) + 1) + "|"]
  first = next(iter(next(iter(suite.values())).values()))
  for name in first["iou"]:
    means = [
      statistics.mean(100 * run["iou"][name] for run in runs.values())
      for runs in suite.values()
    ]
    lines.append(f"| {name} | {' | '.join(f'{m:.2f}' for m in means)} |")
  return lines


def main(argv):
  """Prints both tables."""
  if len(argv) != 2:
    raise app.UsageError("Give one file with recorded runs.")
  with open(argv[1]) as file:
    suite = json.load(file)
  tables = (mean_iou_table(suite, _BASELINE.value), class_table(suite))
  print("\n\n".join("\n".join(lines) for lines in tables))


if __name__ == "__main__":
  app.run(main)
