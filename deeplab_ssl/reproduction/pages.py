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

"""Tables of the paper that are run together, and the page of each."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import os
import pathlib
from typing import Any

from deeplab_ssl.common import atomic_files
from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import reproduction
from deeplab_ssl.reproduction import results
from deeplab_ssl.reproduction import suites
from deeplab_ssl.reproduction import tables
from deeplab_ssl.reproduction import turns


@dataclasses.dataclass(frozen=True)
class Page(plan.Part):
  """A table of which rows are run.

  Attributes:
    table: the table.
    shown: the rows that are written, whether they are run now or were before.
  """

  table: tables.Table
  shown: tuple[plan.PlannedRow, ...]


def label(numbers: Iterable[int]) -> str:
  """Returns what tables are called: "Table 2" or "Tables 1, 3"."""
  texts = [str(number) for number in numbers]
  return f"Table{'s'[: len(texts) - 1]} {', '.join(texts)}"


def plan_pages(
  numbers: Sequence[int],
  suite: suites.Suite,
  places: plan.Places,
  *,
  patterns: Sequence[str] = (),
  seeds: Sequence[int] = (),
  overrides: Mapping[str, Any] | None = None,
) -> list[Page]:
  """Plans rows of tables.

  Args:
    numbers: of the tables.
    suite: how they are run.
    places: folders.
    patterns: names or patterns of rows; each must name a row of one of the
      tables. All rows if there are none.
    seeds: seeds instead of those of the suite.
    overrides: {key: value} that win over everything.

  Returns:
    The tables in order, without those of which no row is named.

  Raises:
    ValueError: if a pattern names no row, or tables mean different runs by one
      name.
  """
  found = [tables.load_table(number, places.configs_dir) for number in numbers]
  every = [row for table in found for row in table.rows]
  chosen = {id(r) for r in tables.select_rows(every, patterns, label(numbers))}

  def planned(rows, seeds):
    return tuple(
      plan.plan_rows(rows, suite, places, seeds=seeds, overrides=overrides)
    )

  pages = []
  for table in found:
    rows = [row for row in table.rows if id(row) in chosen]
    if rows:
      pages.append(
        Page(
          f"Table {table.number}: {table.title}",
          suite,
          planned(rows, seeds),
          table,
          planned(table.rows, sorted({*suite.seeds, *seeds})),
        )
      )
  for uses in _uses(pages):
    _check_one_run(uses)
  return pages


def _uses(pages):
  """Returns the (page, row, run) of each run, whichever tables have it."""
  found = {}
  for page in pages:
    for p in page.planned:
      for run in p.runs:
        found.setdefault(run.scores, []).append((page, p.row, run))
  return list(found.values())


def _check_one_run(uses):
  (first, row, run), *more = uses
  for page, _, other in more:
    if other != run:
      raise ValueError(
        f"{label([first.table.number, page.table.number])} mean different runs "
        f"by {row.name}: give one of them another name."
      )


def work_off(pages: Sequence[Page], places: plan.Places) -> list[str]:
  """Runs what is missing of tables and writes them.

  A run that several tables have is run once, and one that fails does not keep
  the others from running.

  Args:
    pages: the tables; all of them are checked before the first run.
    places: folders; SUITE/tableN.md and SUITE/tableN.json are written.

  Returns:
    The errors of the runs that failed.

  Raises:
    FileNotFoundError: if data or checkpoints are missing.
    ValueError: if a directory holds another training.
  """
  reproduction.check_ready(pages, places)
  reproduction.make_scenes(pages, places)
  try:
    return reproduction.run_all([_job(uses, places) for uses in _uses(pages)])
  finally:
    for page in pages:
      _write(page, places)
      # Once, for it reads the training logs of all runs.
      _write_scores(page, places)


def _job(uses, places):
  (_, row, run), *_ = uses
  pages = {page.table.number: page for page, _, _ in uses}

  def write():
    for page in pages.values():
      _write(page, places)

  name = f"{label(pages)}: {row.name}, seed {run.seed}"
  return reproduction.Job(name, run, write)


def _write(page, places):
  """Writes a table as it stands."""
  path = path_of(page, places)
  with turns.taken(os.path.dirname(path), wait=True):
    text = results.render(page.table, page.suite, page.shown)
    atomic_files.write(path, text.encode("utf-8"))


def _write_scores(page, places):
  """Writes the scores of the finished runs beside a table."""
  path = pathlib.Path(path_of(page, places)).with_suffix(".json")
  with turns.taken(str(path.parent), wait=True):
    scores = results.export(page.suite, page.shown)
    atomic_files.write_json(path, scores, indent=1)


def path_of(page: Page, places: plan.Places) -> str:
  """Returns where `work_off` writes a table."""
  name = f"table{page.table.number}.md"
  return os.path.join(places.model_dir, page.suite.name, name)
