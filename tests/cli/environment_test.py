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
import platform
import subprocess
import sys

from absl import logging
import pytest

from deeplab_ssl.cli import environment

_CONVOLUTION = """
from deeplab_ssl.cli import environment
environment.prepare(training=True)
import tensorflow as tf
image, kernel = tf.ones([1, 65, 65, 32]), tf.ones([3, 3, 32, 32])
tf.function(lambda: tf.nn.conv2d(image, kernel, 1, "SAME"))()
"""


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


@pytest.mark.parametrize(
  "own, verbosity, expected",
  [
    (None, logging.WARNING, "3"),
    (None, logging.DEBUG, "0"),
    ("1", logging.WARNING, "1"),
  ],
)
def test_tensorflow_is_silent_unless_more_is_wanted(
  monkeypatch, own, verbosity, expected
):
  monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")
  if own is not None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", own)
  before = logging.get_verbosity()
  logging.set_verbosity(verbosity)
  try:
    environment.prepare()
  finally:
    logging.set_verbosity(before)

  assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == expected


@pytest.mark.parametrize("backend", ["jax", "torch", "numpy", ""])
def test_another_backend_of_keras_is_refused(monkeypatch, backend):
  monkeypatch.setenv("KERAS_BACKEND", backend)
  with pytest.raises(ValueError) as raised:
    environment.prepare()
  assert str(raised.value).startswith(
    f"KERAS_BACKEND is {backend!r}, but this command needs TensorFlow"
  )
  assert "\n" not in str(raised.value)


@pytest.mark.parametrize("backend", [None, "tensorflow"])
def test_keras_computes_with_tensorflow(monkeypatch, backend):
  monkeypatch.delenv("KERAS_BACKEND", raising=False)
  if backend:
    monkeypatch.setenv("KERAS_BACKEND", backend)
  environment.prepare()
  assert os.environ["KERAS_BACKEND"] == "tensorflow"


@pytest.mark.skipif(
  (platform.system(), platform.machine()) != ("Linux", "x86_64"),
  reason="Only TensorFlow for x86-64 Linux comes with oneDNN's verbose log.",
)
@pytest.mark.parametrize(
  "own, expected",
  [(None, True), pytest.param("0", False, marks=pytest.mark.slow)],
)
def test_a_training_computes_with_onednn(own, expected):
  variables = os.environ | {"ONEDNN_VERBOSE": "1"}
  variables.pop("TF_ENABLE_ONEDNN_OPTS")  # The tests have it on.
  if own is not None:
    variables["TF_ENABLE_ONEDNN_OPTS"] = own

  result = subprocess.run(
    [sys.executable, "-c", _CONVOLUTION],
    env=variables,
    capture_output=True,
    text=True,
    check=True,
  )

  assert ("exec,cpu,convolution" in result.stdout) == expected
