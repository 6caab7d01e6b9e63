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

"""What is measured, and how an interrupted run goes on."""

import json

import pytest

from benchmarks import aims
from benchmarks import resumption

_CONDITIONS = {"machine": {"cores": 2}, "quick": False, "original": True}


def test_parts_without_figures_are_measured():
  done = {"parts": {"steps": {}, "losses": {}}}
  left = resumption.missing_parts(done, None)
  assert left == [name for name in aims.PARTS if name not in done["parts"]]


def test_parts_that_are_named_are_measured_again_in_their_order():
  done = {"parts": {"steps": {}}}
  assert resumption.missing_parts(done, ["input", "steps"]) == [
    "steps",
    "input",
  ]


def test_unknown_parts_are_refused():
  with pytest.raises(ValueError, match=r"limits, .*Received: speed\."):
    resumption.missing_parts({"parts": {}}, ["speed"])


def test_a_run_goes_on_with_its_file(tmp_path):
  path = tmp_path / "figures.json"
  assert resumption.resumed(path, _CONDITIONS) == _CONDITIONS | {"parts": {}}
  begun = _CONDITIONS | {"parts": {"steps": {"rows": []}}}
  path.write_text(json.dumps(begun))
  assert resumption.resumed(path, _CONDITIONS) == begun


@pytest.mark.parametrize(
  "key, value",
  [("machine", {"cores": 3}), ("quick", True), ("original", False)],
)
def test_figures_of_other_conditions_are_not_mixed(tmp_path, key, value):
  path = tmp_path / "figures.json"
  path.write_text(json.dumps(_CONDITIONS | {"parts": {}}))
  with pytest.raises(ValueError, match=f"figures.json was measured with {key}"):
    resumption.resumed(path, _CONDITIONS | {key: value})


def _measure(name):
  return {"rows": [name]}


def test_a_part_that_failed_is_measured_by_the_next_call(tmp_path):
  path = tmp_path / "figures.json"
  results = resumption.resumed(path, _CONDITIONS)
  wanted = resumption.missing_parts(results, None)
  failed = resumption.measure_parts(
    wanted,
    results,
    path,
    lambda name: None if name == "losses" else _measure(name),
  )
  assert failed == ["losses"]
  results = resumption.resumed(path, _CONDITIONS)
  wanted = resumption.missing_parts(results, None)
  assert wanted == ["losses"]
  assert resumption.measure_parts(wanted, results, path, _measure) == []
  results = resumption.resumed(path, _CONDITIONS)
  assert set(results["parts"]) == set(aims.PARTS)
  assert resumption.missing_parts(results, None) == []


def test_a_run_that_is_interrupted_keeps_what_it_has(tmp_path):
  path = tmp_path / "figures.json"

  def interrupted(name):
    if name == "steps":
      raise KeyboardInterrupt
    return _measure(name)

  results = resumption.resumed(path, _CONDITIONS)
  with pytest.raises(KeyboardInterrupt):
    resumption.measure_parts(["limits", "steps"], results, path, interrupted)
  results = resumption.resumed(path, _CONDITIONS)
  assert results["parts"] == {"limits": _measure("limits")}
