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

import functools

from absl.testing import parameterized
import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl import modeling
from tests import original


@functools.cache
def _model(name):
  return original.build(name)


@pytest.mark.parametrize("stem", sorted(original.inference_fixtures()))
def test_logits_equal_those_of_the_original(stem):
  fixture = np.load(original.inference_fixtures()[stem])
  model = _model(stem.split("_seed")[0])
  images = original.images(fixture)
  logits = model(images, training=False)
  np.testing.assert_allclose(
    logits, fixture["logits"], rtol=0, atol=1e-3 * fixture["logits"].std()
  )
  upsampled = modeling.upsample_logits(logits, images.shape[1:3])
  argmax = np.argmax(upsampled, -1)
  different = (argmax != fixture["argmax"]).sum()
  assert different <= fixture["argmax_margin_lt_1e3"]


class BuildDeepLabTest(tf.test.TestCase, parameterized.TestCase):
  @parameterized.parameters(
    ({"backbone": "mobilenetv2"}, "did you mean 'mobilenet_v2'"),
    ({"output_stride": 4}, "output_stride=4"),
    ({"num_classes": 0}, "num_classes=0"),
    ({"decoder_output_stride": 8}, "decoder_output_stride=8"),
  )
  def test_bad_argument_is_named(self, arguments, message):
    with self.assertRaisesRegex(ValueError, message):
      modeling.build_deeplab(**arguments)

  @parameterized.product(
    size=[(33, 33), (40, 57)], separable=[False, True], stride=[8, 16]
  )
  def test_decoder_logits_are_at_a_quarter_of_any_size(
    self, size, separable, stride
  ):
    model = modeling.build_deeplab(
      depth_multiplier=0.5,
      num_classes=3,
      output_stride=stride,
      atrous_rates=[2],
      aspp_convs_filters=8,
      decoder_filters=8,
      decoder_output_stride=4,
      decoder_use_separable_conv=separable,
    )
    logits = model(tf.zeros([2, *size, 3]))
    expected = [2, *((d - 1) // 4 + 1 for d in size), 3]
    self.assertAllEqual(logits.shape, expected)
    self.assertEqual(logits.dtype, tf.float32)

  def test_depth_multiplier_halves_the_channels_of_the_zoo_checkpoint(self):
    model = modeling.build_deeplab(depth_multiplier=0.5, atrous_rates=None)
    shapes = {k: v.shape.as_list() for k, v in model.slim_variables().items()}
    self.assertEqual(shapes["MobilenetV2/Conv/weights"], [3, 3, 3, 16])
    self.assertEqual(
      shapes["MobilenetV2/expanded_conv_16/project/weights"], [1, 1, 480, 160]
    )

  def test_frozen_batch_norm_keeps_statistics_and_trains_gamma_and_beta(self):
    model = modeling.build_deeplab(
      depth_multiplier=0.5, atrous_rates=None, fine_tune_batch_norm=False
    )
    variables = model.slim_variables()
    before = {k: v.numpy() for k, v in variables.items()}
    with tf.GradientTape() as tape:
      loss = tf.reduce_sum(model(tf.random.uniform([2, 33, 33, 3]) * 255, True))
    name = "aspp0/BatchNorm/gamma"
    self.assertIsNotNone(tape.gradient(loss, variables[name]))
    trainable = {v.ref() for v in model.trainable_variables}
    self.assertIn(variables[name].ref(), trainable)
    for key, value in before.items():
      self.assertAllEqual(value, variables[key])

  def test_fine_tuned_batch_norm_updates_statistics(self):
    model = modeling.build_deeplab(
      depth_multiplier=0.5, atrous_rates=None, batch_norm_decay=0.5
    )
    # Not the mean: what reaches this layer was normalised and keeps mean 0.
    variance = model.slim_variables()["aspp0/BatchNorm/moving_variance"]
    before = variance.numpy()
    model(tf.random.uniform([2, 33, 33, 3]) * 255, training=True)
    self.assertNotAllClose(before, variance)

  def test_weight_decay_is_half_the_squared_norm_of_full_kernels(self):
    decay = 0.01
    model = modeling.build_deeplab(
      depth_multiplier=0.5, aspp_with_separable_conv=True, weight_decay=decay
    )
    kernels = [
      v.numpy().astype(np.float64)
      for name, v in model.slim_variables().items()
      if name.endswith("/weights")
    ]
    expected = decay * sum((k**2).sum() / 2 for k in kernels)
    self.assertAllClose(tf.add_n(model.losses), expected, rtol=1e-5)

  def test_upsampled_logits_keep_the_corners(self):
    logits = tf.random.normal([1, 5, 4, 2], seed=1)
    large = modeling.upsample_logits(logits, (65, 49))
    self.assertAllClose(large[:, ::64, ::48], logits[:, ::4, ::3])


if __name__ == "__main__":
  tf.test.main()
