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

"""Tests of the command train; tests/training has those of what it runs."""

import pytest

from tests import commands

_STAND_IN = """
import types
from deeplab_ssl.training import run
def run_experiment(params, mode, model_dir):
  print(params.trainer.train_steps, mode, model_dir)
  scores = "mean IoU 50.00" if mode == "train_and_eval" else None
  return types.SimpleNamespace(scores=scores)
run.run_experiment = run_experiment
"""


def _run(folder, *args, **options):
  command = ("-m", "deeplab_ssl.train", *args)
  return commands.run(*command, folder=folder, **options)


@pytest.mark.parametrize(
  "args, expected",
  [
    (
      ("--experiment=deeplab_ssl_demo",),
      "30000 train_and_eval mine\nmean IoU 50.00\n",
    ),
    (("--config_file=camvid", "--mode=train"), "1200 train mine\n"),
    (
      # Later files win, and the overrides win over them.
      (
        *("--config_file=a.yaml", "--config_file=b.yaml", "--mode=train"),
        "--params_override=trainer.train_steps=9",
      ),
      "9 train mine\n",
    ),
    (
      ("--config_file=a.yaml", "--config_file=b.yaml", "--mode=train"),
      "8 train mine\n",
    ),
  ],
)
def test_the_configuration_is_trained_and_its_scores_are_printed(
  args, expected, tmp_path
):
  (tmp_path / "a.yaml").write_text("trainer: {train_steps: 7}")
  (tmp_path / "b.yaml").write_text("trainer: {train_steps: 8}")
  result = _run(tmp_path, "--model_dir=mine", *args, before=_STAND_IN)
  assert result.returncode == 0, result.stderr
  assert result.stdout == expected


@pytest.mark.parametrize(
  "args, message",
  [
    ([], "--model_dir must have a value"),
    (["--model_dir=x", "--mode=eval"], "<train|train_and_eval>"),
    (["--model_dir=x", "--config_file=camvit"], "Did you mean 'camvid'?"),
    (["--model_dir=x", "--experiment=deeplab"], "deeplab_ssl"),
    (
      ["--model_dir=x", "--params_override=trainer.train_stps=9"],
      "train_steps",
    ),
  ],
)
def test_wrong_arguments_are_told(args, message, tmp_path):
  result = _run(tmp_path, *args)
  assert result.returncode == 1
  assert message in result.stderr
  assert "Traceback" not in result.stderr
  assert not (tmp_path / "x").exists()
