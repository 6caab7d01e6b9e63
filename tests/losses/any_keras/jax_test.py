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

"""What JAX does with the losses beside `fit`: transformations and sharding."""

import os
import subprocess
import sys

import numpy as np
import pytest

from deeplab_ssl import losses
from tests import source_tree
from tests.losses import backends
from tests.losses import inputs
from tests.losses import reference

if backends.NAME != "jax":
  pytest.skip("Keras is not set to JAX", allow_module_level=True)

import jax


def test_jit_and_grad_of_the_function():
  labels = inputs.blocks([2, 9, 8], 3)
  logits = inputs.noise(labels, 3)

  @jax.jit
  def loss(logits, labels):
    terms = losses.functional.structural_similarity_terms(labels, logits)
    return terms.loss.mean()

  value, slope = jax.value_and_grad(loss)(logits, labels)
  expected = reference.structural_similarity(labels, logits)
  inputs.assert_close(float(value), expected.total)
  inputs.assert_close(np.array(slope), expected.gradient)


# Prints the losses and the weights of two epochs; the counts of the loss are
# those of the global batch, whatever device a part of it is on.
_PROGRAM = """
import sys
import keras
import numpy as np
from deeplab_ssl import losses
from tests.losses import inputs

if int(sys.argv[1]) > 1:
  keras.distribution.set_distribution(keras.distribution.DataParallel())
  assert len(keras.distribution.list_devices()) == int(sys.argv[1])
labels = inputs.blocks([4, 8, 6], 3)
labels[2:, :6] = 255
features = inputs.noise(labels, 4)
model = keras.Sequential([keras.Input([8, 6, 4]), keras.layers.Dense(3)])
model.set_weights([np.eye(4, 3), np.zeros(3)])
model.compile(
  keras.optimizers.SGD(0.3), loss=losses.StructuralSimilarityLoss())
history = model.fit(
  features, labels, batch_size=4, epochs=2, shuffle=False, verbose=0)
print(*history.history["loss"], *np.ravel(model.get_weights()[0]))
"""


def test_two_devices_train_as_one():
  found = []
  for devices in (1, 2):
    result = subprocess.run(
      [sys.executable, "-c", _PROGRAM, str(devices)],
      env=os.environ
      | {
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
        "PYTHONPATH": str(source_tree.ROOT),
      },
      capture_output=True,
      text=True,
      timeout=300,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    found.append(np.float64(result.stdout.split()))
  np.testing.assert_allclose(found[1], found[0], rtol=1e-5)
