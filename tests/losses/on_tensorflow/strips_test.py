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

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from deeplab_ssl.losses.on_tensorflow import strips
from tests.losses import inputs


def neighbourhood(logits, classes):
  """A map of two channels with a reach of two rows, not linear."""
  inside = tf.cast(classes >= 0, tf.float32)[..., None]
  x = tf.pad(logits * inside, [[0, 0], [2, 2], [0, 0], [0, 0]])
  rows = tf.shape(logits)[1]
  far = tf.reduce_sum(x[:, :rows] * x[:, 4:], -1)
  return tf.stack([far, tf.reduce_sum(tf.sin(logits) * inside, -1)], -1)


class StripMapTest(parameterized.TestCase):
  @parameterized.product(
    height=(1, 3, 9, 21), rows=(1, 4, 64), mode=("eager", "graph", "xla")
  )
  def test_equals_the_function_on_the_whole_image(self, height, rows, mode):
    classes = inputs.blocks([2, height, 4], 3)
    classes = tf.where(classes == inputs.VOID, -1, classes)
    logits = inputs.noise(classes.numpy(), 3)
    upstream = inputs.noise(classes.numpy(), 2, seed=5)

    def in_strips(x):
      return strips.strip_map(neighbourhood, x, classes, halo=2, rows=rows)

    def whole(x):
      return neighbourhood(x, classes)

    found = []
    for function in (in_strips, whole):

      def run(x, function=function):
        with tf.GradientTape() as tape:
          tape.watch(x)
          value = function(x)
        return value, tape.gradient(value, x, upstream)

      if mode != "eager":
        run = tf.function(run, jit_compile=mode == "xla")
      found.append(run(tf.constant(logits)))
    for a, b in zip(*found, strict=True):
      inputs.assert_close(a, b, 1e-6)


class ConstantStripsTest(parameterized.TestCase):
  @parameterized.product(height=(1, 7, 130, 600), known=(True, False))
  def test_equals_the_function_on_the_whole_image(self, height, known):
    classes = inputs.blocks([1, height, 3], 3)
    classes = tf.where(classes == inputs.VOID, -1, classes)
    logits = tf.constant(inputs.noise(classes.numpy(), 3))
    found = []

    def of_strip(classes, logits, core):
      found.append(core)
      return neighbourhood(logits, classes)[:, core]

    def in_strips(classes, logits):
      return tf.concat(
        strips.constant_strips(of_strip, classes, logits, halo=2), 1
      )

    size = height if known else None
    run = tf.function(
      in_strips,
      input_signature=[
        tf.TensorSpec([1, size, 3], classes.dtype),
        tf.TensorSpec([1, size, 3, 3]),
      ],
    )
    inputs.assert_close(
      run(classes, logits), neighbourhood(logits, classes), 1e-6
    )
    # A part of the graph for each strip: few where little can be gained.
    expected = {1: 1, 7: 1, 130: 2, 600: 8}[height] if known else 8
    self.assertLen(found, expected)

  def test_no_gradient_comes_back(self):
    logits = tf.constant(inputs.noise(np.zeros([1, 70, 3]), 2))
    with tf.GradientTape() as tape:
      tape.watch(logits)
      parts = strips.constant_strips(
        lambda classes, logits, core: logits[:, core],
        tf.zeros([1, 70, 3], tf.int32),
        logits,
        halo=1,
      )
      total = tf.reduce_sum(tf.concat(parts, 1))
    self.assertIsNone(tape.gradient(total, logits))


if __name__ == "__main__":
  absltest.main()
