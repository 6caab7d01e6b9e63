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

"""Prints what the paper's own numbers say, as two tables of docs/results.md.

  python -m benchmarks.paper_table

The first has SSL with region size 3 beside the cross entropies of the same
setting, the second what the paper's choice of `sigma` and `beta` may be worth:
were all such rows equal but for chance, the best of them would be above their
mean, too.
"""

from collections.abc import Sequence
import math
import os
import statistics

from absl import app

from deeplab_ssl.common import config_files
from deeplab_ssl.reproduction import markdown
from deeplab_ssl.reproduction import statistics as seed_statistics
from deeplab_ssl.reproduction import tables

_SSL = "ssl_3"
_BASELINES = {"CE": "ce", "BCE": "bce"}
# {how the first table calls it: (number of the paper's table, setting)}.
_SETTINGS = {
  "VOC val, DeepLabv3": (2, "voc2012_v3"),
  "VOC val, DeepLabv3+": (2, "voc2012_v3plus"),
  "VOC val, DeepLabv3, crop 321": (5, "voc2012_v3_321"),
  "Cityscapes val, DeepLabv3": (6, "cityscapes_v3"),
  "VOC test, DeepLabv3": (1, "voc2012_v3"),
  "VOC test, DeepLabv3+": (1, "voc2012_v3plus"),
}
_SEARCHED = 3  # The table of sigma and beta, in the first of the settings.
_CONSTANTS = {"task.losses.sigma", "task.losses.beta"}


def scores(table: tables.Table, setting: str) -> dict[str, float]:
  """Returns {name of a training: mean IoU in percent} of a setting.

  Rows of other networks than SSL's, which the paper quotes, and of trainings
  that are evaluated otherwise, such as with a CRF, are left out.

  Raises:
    ValueError: if the setting has no row of SSL with region size 3.
  """
  own = [row for row in table.rows if row.name == f"{setting}/{_SSL}"]
  if not own:
    raise ValueError(f"Table {table.number} has no row {setting}/{_SSL}.")
  return {
    row.run: row.paper
    for row in table.rows
    if row.setting == setting
    and row.model == own[0].model
    and not row.evaluation
    and row.paper is not None
  }


def expected_maximum(number: int) -> float:
  """Returns the mean of the largest of standard normal draws.

  Args:
    number: how many draws there are, one or more.
  """
  normal = statistics.NormalDist()
  # The integral of x dF(x)^number; beyond 9 there is nothing left of it.
  places = [step / 100 for step in range(-900, 901)]
  return math.fsum(
    x * number * normal.pdf(x) * normal.cdf(x) ** (number - 1) / 100
    for x in places
  )


def settings_table(configs_dir: str | os.PathLike) -> list[str]:
  """Returns a row for each setting: the scores, and SSL minus the others."""
  rows = []
  for title, (number, setting) in _SETTINGS.items():
    found = scores(tables.load_table(number, configs_dir), setting)
    others = [found.get(name) for name in _BASELINES.values()]
    rows.append(
      [
        title,
        *("" if other is None else f"{other:.2f}" for other in others),
        f"{found[_SSL]:.2f}",
        *(_above(found[_SSL], other) for other in others),
      ]
    )
  head = ["", *_BASELINES, "SSL 3", *(f"minus {name}" for name in _BASELINES)]
  return markdown.table_lines(head, rows)


def _above(score, other):
  return "" if other is None else f"{score - other:+.2f}"


def constants_table(configs_dir: str | os.PathLike) -> list[str]:
  """Returns what the rows with another sigma or beta say of the choice."""
  title, (number, setting) = next(iter(_SETTINGS.items()))
  compared = scores(tables.load_table(number, configs_dir), setting)
  searched = tables.load_table(_SEARCHED, configs_dir)
  found = scores(searched, setting)
  others = [
    found[row.run] for row in searched.rows if _CONSTANTS & set(row.overrides)
  ]
  mean, deviation = seed_statistics.spread(others)
  draws = len(others) + 1
  deviations = expected_maximum(draws)
  rows = [
    [
      f"{len(others)} rows with another sigma or beta, mean ± std",
      seed_statistics.plus_minus(mean, deviation),
    ],
    ["the least of them", f"{min(others):.2f}"],
    *(
      [
        f"their mean minus {name} ({compared[run]:.2f})",
        _above(mean, compared[run]),
      ]
      for name, run in _BASELINES.items()
    ),
    ["the paper's constants", f"{found[_SSL]:.2f}"],
    [
      f"the best of {draws} such rows above their mean, if they differed by "
      f"chance alone ({deviations:.2f} std)",
      f"{deviations * deviation:+.2f}",
    ],
  ]
  return markdown.table_lines([f"Table {_SEARCHED}: {title}", "mean IoU"], rows)


def main(argv: Sequence[str]) -> None:
  """Prints the tables."""
  if len(argv) > 1:
    raise app.UsageError(f"Unexpected arguments {argv[1:]}.")
  folder = config_files.shipped_dir()
  for lines in (settings_table(folder), ["", *constants_table(folder)]):
    print("\n".join(lines))


if __name__ == "__main__":
  app.run(main)
