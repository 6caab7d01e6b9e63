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

"""Tables are checked, run and written together; commands are stand-ins."""

import json
import pathlib
import re

import pytest

from deeplab_ssl.reproduction import execution
from deeplab_ssl.reproduction import pages
from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import reproduction
from deeplab_ssl.reproduction import suites
from deeplab_ssl.reproduction import tables
from tests.reproduction import stand_ins


@pytest.fixture
def place(tmp_path):
  return plan.Places(str(tmp_path), stand_ins.CONFIGS)


@pytest.fixture(autouse=True)
def no_scenes(monkeypatch):
  monkeypatch.setattr(reproduction, "make_scenes", lambda parts, places: None)


@pytest.fixture
def trained(monkeypatch):
  """Lets runs be scored at once; returns their names and the pages then."""
  calls = []

  def execute(run, say=print):
    folder = pathlib.Path(run.directory)
    written = sorted(path.stem for path in folder.parents[1].glob("*.md"))
    calls.append((folder.parent.name, written))
    if folder.parent.name == "bce":
      raise execution.CommandError("no memory")
    stand_ins.score(run, 0.5)

  monkeypatch.setattr(execution, "execute", execute)
  return calls


def _pages(place, numbers, *patterns, suite="demo"):
  suite = suites.load_suite(suite, place.configs_dir)
  return pages.plan_pages(numbers, suite, place, patterns=patterns, seeds=[1])


def test_a_run_of_several_tables_is_run_once_and_written_to_each(
  place, trained
):
  found = _pages(place, (3, 2, 4), "ssl_3", "ssl_3_beta_0.06")
  assert pages.work_off(found, place) == []
  assert trained == [
    ("ssl_3_beta_0.06", []),
    ("ssl_3", ["table3"]),
  ]
  for page, rows in zip(found, (2, 1, 1), strict=True):
    path = pathlib.Path(pages.path_of(page, place))
    assert path.read_text().count(" | 50.00 | ") == rows
    assert len(json.loads(path.with_suffix(".json").read_text())) == rows


def test_a_run_that_fails_is_told_with_its_tables_and_stops_none(
  place, trained, capsys
):
  found = _pages(place, (2, 6), "ce", "bce", "ssl_9")
  errors = pages.work_off(found, place)
  assert errors == ["Tables 2, 6: voc2012_v3/bce, seed 1: no memory"]
  assert errors[0] in capsys.readouterr().out
  assert [name for name, _ in trained] == ["ce", "bce", "ssl_9"]
  assert trained[-1][1] == ["table2", "table6"]


def test_pages_are_written_when_it_is_interrupted(place, monkeypatch):
  def execute(run, say=print):
    raise KeyboardInterrupt

  monkeypatch.setattr(execution, "execute", execute)
  found = _pages(place, (4, 6))
  with pytest.raises(KeyboardInterrupt):
    pages.work_off(found, place)
  written = pathlib.Path(place.model_dir, "demo").glob("table*")
  assert sorted(path.name for path in written) == [
    f"table{number}.{kind}" for number in (4, 6) for kind in ("json", "md")
  ]


def test_the_faults_of_all_tables_are_told_at_once(place, trained):
  found = _pages(place, tables.TABLES, suite="paper")
  run = found[3].planned[0].runs[0]
  stand_ins.checkpoint(run, 9, "{task: {losses: {type: ssl}}}")
  with pytest.raises(FileNotFoundError) as caught:
    pages.work_off(found, place)
  head, *faults = str(caught.value).splitlines()
  assert head == "The suite 'paper' cannot run yet:"
  assert len(set(faults)) == len(faults)
  for named in (
    "data/voc2012/trainaug-",
    "data/cityscapes/train-",
    "checkpoints/resnet_v1_101_beta.",
    "checkpoints/xception_65.",
    f"- {run.directory} holds a training with ",
  ):
    assert sum(named in fault for fault in faults) == 1
  assert not trained
  assert not list(pathlib.Path(place.model_dir, "paper").glob("table*"))


def test_another_training_is_told_where_nothing_is_missing(place, trained):
  found = _pages(place, (2, 3), "ssl_3", "ce")
  for page in found:
    for p in page.planned:
      stand_ins.checkpoint(p.runs[0], 9, "{task: {losses: {type: bce}}}")
  with pytest.raises(ValueError, match="/ce/seed1 holds.*\n.*/ssl_3/seed1 ho"):
    pages.work_off(found, place)
  assert not trained


def test_tables_without_a_named_row_are_left_out(place):
  def numbers(*patterns):
    found = _pages(place, tables.TABLES, *patterns)
    return [page.table.number for page in found]

  assert numbers() == [1, 2, 3, 4, 5, 6]
  assert numbers("ssl_9") == [2, 6]
  assert numbers("*_only", "cityscapes_v3/*") == [3, 4, 6]
  # Here and there there is one.
  with pytest.raises(
    ValueError, match="'ssl_8' names no row of Tables 1, 2, 3, 4, 5, 6. There"
  ) as caught:
    numbers("ssl_9", "ssl_8")
  names = re.sub(".* There are ", "", str(caught.value))[:-1].split(", ")
  assert len(names) == len(set(names)) == 51
  with pytest.raises(ValueError, match="'ssl_9' names no row of Table 3. "):
    _pages(place, (3,), "ssl_9")


def test_rows_with_a_crf_can_be_left_out(place):
  # As docs/reproduce.md has it for those who have no pydensecrf.
  patterns = ["*v3/*", "*v3plus/*", "*321/ce", "*321/[!c]*"]
  found = _pages(place, tables.TABLES, *patterns, suite="paper")
  rows = [p.row for page in found for p in page.planned]
  assert len({row.name for row in rows}) == 47
  assert not any(row.evaluation for row in rows)


def test_a_table_is_planned_as_it_would_be_alone(place):
  together = _pages(place, (5, 2), "ce*")
  for page, number in zip(together, (5, 2), strict=True):
    assert [page] == _pages(place, (number,), "ce*")


def test_one_name_for_different_runs_is_refused(tmp_path):
  folder = tmp_path / "tables"
  folder.mkdir()
  (tmp_path / "suites").symlink_to(f"{stand_ins.CONFIGS}/suites")
  for number, loss in ((1, "ce"), (2, "bce")):
    (folder / f"table{number}.yaml").write_text(
      "title: t\ndataset: digits\nrows:\n- {run: a, setting: b, model: c, "
      f"method: d, overrides: {{task.losses.type: {loss}}}}}\n"
    )
  place = plan.Places("runs", str(tmp_path))
  with pytest.raises(ValueError, match="Tables 1, 2 mean different runs by b/"):
    _pages(place, (1, 2))


def test_a_failed_command_is_told_with_its_log_and_the_others_run(
  place, monkeypatch
):
  found = _pages(place, (2,), "ce", "bce")

  def command(training):
    if "/ce/" in training.directory:
      return ["-c", "import sys; print('ETA 5'); sys.exit('no memory')"]
    state = pathlib.Path(training.directory, "checkpoint")
    text = 'model_checkpoint_path: "ckpt-700"\n'
    program = f"open({str(state)!r}, 'w').write({text!r}); print('trained')"
    return ["-c", program]

  monkeypatch.setattr(plan.Training, "command", property(command))
  monkeypatch.setattr(
    plan.Run, "evaluation_command", property(lambda self: ["-c", "pass"])
  )
  (error,) = pages.work_off(found, place)
  assert "no memory" in error
  assert "Table 2: voc2012_v3/ce, seed 1" in error
  log = pathlib.Path(found[0].planned[1].runs[0].directory, "train.log")
  assert "trained" in log.read_text()
