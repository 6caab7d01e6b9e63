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

"""Recorded runs are read, compared within their setting and searched."""

import json

import pytest

from benchmarks import record_figures
from benchmarks import suite_record
from benchmarks import suite_table


def _run(mean_iou, curve=(), logged=None):
  run = {
    "mean_iou": mean_iou,
    "mean_boundary_iou": mean_iou / 2,
    "trimap_mean_iou": {"1": mean_iou / 4},
    "iou": {"a": mean_iou, "b": None},
  }
  if curve:
    run["curve"] = {
      "step": [step for step, _ in curve],
      "mean_iou": [value for _, value in curve],
      "trimap_mean_iou": {"1": [value / 4 for _, value in curve]},
    }
  return run | ({"logged": logged} if logged else {})


def _row(method, *runs):
  return {
    "method": method,
    "overrides": {},
    "runs": {f"seed {i}": run for i, run in enumerate(runs, 1)},
  }


@pytest.fixture
def content():
  return {
    "suite": "s",
    "rows": {
      "from_a/start_a": _row("start", _run(0.1, [(100, 0.1)])),
      "from_a/ce": _row(
        "CE",
        _run(0.5, [(0, 0.25), (10, 0.5)]),
        _run(0.25, [(0, 0.125), (10, 0.25)]),
      ),
      "from_a/ssl": _row(
        "SSL",
        _run(0.75, [(0, 0.25), (10, 0.75)], {"hard_fraction": [0.5]}),
        _run(0.5, [(0, 0.375), (10, 0.5)], {"hard_fraction": [0.25]}),
      ),
      "from_b/ce": _row("CE", _run(0.625)),
    },
  }


def test_settings_have_their_methods_and_labels(content):
  found = suite_record.settings(content)
  assert {name: list(methods) for name, methods in found.items()} == {
    "from_a": ["start_a", "ce", "ssl"],
    "from_b": ["ce"],
  }
  assert suite_record.label_of(content, "from_a", "ssl") == "SSL"
  old = {"ce": {"seed 1": _run(0.5)}}
  assert suite_record.settings(old) == {"": old}
  assert suite_record.label_of(old, "", "ce") == "ce"


def test_scores_are_in_percent(content):
  run = content["rows"]["from_a/ce"]["runs"]["seed 1"]
  assert suite_record.score(run, "mean_iou") == 50
  assert suite_record.score(run, "mean_boundary_iou") == 25
  assert suite_record.score(run, "trimap_1") == 12.5
  for name in ("mean_uio", "trimap_3"):
    with pytest.raises(ValueError, match=f"no score '{name}'.*trimap_1"):
      suite_record.score(run, name)


def test_curves_are_read_with_their_steps(content):
  run = content["rows"]["from_a/ssl"]["runs"]["seed 1"]
  assert suite_record.curve(run, "mean_iou") == {0: 25, 10: 75}
  assert suite_record.curve(run, "trimap_1") == {0: 6.25, 10: 18.75}
  assert suite_record.logged(run, "hard_fraction") == {10: 0.5}
  assert suite_record.logged(run, "other") == {}
  assert suite_record.curve(_run(0.5), "mean_iou") == {}


def test_bands_reach_from_the_least_to_the_greatest(content):
  methods = record_figures.select(content, "from_a", [])
  assert list(methods) == ["CE", "SSL"]
  band = record_figures.bands(
    methods, lambda run: suite_record.curve(run, "mean_iou")
  )["SSL"]
  assert band == ([0, 10], [31.25, 62.5], [25, 50], [37.5, 75])


def test_differences_are_paired_by_seed(content):
  methods = record_figures.select(content, "from_a", ["ce", "ssl"])
  (row,) = record_figures.forest(methods, methods["CE"], "mean_iou")
  # 25 and 25 points; Student's interval has no width.
  assert row == ("SSL", 25.0, 0.0, 2, None)
  bands = record_figures.difference_bands(
    methods, methods["CE"], lambda run: suite_record.curve(run, "mean_iou")
  )
  half = 12.706 * 12.5
  steps, means, low, high = bands["SSL"]
  assert (steps, means) == ([0, 10], [12.5, 25.0])
  assert low == pytest.approx([12.5 - half, 25])
  assert high == pytest.approx([12.5 + half, 25])
  assert list(bands) == ["SSL"]


def test_rows_of_several_suites_have_their_titles(content):
  methods = record_figures.select(content, "from_a", ["ce", "ssl"])
  rows = record_figures.forest(methods, methods["CE"], "mean_iou")
  (row,) = record_figures.titled(rows, "Scenes")
  # The colour is that of the method.
  assert row == ("Scenes: SSL", 25.0, 0.0, 2, "SSL")
  assert record_figures.titled(rows, "") == rows


def test_one_seed_has_no_interval(content):
  methods = record_figures.select(content, "from_b", ["ce"])
  others = content["rows"]["from_a/ssl"]["runs"]
  (row,) = record_figures.forest(methods, others, "mean_iou")
  assert row.mean == -12.5
  assert row.half != row.half
  with pytest.raises(ValueError, match="no seed that both"):
    suite_record.differences({"seed 1": 1.0}, {"seed 2": 1.0})


def test_what_is_not_there_is_named(content):
  with pytest.raises(ValueError, match="no setting 'x', only 'from_a', 'from"):
    record_figures.select(content, "x", [])
  with pytest.raises(ValueError, match="called 'bce'. There are start_a, ce"):
    record_figures.select(content, "from_a", ["ce", "bce"])


def test_each_setting_has_its_tables(content):
  text = suite_table.all_tables(content, ["ce"])
  first, second = text.split("## from_b")
  assert "## from_a" in first
  assert "| SSL | 75.00, 50.00 | 62.50 ± 17.68 | +25.00 ± 0.00 |  |" in first
  assert "| CE | 62.50 | 62.50 |  |  |" in second
  assert "| SSL | 31.25 ± 8.84 | +12.50 ± 0.00 | 15.62 |" in first
  assert "| b | n/a | n/a | n/a |" in first
  # Half a suite has half of the baselines.
  assert suite_table.all_tables(content) == text
  with pytest.raises(ValueError, match="no method 'rmi', only"):
    suite_table.all_tables(content, ["rmi"])


def test_tables_may_be_picked(content):
  text = suite_table.all_tables(
    content, ["ce"], "from_a", ["s*l"], ["scores", "classes"]
  )
  # The baseline needs no row, and one setting no heading.
  assert text.splitlines() == [
    "|  | mean IoU per seed | mean ± std | minus CE | hard, % |",
    "| --- | --- | --- | --- | --- |",
    "| SSL | 75.00, 50.00 | 62.50 ± 17.68 | +25.00 ± 0.00 |  |",
    "",
    "| class | SSL |",
    "| --- | --- |",
    "| a | 62.50 |",
    "| b | n/a |",
  ]


def test_tables_with_a_column_for_each_pair_are_made_by_name(content):
  text = suite_table.all_tables(content, ["ce"], "from_a")
  named = suite_table.all_tables(
    content, ["ce"], "from_a", ["ssl"], ["class_differences", "curves"]
  )
  assert named.splitlines() == [
    "| class | SSL minus CE |",
    "| --- | --- |",
    "| a | +25.00 ± 0.00 |",
    "| b | n/a |",
    "",
    "| step | SSL | SSL minus CE |",
    "| --- | --- | --- |",
    # Of the pairs 0 and 25.
    "| 0 | 31.25 | +12.50 ± 158.82 |",
    "| 10 | 62.50 | +25.00 ± 0.00 |",
  ]
  assert "SSL minus CE" not in text
  # This record has the Boundary IoU of the last step alone.
  kinds = ["boundary_curves"]
  assert not suite_table.all_tables(content, ["ce"], "from_a", None, kinds)


def test_recall_and_precision_are_those_of_the_counts(content):
  # Two of three pixels are found, and two more are taken for the class.
  found = {"iou": {"a": 2 / 5, "b": 0.0}, "accuracy": {"a": 2 / 3, "b": 0.0}}
  for run in content["rows"]["from_a/ssl"]["runs"].values():
    run.update(found)
  text = suite_table.all_tables(content, [], "from_a", None, ["precision"])
  # The others were recorded without recall.
  assert text.splitlines() == [
    "| class | SSL |",
    "| --- | --- |",
    "| a | 66.67 / 50.00 |",
    "| b | 0.00 / n/a |",
  ]
  assert not suite_table.all_tables(content, [], "from_b", None, ["precision"])


def test_the_log_has_the_first_and_the_last_tenth(content):
  for row in ("ce", "ssl"):
    for run in content["rows"][f"from_a/{row}"]["runs"].values():
      points = run["curve"]
      points["step"].append(20)
      points["mean_iou"].append(0.5)
      run["logged"] = {"error_mean": [0.5, 0.25], "training_loss": [2, 1]}
  runs = content["rows"]["from_a/ssl"]["runs"]
  runs["seed 1"]["logged"]["hard_fraction"] = [0.5, 0.25]
  runs["seed 2"]["logged"]["hard_fraction"] = [0.25, 0.125]
  # Logged by a later version alone.
  runs["seed 2"]["logged"]["gradient_cosine"] = [0.5, 0.75]
  text = suite_table.all_tables(content, [], "from_a", None, ["log"])
  # Two classes; no other loss has hard samples, and none its gradients.
  assert text.splitlines()[2:] == [
    "| SSL | 37.50 → 18.75 | 0.75 → 0.38 | 0.500 → 0.250"
    " |  |  | 0.50 → 0.75 |  |"
  ]
  assert not suite_table.all_tables(content, [], "from_b", None, ["log"])


@pytest.mark.parametrize(
  "picked, message",
  [
    ({"setting": "from_c"}, "no setting 'from_c', only .*from_a"),
    ({"patterns": ["ssl", "rmi*"]}, "no method 'rmi.*only .*'ssl'"),
    ({"kinds": ["score"]}, "no table 'score', only .*'scores'"),
  ],
)
def test_what_cannot_be_picked_is_named(content, picked, message):
  with pytest.raises(ValueError, match=message):
    suite_table.all_tables(content, **picked)


@pytest.fixture
def searched(content):
  def rows(name, **values):
    for value, (chosen, reported) in values.items():
      for split, scores in (("val_a", chosen), ("val_b", reported)):
        row = _row("m", *map(_run, scores))
        content["rows"][f"from_a/{name}{value}+split={split}"] = row

  rows("ce", _r_1=((0.5, 0.25), (0.25, 0.25)), _r_3=((0.5, 0.5), (0.5, 0.25)))
  rows("ssl", _r_1=((0.75, 0.5), (0.5, 0.75)), _r_3=((0.25,), (1.0,)))
  content["search"] = {
    "key": "a.rate",
    "choose_on": "val_a",
    "report_on": "val_b",
    "rows": {
      f"from_a/{name}": {v: f"from_a/{name}_r_{v}" for v in "13"}
      for name in ("ce", "ssl", "bce")
    },
  }
  return content


def test_what_is_chosen_on_one_half_is_reported_on_the_other(searched):
  found = suite_record.tuned(searched, "from_a", "mean_iou")
  # BCE has no run.
  assert list(found) == ["ce", "ssl"]
  assert found["ce"].value == "3"
  assert found["ce"].tried == {"1": 37.5, "3": 50.0}
  reported = suite_record.scores(found["ce"].runs, "mean_iou")
  assert reported == {"seed 1": 50, "seed 2": 25}
  # The choice is by the seeds that both values have: the first alone.
  assert found["ssl"].value == "1"
  assert found["ssl"].tried == {"1": 75.0, "3": 25.0}
  reported = suite_record.scores(found["ssl"].runs, "mean_iou")
  assert reported == {"seed 1": 50, "seed 2": 75}
  assert not suite_record.tuned(searched, "from_b", "mean_iou")


def test_the_table_of_a_search_shows_the_choice_and_what_it_reached(searched):
  lines = suite_table.all_tables(searched, ["ce"], kinds=["search"]).split("\n")
  assert lines == [
    "## from_a",
    "",
    "| rate | 1: val_a / val_b | 3: val_a / val_b"
    " | mean IoU of the best, on val_b | minus CE"
    " | boundary IoU of the best, on val_b | minus CE |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    "| CE | 37.50 / 25.00 | **50.00 / 37.50**"
    " | 37.50 ± 17.68 |  | 18.75 ± 8.84 |  |",
    "| SSL | **75.00 / 62.50** | 25.00 / 100.00"
    " | 62.50 ± 17.68 | +25.00 ± 317.65 | 31.25 ± 8.84 | +12.50 ± 158.82 |",
    "",
    "## from_b",
  ]
  assert suite_table.all_tables(
    searched, ["ce"], "from_a", ["ssl"], ["search"]
  ).split("\n") == [lines[2], lines[3], lines[5]]
  # The runs of a search are in no other table.
  assert "split" not in suite_table.all_tables(searched, ["ce"])


def test_a_file_without_runs_is_refused(tmp_path):
  path = tmp_path / "x.json"
  for text in ("{}", "[1]"):
    path.write_text(text)
    with pytest.raises(ValueError, match="x.json holds no recorded runs"):
      suite_record.read(str(path))
  path.write_text(json.dumps({"ce": {}}))
  assert suite_record.read(str(path)) == {"ce": {}}
