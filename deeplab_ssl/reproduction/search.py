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

"""The same small search for several rows, such as of their learning rates.

A loss whose scale differs must not win or lose by that. Each row is trained
with each value of a key; the value with the best mean over the seeds on one
split is chosen, and its scores on another split are reported.
"""

from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import statistics
from typing import Any

from deeplab_ssl.reproduction import tables

_KEPT = "trainer.max_to_keep"


@dataclasses.dataclass(frozen=True)
class Search:
  """What is tried, on which splits.

  Attributes:
    rows: names of the rows that are searched for.
    key: configuration key.
    values: its values; that of the setting may be among them and is not trained
      again.
    choose_on: split on which the value is chosen.
    report_on: split on which it is reported.

  Raises:
    ValueError: if there is nothing to choose from, or both splits are one.
  """

  rows: tuple[str, ...]
  key: str
  values: tuple[Any, ...]
  choose_on: str
  report_on: str

  def __post_init__(self):
    if len(set(self.values)) < max(2, len(self.values)):
      raise ValueError(
        f"A search needs two or more different values. Received: {self.values}."
      )
    if self.choose_on == self.report_on:
      raise ValueError(
        "A search must report on another split than it chooses on. Received: "
        f"{self.choose_on!r} for both."
      )


def run_of(search: Search, run: str, value: Any, given: Any) -> str:
  """Returns the name of the training of a row with a value.

  Args:
    search: the search.
    run: the name of the row.
    value: the value.
    given: the value that the row has without a search.
  """
  leaf = search.key.rpartition(".")[2]
  return run if value == given else f"{run}_{leaf}_{value:g}"


def expand(search: Search, row: tables.Row, given: Any) -> list[tables.Row]:
  """Returns the rows of a search for one row: each value on both splits.

  Args:
    search: the search.
    row: the row.
    given: the value that it has without a search.
  """
  found = []
  for value in search.values:
    run = run_of(search, row.run, value, given)
    tried = row
    if value != given:
      tried = dataclasses.replace(
        row,
        run=run,
        method=f"{row.method}, {value:g}",
        # Of its checkpoints, the last is evaluated alone.
        overrides={**row.overrides, search.key: value, _KEPT: 1},
        curve=False,
      )
    found += [
      dataclasses.replace(tried, evaluation={**row.evaluation, "split": split})
      for split in (search.choose_on, search.report_on)
    ]
  return found


def choose(
  tried: Mapping[Any, Mapping[str, float]], seeds: Sequence[str]
) -> Any:
  """Returns the value with the best mean score, the first of equal ones.

  Args:
    tried: {value: {seed: score on the split of the choice}}.
    seeds: the seeds that all of them have.

  Raises:
    ValueError: if there is no seed, or a value lacks one.
  """
  if not seeds:
    raise ValueError("A choice needs a seed with a score of every value.")
  lacking = [v for v, scores in tried.items() if not set(seeds) <= set(scores)]
  if lacking:
    raise ValueError(f"The values {lacking} lack scores of some of {seeds}.")
  return max(
    tried, key=lambda value: statistics.mean(tried[value][s] for s in seeds)
  )
