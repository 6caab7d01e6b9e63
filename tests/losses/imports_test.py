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

"""`deeplab_ssl.losses` needs Keras and its backend and nothing else."""

import importlib.util
import os
import subprocess
import sys

import pytest

PREAMBLE = """
import sys

BLOCKED = {"official", "tensorflow_datasets", "cv2", "tf_keras", "keras_cv",
           "tensorflow_models", "sklearn", "matplotlib", "PIL"}
if sys.argv[1:]:
  # As if they were not installed, for those who only ask, too.
  BLOCKED = set()
  sys.modules.update(dict.fromkeys(sys.argv[1:]))

class Blocker:
  def find_spec(self, name, path=None, target=None):
    if name.partition(".")[0] in BLOCKED:
      raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocker())
"""


def run(program, backend="tensorflow", blocked=()):
  return subprocess.run(
    [sys.executable, "-c", PREAMBLE + program, *blocked],
    env=os.environ | {"KERAS_BACKEND": backend},
    capture_output=True,
    text=True,
    timeout=120,
  )


@pytest.mark.parametrize(
  "backend", ["jax", pytest.param("torch", marks=pytest.mark.slow)]
)
def test_another_backend_does_without_tensorflow(backend):
  if importlib.util.find_spec(backend) is None:
    pytest.skip(f"{backend} is not installed")
  program = """
import numpy as np
from deeplab_ssl import losses
from deeplab_ssl import metrics

labels, logits = np.array([[[0, 1], [1, 255]]]), np.zeros([1, 2, 2, 2], "f")
for name in ("StructuralSimilarity", "SoftmaxCrossEntropy",
             "SigmoidCrossEntropy", "SSIM", "AffinityField"):
  assert float(getattr(losses, name + "Loss")()(labels, logits)) > 0
losses.functional.structural_similarity_terms(labels, logits)
"""
  # It is there, and nobody asks for it: then nobody needs it, either.
  program += "print('tensorflow' in sys.modules)"
  beside = run(program, backend, ["official"])
  assert beside.stdout.strip() == "False", beside.stderr[-2000:]


def test_a_backend_that_is_missing_is_named():
  result = run("import deeplab_ssl.losses", "jax", ["jax"])
  assert result.returncode != 0
  assert "pip install jax" in result.stderr
  assert "KERAS_BACKEND" in result.stderr


def test_without_the_optional_packages():
  result = run("""
import tensorflow as tf
from deeplab_ssl import losses

labels = tf.constant([[[0, 1], [1, 255]]])
for name in ("StructuralSimilarity", "SoftmaxCrossEntropy",
             "SigmoidCrossEntropy", "SSIM", "AffinityField"):
  loss = getattr(losses, name + "Loss")()
  print(float(loss(labels, tf.zeros([1, 2, 2, 2]))))
for load in (lambda: losses.legacy,
             lambda: __import__("deeplab_ssl.losses.legacy")):
  try:
    load()
  except ImportError as error:
    print(error)
try:
  losses.nonsense
except AttributeError as error:
  print(error)
""")
  assert result.returncode == 0, result.stderr[-2000:]
  *values, first, second, third = result.stdout.splitlines()
  assert len(values) == 5
  for value in values:
    assert float(value) > 0
  for message in (first, second):
    assert "pip install tf_keras" in message
  assert "has no attribute 'nonsense'" in third


def test_the_rest_of_the_package_is_not_imported():
  result = run("""
KERAS_OWN = {"cv2", "matplotlib", "PIL", "sklearn"}  # tried by Keras itself
blocked, BLOCKED = BLOCKED, set()
import deeplab_ssl.losses
loaded = {name.partition(".")[0] for name in sys.modules}
print(sorted(loaded & (blocked - KERAS_OWN)))
print([name for name in sys.modules if name.startswith("deeplab_ssl.")
       and not name.startswith(("deeplab_ssl.losses", "deeplab_ssl.common"))])
""")
  assert result.returncode == 0, result.stderr[-2000:]
  assert result.stdout.split() == ["[]", "[]"]
