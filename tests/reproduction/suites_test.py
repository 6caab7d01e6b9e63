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

"""Suites with rows of their own: what they may say, and those there are."""

import pathlib

import pytest

from deeplab_ssl.reproduction import override_text
from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import queue
from deeplab_ssl.reproduction import suites
from deeplab_ssl.training import parsing

_CONFIGS = pathlib.Path(__file__).parents[2] / "configs"
_OWN = [
  suite
  for suite in (suites.load_suite(n, _CONFIGS) for n in suites.names(_CONFIGS))
  if suite.rows
]


@pytest.mark.parametrize("suite", _OWN, ids=lambda s: s.name)
def test_every_stage_of_every_row_is_a_valid_configuration(suite):
  seen = set()
  for planned in plan.plan_rows(
    suite.rows, suite, plan.Places("runs", str(_CONFIGS))
  ):
    for training in planned.runs[0].trainings:
      if training.directory in seen:
        continue
      seen.add(training.directory)
      overrides = dict(training.overrides)
      if training.runner:  # It registers the loss.
        del overrides["task.losses.type"]
      params = parsing.parse_experiment(
        training.stage.experiment,
        training.stage.config_files,
        override_text.text_of(overrides),
      )
      assert params.trainer.train_steps == training.steps
      for key, value in overrides.items():
        assert override_text.nested(params.as_dict(), key) == value


@pytest.mark.parametrize("suite", _OWN, ids=lambda s: s.name)
def test_suites_say_what_they_ask_and_never_read_a_test_split(suite):
  assert suite.title and suite.model
  for setting in suite.settings.values():
    data = suite.data[setting.data]
    assert data.advice or data.scenes
    assert "test" not in data.splits
  for row in suite.rows:
    assert not str(row.evaluation.get("split", "")).startswith("test")


_SUITE = """
seeds: [1]
model: small
data: {few: {splits: {train: 4}}}
settings:
  from_a:
    data: few
    stages:
    - {shared: begin, overrides: {a.b: 1}}
    - {overrides: {}}
  from_b:
    data: few
    stages:
    - {shared: other, overrides: {a.b: 2}}
    - {overrides: {}}
rows:
- {run: ce, method: CE, overrides: {}}
- {run: ssl, method: SSL, overrides: {}, settings: [from_b]}
"""


def _load(tmp_path, text):
  (tmp_path / "suites").mkdir(exist_ok=True)
  (tmp_path / "suites" / "mine.yaml").write_text(text)
  return suites.load_suite("mine", tmp_path)


def test_a_row_is_run_in_every_setting_or_in_those_it_names(tmp_path):
  suite = _load(tmp_path, _SUITE)
  assert [suite.short_name(row) for row in suite.rows] == [
    "from_a/ce",
    "from_b/ce",
    "from_b/ssl",
  ]
  assert {row.model for row in suite.rows} == {"small"}


@pytest.mark.parametrize(
  "old, new, message",
  [
    ("[from_b]", "[from_c]", "row 2 has the unknown setting 'from_c'. Did you"),
    ("run: ssl", "run: ce", "has the row 'from_b/ce' twice"),
    ("shared: other", "shared: begin", "'begin' is another training than in"),
    ("shared: other", "shared: from_a", "'from_a' has the name of a row, of a"),
    ("shared: other", "shared: data", "'data' has the name of a row, of a"),
    ("- {overrides: {}}\n  from_b", "\n  from_b", "at the end.*'begin'"),
    ("    - {shared: other, overrides: {a.b: 2}}\n    - {overrides: {}}\n",
     "    - {overrides: {}}\n    - {shared: other, overrides: {a.b: 2}}\n",
     "shared ones first"),
  ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(tmp_path, old, new, message):
  assert old in _SUITE
  with pytest.raises(ValueError, match=message):
    _load(tmp_path, _SUITE.replace(old, new))


def test_an_unknown_suite_is_named_with_the_nearest(tmp_path):
  _load(tmp_path, _SUITE)
  with pytest.raises(ValueError, match="no suite 'nine'.*mean 'mine'"):
    suites.load_suite("nine", tmp_path)
  with pytest.raises(FileNotFoundError, match="--configs_dir"):
    suites.load_suite("mine", tmp_path / "elsewhere")


_SEARCH = """
search: {rows: [ssl], key: a.b, values: [1, 3], choose_on: v, report_on: w}
"""


def test_a_search_adds_its_rows(tmp_path):
  text = _SUITE.replace("- {overrides: {}}", "- {overrides: {a.b: 1}}")
  suite = _load(tmp_path, text + _SEARCH)
  assert [row.name for row in suite.rows[3:]] == [
    "from_b/ssl+split=v",
    "from_b/ssl+split=w",
    "from_b/ssl_b_3+split=v",
    "from_b/ssl_b_3+split=w",
  ]


@pytest.mark.parametrize(
  "old, new, message",
  [
    ("[ssl]", "[sl]", "for the row 'sl', which is not there"),
    ("key: a.b", "key: a.c", "setting from_b must give a.c"),
    ("[1, 3]", "[1, 1]", "two or more different values"),
    ("report_on: w", "report_on: v", "another split than it chooses on"),
    ("key: a.b", "keys: a.b", "search has the unknown key 'keys'"),
  ],
)
def test_a_wrong_search_is_refused(tmp_path, old, new, message):
  text = _SUITE.replace("- {overrides: {}}", "- {overrides: {a.b: 1}}")
  with pytest.raises(ValueError, match=message):
    _load(tmp_path, text + _SEARCH.replace(old, new))


@pytest.mark.parametrize(
  "path", sorted((_CONFIGS / "queues").glob("*.yaml")), ids=lambda p: p.stem
)
def test_the_queues_name_rows_that_there_are(path):
  places = plan.Places("runs", str(_CONFIGS))
  for entry in queue.load(path.stem, str(_CONFIGS)):
    assert queue.plan_entry(entry, places).runs
