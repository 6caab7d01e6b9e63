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

from absl import app
from absl import flags
from absl.testing import flagsaver
import pytest

from deeplab_ssl.cli import run_flags
from deeplab_ssl.runs import trained_run
from tests import digits


@pytest.fixture(autouse=True)
def parsed_flags():
  flags.FLAGS.mark_as_parsed()
  with flagsaver.flagsaver():
    yield


def _open(function, **values):
  with flagsaver.flagsaver(**values):
    return function()


@pytest.mark.parametrize(
  "values, message",
  [
    ({}, "--model_dir"),
    ({"checkpoint": "x"}, "--config_file and the prefix"),
    ({"config_file": ["x.yaml"]}, "the prefix of a --checkpoint"),
    ({"model_dir": ["a"], "config_file": ["x.yaml"]}, "not both"),
    ({"model_dir": ["a", "b"]}, "one --model_dir. Received: a, b"),
  ],
)
def test_a_command_of_one_run_refuses(values, message):
  with pytest.raises(app.UsageError, match=message):
    _open(run_flags.open_run, **values)


def test_a_split_that_nothing_reads_is_refused():
  with pytest.raises(app.UsageError, match="--split does nothing here"):
    _open(lambda: run_flags.open_run(reads_records=False), split="val")


def test_several_runs_have_no_checkpoint_in_common():
  with pytest.raises(app.UsageError, match="best or last. Received: ckpt-1"):
    _open(run_flags.open_runs, model_dir=["a", "b"], checkpoint="ckpt-1")


def test_one_run_and_several():
  folder = digits.initial_dir()
  run = _open(run_flags.open_run, model_dir=[folder], checkpoint="last")
  assert run == trained_run.TrainedRun.open(folder, "last")
  runs = _open(lambda: run_flags.open_runs([folder]), model_dir=[folder])
  assert [run.model_dir for run in runs] == [folder, folder]
