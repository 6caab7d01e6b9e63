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

"""Runs the tests of any backend under those that this process does not have.

Keras takes its backend when it is imported, so that each has a process.
"""

import importlib.util
import os
import subprocess
import sys

import pytest

from tests import source_tree

_FIT = "tests/losses/any_keras/fit_test.py"


@pytest.mark.parametrize(
  ("backend", "paths"),
  [
    ("jax", f"{_FIT}::test_fit_takes_the_step_of_the_scalar"),
    (
      "torch",
      f"{_FIT}::test_fit_takes_the_step_of_the_scalar tests/losses/definition",
    ),
    pytest.param("torch", "tests/losses/any_keras", marks=pytest.mark.slow),
    pytest.param("torch", "tests/metrics", marks=pytest.mark.slow),
    # JAX compiles each operation of eager code.
    pytest.param("jax", "tests/losses/any_keras", marks=pytest.mark.slow),
    pytest.param("jax", "tests/losses/definition", marks=pytest.mark.slow),
    pytest.param("jax", "tests/metrics", marks=pytest.mark.slow),
  ],
)
def test_another_backend_passes_them(backend, paths):
  if importlib.util.find_spec(backend) is None:
    pytest.skip(f"{backend} is not installed")
  program = [sys.executable, "-m", "pytest", "-q", "-x", "-p"]
  # tests/conftest.py imports TensorFlow.
  program += ["no:cacheprovider", "--noconftest", *paths.split()]
  result = subprocess.run(
    program,
    cwd=source_tree.ROOT,
    env=os.environ | {"KERAS_BACKEND": backend},
    capture_output=True,
    text=True,
    timeout=900,
  )
  assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]
