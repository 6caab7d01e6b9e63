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

"""Records of finished runs: what they keep, and what is not written over."""

import json
import pathlib

import pytest

from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import records
from deeplab_ssl.reproduction import suites
from tests.reproduction import stand_ins


@pytest.fixture
def tuned(tmp_path):
  """A suite with its planned rows: the start, ce and ssl."""
  places = stand_ins.tuned_suite(tmp_path)
  suite = suites.load_suite("tuned", tmp_path)
  return suite, plan.plan_rows(suite.rows, suite, places)


@pytest.fixture
def path(tmp_path):
  return tmp_path / "results" / "tuned.json"


def _finish(run, mean_iou, curve):
  pathlib.Path(run.directory).mkdir(parents=True, exist_ok=True)
  stand_ins.score(run, mean_iou, curve)
  stand_ins.log(
    run, hard_fraction=[(5, 0.5), (10, 0.25), (15, 0.125), (20, 0.0625)]
  )


def test_a_curve_begins_with_its_start_and_has_the_log_beside_it(tuned, path):
  suite, (start, _, ssl) = tuned
  _finish(start.runs[0], 0.25, [(20, 0.125), (40, 0.25)])
  # The training was interrupted at step 13.
  _finish(ssl.runs[0], 0.5, [(10, 0.375), (13, 0.4), (20, 0.5)])
  assert not records.add(path, suite, ssl.row, ssl.runs[0])
  content = json.loads(path.read_text())
  assert content["suite"] == "tuned"
  assert content["title"] == "What is it worth?"
  row = content["rows"]["tuning/ssl"]
  assert row["method"] == "SSL"
  assert row["overrides"] == {"task.losses.type": "ssl"}
  run = row["runs"]["seed 1"]
  assert run["mean_iou"] == 0.5
  assert run["curve"]["step"] == [0, 10, 20]
  assert run["curve"]["mean_iou"] == [0.25, 0.375, 0.5]
  # Means over the steps up to 10, and from there up to 20.
  assert run["logged"] == {"hard_fraction": [0.375, 0.09375]}
  assert run["hard_fraction"] == {"first": 0.5, "last": 0.0625}
  assert run["steps"] == 20
  assert "--curve" in run["commands"][2]
  assert 'mean_iou": [0.25, 0.375, 0.5]' in path.read_text()


def test_runs_of_others_stay_and_rows_have_the_order_of_the_suite(tuned, path):
  suite, (start, ce, ssl) = tuned
  for planned in (ssl, start, ce):
    for run in reversed(planned.runs):
      _finish(run, 0.5, [(10, 0.5), (20, 0.5)])
      records.add(path, suite, planned.row, run)
  rows = records.read(path)["rows"]
  assert list(rows) == ["tuning/start", "tuning/ce", "tuning/ssl"]
  assert all(list(r["runs"]) == ["seed 1", "seed 2"] for r in rows.values())


def test_other_scores_of_the_same_run_are_told(tuned, path):
  suite, (_, ce, _) = tuned
  run = ce.runs[0]
  _finish(run, 0.5, [(10, 0.25), (20, 0.5)])
  assert not records.add(path, suite, ce.row, run)
  assert not records.add(path, suite, ce.row, run)
  _finish(run, 0.5, [(10, 0.125), (20, 0.5)])
  assert records.add(path, suite, ce.row, run)


def test_a_fingerprint_tells_trainings_apart_and_no_places(tuned, tmp_path):
  suite, (start, ce, ssl) = tuned
  prints = [records.fingerprint(p.runs[0]) for p in (start, ce, ssl)]
  prints.append(records.fingerprint(ce.runs[1]))
  assert len(set(prints)) == 4
  places = plan.Places("elsewhere", str(tmp_path))
  moved = plan.plan_rows(suite.rows, suite, places)
  assert [records.fingerprint(p.runs[0]) for p in moved] == prints[:3]


def test_files_of_something_else_are_not_replaced(tuned, path):
  suite, planned = tuned
  path.parent.mkdir()
  for text in ('{"ce": {"seed 1": {"mean_iou": 0.5}}}', "[]", "{"):
    path.write_text(text)
    with pytest.raises(ValueError, match="is not the record of a suite.*Move"):
      records.check(path, suite, planned)
  path.write_text('{"rows": {"ce": {"runs": {"seed 1": {"mean_iou": 1}}}}}')
  with pytest.raises(ValueError, match="without a recipe"):
    records.check(path, suite, planned)
