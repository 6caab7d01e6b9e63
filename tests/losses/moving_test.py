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

"""A model that one backend has saved goes on with its loss on another."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

from tests import source_tree

# Makes or loads a model, prints its loss before and after a step, saves it.
_PROGRAM = """
import sys
import keras
import numpy as np
from deeplab_ssl import losses
from deeplab_ssl import metrics
from tests.losses import inputs

source, target = sys.argv[1:]
labels = inputs.blocks([4, 8, 6], 3)
features = inputs.noise(labels, 4)
if source == "new":
  model = keras.Sequential([keras.Input([8, 6, 4]), keras.layers.Dense(3)])
  model.set_weights([np.eye(4, 3), np.zeros(3)])
  model.compile(
    keras.optimizers.SGD(0.3, momentum=0.9),
    loss=losses.StructuralSimilarityLoss(region_size=5, beta=0.12),
    metrics=[metrics.MeanIoU(3), metrics.BoundaryIoU(3)],
  )
else:
  model = keras.models.load_model(source)
options = {"batch_size": 4, "verbose": 0}
before = model.evaluate(features, labels, return_dict=True, **options)
model.fit(features, labels, shuffle=False, **options)
model.save(target)
after = model.evaluate(features, labels, return_dict=True, **options)
print("figures", *(x[key] for x in (before, after) for key in sorted(x)))
"""


def _run(backend, source, target):
  result = subprocess.run(
    [sys.executable, "-c", _PROGRAM, str(source), str(target)],
    env=os.environ
    | {"KERAS_BACKEND": backend, "PYTHONPATH": str(source_tree.ROOT)},
    capture_output=True,
    text=True,
    timeout=300,
  )
  assert result.returncode == 0, result.stderr[-3000:]
  (line,) = [
    line for line in result.stdout.splitlines() if line.startswith("figures")
  ]
  return np.float64(line.split()[1:]).reshape(2, -1)


@pytest.mark.slow
def test_a_saved_model_goes_on_under_another_backend(tmp_path):
  # torch comes last: Keras 3.15 writes the name of torch's own optimizer, which
  # another backend does not run.
  backends = ["jax", "tensorflow", "torch"]
  backends = [b for b in backends if importlib.util.find_spec(b)]
  if len(backends) < 2:
    pytest.skip("neither jax nor torch is installed")
  source, found = "new", []
  for i, backend in enumerate(backends):
    target = tmp_path / f"{i}.keras"
    found.append(_run(backend, source, target))
    source = target
  for earlier, later in zip(found, found[1:], strict=False):
    np.testing.assert_allclose(later[0], earlier[1], rtol=1e-5)
  losses = [figures[0, 1] for figures in found]
  assert losses[-1] < 0.8 * losses[0]
