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

"""Tests of the settings that commands make."""

import os

import pytest

from deeplab_ssl import environment


@pytest.mark.parametrize(
  "own, training, expected",
  [(None, True, "1"), (None, False, None), ("0", True, "0"), ("1", False, "1")],
)
def test_only_training_turns_onednn_on_and_the_user_wins(
  monkeypatch, own, training, expected
):
  monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
  if own is not None:
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", own)

  environment.prepare(training=training)

  assert os.environ.get("TF_ENABLE_ONEDNN_OPTS") == expected
