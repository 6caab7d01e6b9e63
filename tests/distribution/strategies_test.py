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

import json

from official.core import config_definitions
import pytest
import tensorflow as tf

from deeplab_ssl.configuration import runtime_config
from deeplab_ssl.distribution import rendezvous
from deeplab_ssl.distribution import strategies
from tests import worker_processes


def _strategy(**runtime):
  config = config_definitions.RuntimeConfig(**runtime)
  return strategies.distribution_strategy(config)


def test_a_machine_without_gpus_trains_on_the_cpu():
  if tf.config.list_physical_devices("GPU"):
    pytest.skip("This machine has a GPU.")
  strategy = _strategy(num_gpus=-1)
  assert isinstance(strategy, tf.distribute.MirroredStrategy)
  assert strategy.num_replicas_in_sync == 1
  (device,) = strategy.extended.worker_devices
  assert "CPU" in device


def test_a_process_has_one_strategy_of_each_kind():
  assert _strategy(num_gpus=0) is _strategy(num_gpus=0)
  other = _strategy(num_gpus=0, distribution_strategy="off")
  assert other is not _strategy(num_gpus=0)
  assert not isinstance(other, tf.distribute.MirroredStrategy)


def test_an_unknown_strategy_is_refused():
  with pytest.raises(ValueError, match="spread"):
    _strategy(num_gpus=0, distribution_strategy="spread")


_TWO = (
  '{"cluster": {"chief": ["a:1"], "worker": ["b:1"]}, '
  '"task": {"type": "chief", "index": 0}}'
)


@pytest.mark.parametrize(
  "strategy, cluster, message",
  [
    ("multi_worker_mirrored", None, "needs the machines in the environment"),
    ("multi_worker_mirrored", "{}", "needs the machines in the environment"),
    ("mirrored", _TWO, "names 2 machines, but with .*=mirrored each would"),
    ("one_device", _TWO, "names 2 machines"),
    ("mirrored", "a:1,b:1", "TF_CONFIG must be JSON.*Received: 'a:1,b:1'"),
    ("mirrored", "[]", "TF_CONFIG must be a JSON object"),
    ("mirrored", '{"cluster": {"worker": 3}}', "TF_CONFIG must have lists"),
  ],
)
def test_machines_that_would_train_alone_are_refused(
  monkeypatch, strategy, cluster, message
):
  monkeypatch.delenv("TF_CONFIG", raising=False)
  if cluster is not None:
    monkeypatch.setenv("TF_CONFIG", cluster)
  with pytest.raises(ValueError, match=message):
    _strategy(num_gpus=0, distribution_strategy=strategy)


def test_a_cluster_of_one_machine_is_one_machine(monkeypatch):
  monkeypatch.setenv("TF_CONFIG", '{"cluster": {"worker": ["a:1"]}}')
  assert _strategy(num_gpus=0).num_replicas_in_sync == 1


@pytest.mark.parametrize("there, asked", [(0, 1), (0, 2), (2, 3), (2, -5)])
def test_gpus_that_are_not_there_are_refused(monkeypatch, there, asked):
  monkeypatch.setattr(
    tf.config, "list_physical_devices", lambda kind: ["GPU"] * there
  )
  with pytest.raises(ValueError) as raised:
    _strategy(num_gpus=asked)
  message = str(raised.value)
  assert f"TensorFlow sees {there} on this machine" in message
  assert f"Received: {asked}." in message


@pytest.mark.parametrize("name", ["one_device", "off"])
def test_a_strategy_of_one_device_takes_no_two(monkeypatch, name):
  monkeypatch.setattr(
    tf.config, "list_physical_devices", lambda kind: ["GPU"] * 2
  )
  with pytest.raises(
    ValueError, match="num_gpus must be 0 or 1 with .*" + name
  ):
    _strategy(num_gpus=-1, distribution_strategy=name)


def test_what_machines_have_trained_one_evaluates(monkeypatch):
  monkeypatch.setenv("TF_CONFIG", _TWO)
  config = config_definitions.RuntimeConfig(
    distribution_strategy="multi_worker_mirrored", all_reduce_alg="ring"
  )
  assert strategies.local_strategy(config) is _local(num_gpus=0)


def _local(**runtime):
  config = config_definitions.RuntimeConfig(**runtime)
  return strategies.local_strategy(config)


def test_a_machine_of_many_trains_on_all_of_its_gpus(monkeypatch):
  monkeypatch.setenv("TF_CONFIG", _TWO)
  with pytest.raises(ValueError, match="which are 0 here. Received: .*=3"):
    _strategy(num_gpus=3, distribution_strategy="multi_worker_mirrored")


def test_a_machine_that_waits_in_vain_says_for_whom(monkeypatch):
  first, second = worker_processes.free_ports(2)
  content = {
    "cluster": {"worker": [f"127.0.0.1:{first}", f"127.0.0.1:{second}"]},
    "task": {"type": "worker", "index": 0},
  }
  monkeypatch.setenv("TF_CONFIG", json.dumps(content))
  config = runtime_config.RuntimeConfig(
    distribution_strategy="multi_worker_mirrored", worker_timeout=0.5
  )
  with pytest.raises(
    rendezvous.PeersMissingError, match=rf"0.5 seconds .*worker 1 .*:{second}"
  ):
    strategies.distribution_strategy(config)
