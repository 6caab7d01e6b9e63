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

"""A queue of rows of several suites: worked off in order, each run recorded."""

from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import functools
import pathlib
from typing import Any

from deeplab_ssl.common import suggestions
from deeplab_ssl.reproduction import execution
from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import records
from deeplab_ssl.reproduction import reproduction
from deeplab_ssl.reproduction import suites
from deeplab_ssl.reproduction import tables

_FOLDER = "queues"


@dataclasses.dataclass(frozen=True)
class Entry:
  """Rows of one suite.

  Attributes:
    suite: its name.
    rows: names or patterns of its own rows; all if there are none.
    seeds: seeds instead of those of the suite.
  """

  suite: str
  rows: tuple[str, ...] = ()
  seeds: tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True)
class Part(plan.Part):
  """An entry with its runs."""

  @property
  def runs(self) -> list[tuple[tables.Row, plan.Run]]:
    """The runs with their rows, all rows of a seed before those of the next.

    So an interrupted queue leaves pairs that can be compared.
    """
    seeds = [run.seed for run in self.planned[0].runs]
    return [
      (p.row, run)
      for seed in seeds
      for p in self.planned
      for run in p.runs
      if run.seed == seed
    ]


def load(name: str, configs_dir: str) -> list[Entry]:
  """Reads a queue.

  Args:
    name: of a file in the folder `queues` of the configurations, or the path
      of a YAML file: a list of entries, {suite, rows, seeds}.
    configs_dir: the folder of the configurations.

  Returns:
    The entries in their order.

  Raises:
    ValueError: if there is no such queue, or an entry is wrong.
  """
  folder = pathlib.Path(configs_dir, _FOLDER)
  path = pathlib.Path(name)
  if not path.is_file():
    path = folder / f"{name}.yaml"
  if not path.is_file():
    known = sorted(p.stem for p in folder.glob("*.yaml"))
    raise ValueError(
      f"There is no queue {name!r}: neither a file nor one of {folder}."
      f"{suggestions.did_you_mean(name, known)}"
    )
  entries = tables.read(path)
  if not isinstance(entries, list) or not entries:
    raise ValueError(f"{path} must be a list of entries. Received: {entries!r}")
  return [
    tables.build(Entry, entry, f"{path}, entry {number}")
    for number, entry in enumerate(entries, 1)
  ]


def plan_entry(
  entry: Entry,
  places: plan.Places,
  overrides: Mapping[str, Any] | None = None,
) -> Part:
  """Plans an entry.

  Args:
    entry: the entry.
    places: folders.
    overrides: {key: value} that win over everything.

  Raises:
    ValueError: if there is no such suite or row, or the suite has no rows of
      its own.
  """
  suite = suites.load_suite(entry.suite, places.configs_dir)
  if not suite.rows:
    raise ValueError(
      f"The suite {suite.name!r} has no rows of its own; it runs those of the "
      "paper's tables: give --table."
    )
  where = f"the suite {suite.name!r}"
  rows = tables.select_rows(suite.rows, entry.rows, where)
  planned = plan.plan_rows(
    rows, suite, places, seeds=entry.seeds, overrides=overrides
  )
  return Part(f"{suite.title}: {suite.model}", suite, tuple(planned))


def work_off(
  parts: Sequence[Part], places: plan.Places, results_dir: str
) -> list[str]:
  """Runs what is missing, in order, and records each run when it is finished.

  Args:
    parts: what is to be run; all of it is checked before the first run.
    places: folders.
    results_dir: gets SUITE.json, see `records`; runs that it holds and that are
      not planned here stay in it.

  Returns:
    The errors of the runs that failed; the others were run.

  Raises:
    FileNotFoundError: if data or checkpoints are missing.
    ValueError: if a directory holds another training, or a record another run.
  """
  reproduction.check_ready(parts, places)
  for part in parts:
    path = records.path_of(results_dir, part.suite)
    records.check(path, part.suite, part.planned)
  reproduction.make_scenes(parts, places)
  return reproduction.run_all(
    [
      reproduction.Job(
        f"{part.suite.name}: {row.name}, seed {run.seed}",
        run,
        functools.partial(_record, results_dir, part.suite, row, run),
      )
      for part in parts
      for row, run in part.runs
    ]
  )


def _record(results_dir, suite, row, run):
  path = records.path_of(results_dir, suite)
  if execution.finished(run) and records.add(path, suite, row, run):
    print(f"  replaces other scores in {path}", flush=True)
