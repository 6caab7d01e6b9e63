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

"""Commands of the package train and evaluate with the losses of others."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from benchmarks import with_peers
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import loss_registry
from tests import commands
from tests import digits
from tests import input_testing
from tests.benchmarks import peer_losses_test
from tests.losses import inputs

_TINY = (
  "trainer.train_tf_function=false,trainer.train_steps=1,"
  "trainer.summary_interval=1,task.model.aspp_convs_filters=8,"
  "task.model.decoder_filters=8,task.train_data.global_batch_size=2,"
  "task.train_data.crop_size=[33,33]"
)


def _run(*args, folder):
  # In a process of its own: a loss is registered before all else is imported.
  return subprocess.run(
    [sys.executable, "-m", "benchmarks.with_peers", *args],
    cwd=folder,
    env=os.environ | {"PYTHONPATH": str(input_testing.ROOT)},
    capture_output=True,
    text=True,
  )


@pytest.mark.slow
def test_a_run_is_trained_and_evaluated(tmp_path):
  overrides = f"{_TINY},task.losses.type=rmi"
  overrides += f",task.train_data.input_path={digits.records()}"
  done = _run(
    "deeplab_ssl.train",
    "--experiment=deeplab_ssl_demo",
    f"--params_override={overrides}",
    "--mode=train",
    "--model_dir=run",
    folder=tmp_path,
  )
  assert done.returncode == 0, done.stderr[-3000:]
  assert "information" in done.stdout
  done = _run(
    "deeplab_ssl.evaluate",
    "--model_dir=run",
    "--output=scores.json",
    folder=tmp_path,
  )
  assert done.returncode == 0, done.stderr[-3000:]
  # After one step it may have no pixel right.
  assert 0 <= json.loads((tmp_path / "scores.json").read_text())["mean_iou"] < 1


def test_each_loss_becomes_a_row(monkeypatch):
  before = dict(loss_registry.ROWS)
  monkeypatch.setattr(loss_registry, "ROWS", dict(before))
  monkeypatch.delitem(sys.modules, "deeplab_ssl.experiment.configs")
  with_peers.register()
  added = set(loss_registry.ROWS) - set(before)
  assert added == set(peer_losses_test.LOSSES)
  labels = inputs.blocks([2, 21, 26], 4)
  logits = inputs.noise(labels, 4)
  for name in added:
    config = configs.LossConfig(type=name)
    loss, logs = loss_registry.compute_loss(config, labels, logits, 255)
    function, _ = peer_losses_test.LOSSES[name]
    np.testing.assert_allclose(loss, function(labels, logits), rtol=1e-6)
    assert set(logs) == set(loss_registry.logged_names(config))
    assert config.activation == ("sigmoid" if name == "rmi" else "softmax")


def test_without_the_runner_the_loss_is_unknown(tmp_path):
  done = commands.run(
    "-m",
    "deeplab_ssl.train",
    "--params_override=task.losses.type=lovasz",
    "--model_dir=run",
    folder=tmp_path,
  )
  assert done.returncode == 1
  assert "Received: 'lovasz'" in done.stderr


@pytest.mark.parametrize("args", [(), ("train",), ("--model_dir=run",)])
def test_a_command_must_be_named(args, monkeypatch):
  monkeypatch.setattr(sys, "argv", ["with_peers", *args])
  with pytest.raises(SystemExit, match="name a command of the package first"):
    with_peers.main()
