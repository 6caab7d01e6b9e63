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

"""The loss does not depend on how the global batch is spread over replicas."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from deeplab_ssl import losses
from tests import replicas
from tests.losses import inputs
from tests.losses import reference

LIBRARIES = {"keras": (keras, losses), "tf_keras": (tf_keras, losses.legacy)}
NAMES = (
  "StructuralSimilarityLoss",
  "SoftmaxCrossEntropyLoss",
  "SigmoidCrossEntropyLoss",
  "SSIMLoss",
  "AffinityFieldLoss",
)


def spread(array):
  halves = np.split(array, 2)
  return replicas.two_replicas().experimental_distribute_values_from_function(
    lambda context: tf.constant(halves[context.replica_id_in_sync_group])
  )


def uneven_images(count):
  """Features and labels; the first images are mostly void and fitted well."""
  labels = inputs.blocks([count, 6, 7], 3, cell=2)
  labels[0, 1:] = 255
  features = inputs.noise(labels, 3, scale=1.0)
  half = count // 2
  features[:half] = inputs.fitted(labels[:half], 3, 4.0, 0.3)
  return features, labels


def fit(strategy, library, name, counts):
  """Fits one model anew to each number of images; traced only once.

  Returns:
    [(losses of the epochs, kernel)], one per count.
  """
  library, package = LIBRARIES[library]
  with strategy.scope():
    head = library.layers.Dense(3, name="head")
    image = library.layers.Input([6, 7, 3])
    model = library.Model(image, head(image))
    model.compile(
      optimizer=library.optimizers.SGD(0.5), loss=getattr(package, name)()
    )
  found = []
  for count in counts:
    head.set_weights([np.eye(3), np.zeros(3)])
    data = tf.data.Dataset.from_tensor_slices(uneven_images(count)).batch(4)
    history = model.fit(data, epochs=3, verbose=0)
    found.append((history.history["loss"], model.get_weights()[0]))
  return found


# 7 images end with a batch split 2 and 1; 5 with a batch of 1, of which one
# replica gets nothing.
@pytest.mark.parametrize(
  "library, name",
  [
    pytest.param(library, name, marks=[pytest.mark.slow] if others else [])
    for library in LIBRARIES
    for others, name in enumerate(NAMES)
  ],
)
def test_fit(library, name):
  counts = (4, 5, 7) if name == NAMES[0] else (4,)
  ones, twos = (
    fit(strategy, library, name, counts)
    for strategy in (tf.distribute.get_strategy(), replicas.two_replicas())
  )
  for one, two in zip(ones, twos, strict=True):
    inputs.assert_close(two[1], one[1], 1e-6)
  # Of uneven replicas, the history shows Keras's average.
  inputs.assert_close(twos[0][0], ones[0][0], 1e-6)
  if name == "StructuralSimilarityLoss":
    features, labels = uneven_images(4)
    expected = reference.structural_similarity(labels, features)
    inputs.assert_close(twos[0][0][0], expected.total)


def test_counts_differ_between_the_replicas():
  # Or else the tests above would prove nothing.
  features, labels = uneven_images(4)
  hard = [
    reference.structural_similarity(labels[half], features[half]).hard.sum()
    for half in (slice(0, 2), slice(2, 4))
  ]
  assert hard[1] > 3 * hard[0]
  valid = (labels != 255).sum((1, 2))
  assert valid[2:].sum() > 1.2 * valid[:2].sum()


@pytest.mark.parametrize("name", ["terms", *NAMES])
def test_own_training_loop(name):
  features, labels = uneven_images(4)
  if name == "terms":

    def function(y, x):
      return losses.structural_similarity_terms(y, x).loss

  else:
    function = getattr(losses, name)(reduction="none")
  expected, slope = inputs.value_and_gradient(function, labels, features)
  strategy = replicas.two_replicas()

  @tf.function
  def step(y, x):
    with tf.GradientTape() as tape:
      tape.watch(x)
      share = tf.reduce_mean(function(y, x)) / 2
    return share, tape.gradient(share, x)

  shares, gradients = strategy.run(
    step, args=(spread(labels), spread(features))
  )
  total = strategy.reduce("SUM", shares, axis=None)
  inputs.assert_close(total, expected.mean(dtype=np.float64), 1e-6)
  gradient = np.concatenate(strategy.experimental_local_results(gradients))
  inputs.assert_close(gradient, slope, 1e-6)


def test_one_replica_all_void_and_both():
  features, labels = uneven_images(4)
  strategy = replicas.two_replicas()

  @tf.function
  def step(y, x):
    return losses.structural_similarity_terms(y, x).loss

  for void in (slice(0, 2), slice(0, 4)):
    labels[void] = 255
    expected = reference.structural_similarity(labels, features).total
    maps = strategy.run(step, args=(spread(labels), spread(features)))
    maps = np.concatenate(strategy.experimental_local_results(maps))
    inputs.assert_close(maps.mean(dtype=np.float64), expected)
