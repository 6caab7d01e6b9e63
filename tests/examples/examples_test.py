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

"""The programs of docs/examples train, on the backends that they name."""

import importlib.util
import os
import subprocess
import sys

import pytest

from tests import source_tree

_FOLDER = source_tree.ROOT / "docs" / "examples"
# (program, backend, package beside the backend).
_RUNS = [
  ("unet", "jax", None),
  ("unet", "torch", None),
  ("keras_hub_deeplab", "tensorflow", "keras_hub"),
  ("keras_hub_deeplab", "jax", "keras_hub"),
  ("keras_cv_deeplab", "tensorflow", "keras_cv"),
  ("model_garden_deeplab", "tensorflow", "official"),
  ("torch_loop", "torch", None),
]
# Trains, and says whether the loss went down.
_PROGRAM = """
import importlib
import sys
found = importlib.import_module(sys.argv[1]).train()
losses = found["loss"] if isinstance(found, dict) else found
assert losses[-1] < losses[0], losses
"""


@pytest.mark.slow
@pytest.mark.parametrize(("program", "backend", "package"), _RUNS)
def test_an_example_trains(program, backend, package):
  for needed in (backend, package):
    if needed and importlib.util.find_spec(needed) is None:
      pytest.skip(f"{needed} is not installed")
  path = os.pathsep.join([str(source_tree.ROOT), str(_FOLDER)])
  result = subprocess.run(
    [sys.executable, "-c", _PROGRAM, program],
    env=os.environ | {"KERAS_BACKEND": backend, "PYTHONPATH": path},
    capture_output=True,
    text=True,
    timeout=600,
  )
  assert result.returncode == 0, result.stderr[-3000:]


def test_every_example_is_run():
  programs = {path.stem for path in _FOLDER.glob("*.py")} - {"squares"}
  assert programs == {program for program, *_ in _RUNS}
