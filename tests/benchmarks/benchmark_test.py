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
import sys

from absl import app
from absl import flags
from absl.testing import flagsaver
import pytest

from benchmarks import aims
from benchmarks import benchmark
from benchmarks import measurement

_CONDITIONS = {"machine": {"cores": 2}, "quick": False, "original": True}


def test_parts_without_figures_are_measured():
  done = {"parts": {"steps": {}, "losses": {}}}
  left = benchmark.missing_parts(done, None)
  assert left == [name for name in aims.PARTS if name not in done["parts"]]


def test_parts_that_are_named_are_measured_again_in_their_order():
  done = {"parts": {"steps": {}}}
  assert benchmark.missing_parts(done, ["input", "steps"]) == ["steps", "input"]


def test_unknown_parts_are_refused():
  with pytest.raises(ValueError, match=r"limits, .*Received: speed\."):
    benchmark.missing_parts({"parts": {}}, ["speed"])


def test_a_run_goes_on_with_its_file(tmp_path):
  path = tmp_path / "figures.json"
  assert benchmark.resumed(path, _CONDITIONS) == _CONDITIONS | {"parts": {}}
  begun = _CONDITIONS | {"parts": {"steps": {"rows": []}}}
  path.write_text(json.dumps(begun))
  assert benchmark.resumed(path, _CONDITIONS) == begun


@pytest.mark.parametrize(
  "key, value",
  [("machine", {"cores": 3}), ("quick", True), ("original", False)],
)
def test_figures_of_other_conditions_are_not_mixed(tmp_path, key, value):
  path = tmp_path / "figures.json"
  path.write_text(json.dumps(_CONDITIONS | {"parts": {}}))
  with pytest.raises(ValueError, match=f"figures.json was measured with {key}"):
    benchmark.resumed(path, _CONDITIONS | {key: value})


@pytest.fixture
def command(tmp_path, monkeypatch):
  """Runs the command; its parts give made-up rows, but for those that fail."""
  if not flags.FLAGS.is_parsed():
    flags.FLAGS(sys.argv[:1])
  measured = []

  def run(failing=(), **options):
    def measure(name):
      measured.append(name)
      rows = [measurement.row("row", {"ours": [1.0], "other": [2.0]})]
      part = {"seconds": 1.0, "load": 0.0, "rows": rows}
      return None if name in failing else part

    monkeypatch.setattr(benchmark, "_measure", measure)
    measured.clear()
    output = str(tmp_path / "figures.json")
    with flagsaver.flagsaver(output=output, **options):
      benchmark.main([""])
    return list(measured)

  return run


def test_all_parts_are_measured_once(command, tmp_path, capsys):
  assert command() == list(aims.PARTS)
  page = (tmp_path / "figures.md").read_text()
  assert page.startswith("# Performance\n") and "## Losses" in page
  assert command() == []
  assert "All figures are in" in capsys.readouterr().out


def test_a_part_that_failed_is_measured_by_the_next_call(command):
  with pytest.raises(SystemExit, match="failed, see above: losses"):
    command(failing=["losses"])
  assert command() == ["losses"]


def test_a_folder_that_is_not_the_original_is_refused(command, tmp_path):
  with pytest.raises(app.UsageError, match="has no model.py"):
    command(original=str(tmp_path))
