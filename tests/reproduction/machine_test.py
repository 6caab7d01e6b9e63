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

"""Tests of what a record says of its machine."""

import json

import tensorflow as tf

from deeplab_ssl.reproduction import machine


def test_the_machine_is_described_with_its_versions(monkeypatch):
  monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
  found = machine.describe()
  assert found["tensorflow"] == tf.__version__
  assert found["cores"] >= 1
  assert isinstance(found["amx"], bool)
  assert found["onednn"] is True
  assert json.loads(json.dumps(found)) == found


def test_oneDNN_that_is_turned_off_is_told(monkeypatch):  # noqa: N802
  monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
  assert machine.describe()["onednn"] is False
