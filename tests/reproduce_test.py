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

"""Tests of the command reproduce."""

import pathlib

import pytest

from tests import commands

_CONFIGS = str(pathlib.Path(__file__).parents[1] / "configs")


@pytest.mark.parametrize(
  "args, message",
  [
    (["--seeds=1,1"], "up to ten different whole numbers. Received: 1,1"),
    (["--seeds=1,01"], "up to ten different whole numbers. Received: 1,01"),
    (["--data_dir=x"], "--data_dir does nothing with a suite of made scenes"),
    (["--checkpoint_dir=x"], "--checkpoint_dir does nothing with a suite wi"),
    (["--probe_steps=3"], "--probe_steps does nothing without --dry_run"),
    (
      ["--dry_run", "--params_override=trainer.train_stps=9"],
      "train_steps",
    ),
    (["--rows=nothing"], "Error: Table 2 has no row 'nothing'"),
  ],
)
def test_wrong_arguments_are_told_before_anything_runs(args, message, tmp_path):
  command = [
    *("-m", "deeplab_ssl.reproduce", "--table=2", "--suite=demo"),
    *(f"--configs_dir={_CONFIGS}", f"--model_dir={tmp_path}/runs"),
  ]
  done = commands.run(*command, *args, folder=tmp_path)
  assert done.returncode == 1
  assert message in done.stderr
  assert "Traceback" not in done.stderr
  assert not (tmp_path / "runs").exists()


def test_the_demo_is_reproduced_and_not_twice(tmp_path):
  # A step of so small a network takes less time than tracing it.
  tiny = (
    "trainer.train_tf_function=false,"
    "trainer.train_steps=1,trainer.steps_per_loop=1,trainer.summary_interval=1,"
    "task.model.aspp_convs_filters=8,task.model.decoder_filters=8,"
    "task.train_data.global_batch_size=2,task.train_data.crop_size=[33,33]"
  )
  suites = tmp_path / "configs" / "suites"
  suites.mkdir(parents=True)
  (tmp_path / "configs" / "tables").symlink_to(f"{_CONFIGS}/tables")
  text = pathlib.Path(_CONFIGS, "suites", "demo.yaml").read_text()
  text = text.replace("num_train: 600, num_val: 60", "num_train: 4, num_val: 4")
  (suites / "demo.yaml").write_text(text)
  command = [
    *("-m", "deeplab_ssl.reproduce", "--table=2"),
    *("--suite=demo", "--rows=ce", "--seeds=3", f"--params_override={tiny}"),
    f"--model_dir={tmp_path}/runs",
    f"--configs_dir={tmp_path}/configs",
  ]
  for expected in ("evaluation", "finished before"):
    done = commands.run(*command, folder=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    assert expected in done.stdout
  page = (tmp_path / "runs" / "demo" / "table2.md").read_text()
  assert "| DeepLabv3 | CE | – | 76.33 | " in page
