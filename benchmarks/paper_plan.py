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

"""What the paper's trainings cost, in FLOPs and in hours of named cards.

  python -m benchmarks.paper_plan

FLOPs are those of the convolutions and matrix products of a step, counted from
its graph (`graph_cost.py`). Hours are these FLOPs at a share of the peak rate
that a maker gives for a card; the share is an assumption, by default about what
a ResNet reaches here on a CPU. `reproduce --dry_run` on the machine itself
times steps instead. Memory is what the first steps on a CPU take beside the
weights, graph and slots among it, in a fresh process, with one image and with
two.
"""

import collections
import json
from typing import NamedTuple

from absl import app
from absl import flags

from benchmarks import graph_cost
from benchmarks import measurement
from deeplab_ssl.cli import environment

_SHARE = flags.DEFINE_float(
  "share", 0.5, "Share of a card's peak that is reached.", 0.01, 1
)
_PEAK_OF = flags.DEFINE_list(
  "peak_of", None, "SETTING,IMAGES: print the memory growth of a step, in MiB."
)
# TFLOP/s of dense matrix products in the type that TensorFlow takes for float32
# and under bfloat16 or float16, by the makers' data sheets; memory in GB.
CARDS = {
  "GTX 1080 Ti": (11.3, None, 11),
  "V100": (15.7, 125, 32),
  "RTX 3090": (35.6, 71, 24),
  "A100": (156, 312, 80),
  "H100 SXM": (495, 989, 80),
}
# One row stands for all of its setting: a loss takes hardly a FLOP.
_ROWS = {
  "voc2012_v3": (2, "voc2012_v3/ssl_3"),
  "voc2012_v3plus": (2, "voc2012_v3plus/ssl_3"),
  "voc2012_v3_321": (5, "ssl_3"),
  "cityscapes_v3": (4, "ssl_3"),
}


_TABLES = range(1, 7)


class Cost(NamedTuple):
  """What a row of a setting costs.

  Attributes:
    setting: its name.
    rows: how many different ones Tables 1 to 6 have of it.
    steps: of each of its stages.
    flops: of a step.
    images: of a step.
    peaks: MiB of a step of one image, and of two.
  """

  setting: str
  rows: int
  steps: tuple[int, ...]
  flops: float
  images: int
  peaks: tuple[float, float]

  @property
  def total(self) -> float:
    """FLOPs of a row."""
    return sum(self.steps) * self.flops

  @property
  def memory(self) -> float:
    """MiB of a step, by the arithmetic of its peaks."""
    one, two = self.peaks
    return one + (self.images - 1) * (two - one)


def _plan(number, patterns=()):
  """Returns the suite `paper` and the planned rows of a table."""
  from deeplab_ssl.common import config_files
  from deeplab_ssl.reproduction import plan
  from deeplab_ssl.reproduction import suites
  from deeplab_ssl.reproduction import tables

  configs = str(config_files.shipped_dir())
  suite = suites.load_suite("paper", configs)
  table = tables.load_table(number, configs)
  rows = tables.select_rows(table.rows, patterns, f"Table {number}")
  places = plan.Places("runs", configs, "data", "checkpoints")
  return suite, plan.plan_rows(rows, suite, places)


def _planned(setting):
  """Returns the trainings of a setting of the suite, and its data set."""
  number, row = _ROWS[setting]
  suite, (planned,) = _plan(number, [row])
  return planned.runs[0].trainings, suite.settings[setting].data


def row_counts() -> dict[str, int]:
  """Returns {setting: rows to train}; one that several tables have is one."""
  directories = {
    (planned.row.setting, planned.runs[0].trainings[-1].directory)
    for number in _TABLES
    for planned in _plan(number)[1]
  }
  return collections.Counter(setting for setting, _ in directories)


def _peak(setting, images):
  """Returns the MiB of a step in this process."""
  from deeplab_ssl.reproduction import probe

  trainings, dataset = _planned(setting)
  # From before the first step: what that one took stays with the process.
  step = probe.build(trainings[0], dataset, int(images)).step
  return measurement.peak_growth(step, calls=2)


def cost(setting: str, rows: int) -> Cost:
  """Measures a setting of the suite `paper`.

  Args:
    setting: its name.
    rows: how many different ones the tables have of it.
  """
  from deeplab_ssl.reproduction import probe

  trainings, dataset = _planned(setting)
  built = probe.build(trainings[0], dataset, images=1)
  counted = graph_cost.count(built.step.get_concrete_function().graph)
  one, two = (
    measurement.in_fresh_process(f"--peak_of={setting},{images}")
    for images in (1, 2)
  )
  return Cost(
    setting,
    rows,
    tuple(training.steps for training in trainings),
    counted.flops / built.share,
    round(1 / built.share),
    (one, two),
  )


def hours(total: float, rate: float, share: float) -> str:
  """Returns the hours of a training as text.

  Args:
    total: its FLOPs.
    rate: TFLOP/s of the card.
    share: of the rate that is reached.
  """
  found = total / (rate * 1e12 * share) / 3600
  return f"{found:.0f}" if found >= 10 else f"{found:.1f}"


def report(costs: list[Cost], share: float) -> list[str]:
  """Returns two Markdown tables: the settings, and hours of each card.

  Args:
    costs: of the settings.
    share: of a card's peak that is reached.
  """
  lines = [
    "| setting | rows | steps of a row | images of a step | TFLOP of a step "
    "| PFLOP of a row | MiB of 1, of 2 images | GiB of all |",
    "|---" * 8 + "|",
  ]
  for found in costs:
    steps = " + ".join(f"{steps:,}" for steps in found.steps)
    lines.append(
      f"| `{found.setting}` | {found.rows} | {steps} "
      f"| {found.images} | {found.flops / 1e12:.2f} "
      f"| {found.total / 1e15:,.0f} "
      f"| {found.peaks[0]:.0f}, {found.peaks[1]:.0f} "
      f"| {found.memory / 1024:.1f} |"
    )
  names = " | ".join(f"`{found.setting}`" for found in costs)
  lines += [
    "",
    f"| card, type | GB | {names} | all rows |",
    "|---" * (3 + len(costs)) + "|",
  ]
  totals = [found.total for found in costs]
  totals.append(sum(found.rows * found.total for found in costs))
  for card, (single, half, memory) in CARDS.items():
    for kind, rate in (("float32", single), ("bfloat16 or float16", half)):
      if rate:
        cells = " | ".join(hours(total, rate, share) for total in totals)
        lines.append(f"| {card}, {kind} | {memory} | {cells} |")
  return lines


def main(argv):
  """Prints the tables."""
  if len(argv) > 1:
    raise app.UsageError(f"Unexpected arguments {argv[1:]}.")
  environment.prepare(training=True)
  if _PEAK_OF.value:
    print(json.dumps(_peak(*_PEAK_OF.value)))
    return
  counts = row_counts()
  costs = [cost(name, counts[name]) for name in _ROWS]
  print("\n".join(report(costs, _SHARE.value)))


if __name__ == "__main__":
  app.run(main)
