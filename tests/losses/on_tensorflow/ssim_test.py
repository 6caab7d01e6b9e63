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

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from deeplab_ssl import losses
from tests.losses import inputs
from tests.losses import reference

FORMS = ("ssim", "contrast_structure")


def loss_of(**settings):
  settings = losses.SSIMSettings(**settings)
  return lambda y, x: losses.ssim_terms(y, x, settings=settings).loss


class SSIMTest(parameterized.TestCase):
  @parameterized.product(
    form=FORMS,
    region_size=(3, 7),
    logits=("noise", "fitted", "wrong", "flat"),
  )
  def test_value_and_gradient(self, form, region_size, logits):
    labels = inputs.blocks([1, 5, 6], 3)
    logits = {
      "noise": inputs.noise(labels, 3),
      "fitted": inputs.fitted(labels, 3, 3.0, 0.5),
      "wrong": inputs.fitted(labels, 3, -3.0, 1.0),
      "flat": np.zeros([*labels.shape, 3], np.float32),
    }[logits]
    settings = {"form": form, "region_size": region_size}
    oracle = functools.partial(reference.ssim, labels, **settings)
    value, gradient = inputs.value_and_gradient(
      loss_of(**settings), labels, logits
    )
    inputs.assert_close(value / value.size, oracle(np.float64(logits)))
    inputs.assert_close(
      gradient, reference.numerical_gradient(oracle, logits), 1e-4
    )

  @parameterized.parameters(
    {"ce_weight": 0.0}, {"sigma": 0.8}, {"ce_weight": 1}
  )
  def test_settings(self, **settings):
    labels = inputs.blocks([1, 5, 6], 3)
    logits = inputs.noise(labels, 3)
    value = loss_of(**settings)(labels, logits).numpy()
    expected = reference.ssim(labels, np.float64(logits), **settings)
    inputs.assert_close(value / value.size, expected)

  @parameterized.product(region_size=(3, 11), sigma=(1.5, 0.7))
  def test_inside_it_is_the_index_of_tf_image(self, region_size, sigma):
    labels = inputs.blocks([2, 19, 23], 3, void=0)
    logits = inputs.noise(labels, 3)
    shares = loss_of(region_size=region_size, sigma=sigma, ce_weight=0.0)(
      labels, logits
    )
    rim = region_size // 2
    inner = shares[:, rim:-rim, rim:-rim]
    expected = tf.image.ssim(
      tf.one_hot(labels, 3),
      tf.sigmoid(logits),
      max_val=1.0,
      filter_size=region_size,
      filter_sigma=sigma,
    )
    np.testing.assert_allclose(
      tf.reduce_mean(inner, [1, 2]), 1 - expected, rtol=2e-4
    )

  @parameterized.parameters(*FORMS)
  def test_a_perfect_prediction_costs_nothing(self, form):
    labels = inputs.blocks([1, 9, 8], 3)
    logits = inputs.fitted(labels, 3, 40.0, 0.0)
    value = loss_of(form=form)(labels, logits)
    np.testing.assert_allclose(value, np.zeros(labels.shape), atol=1e-6)

  @parameterized.product(form=FORMS, wild=(np.inf, np.nan))
  def test_predictions_at_ignored_pixels_do_not_matter(self, form, wild):
    labels = inputs.blocks([2, 7, 6], 3)
    logits = inputs.noise(labels, 3)
    void = (labels == inputs.VOID)[..., None]
    function = loss_of(form=form, region_size=5)
    tame = inputs.value_and_gradient(function, labels, logits)
    found = inputs.value_and_gradient(
      function, labels, np.where(void, np.float32(wild), logits)
    )
    for a, b in zip(found, tame, strict=True):
      np.testing.assert_array_equal(a, b)
    self.assertEqual(np.abs(found[1] * void).max(), 0)

  @parameterized.parameters(*FORMS)
  def test_ignored_rows_are_as_if_cut_off(self, form):
    labels = inputs.blocks([1, 8, 6], 3, void=0)
    logits = inputs.noise(labels, 3)
    labels[:, 5:] = inputs.VOID
    function = loss_of(form=form, region_size=7)
    value = function(labels, logits)
    cut = function(labels[:, :5], logits[:, :5])
    inputs.assert_close(
      value[:, :5] / value.numpy().size, cut / cut.numpy().size
    )

  @parameterized.parameters(*FORMS)
  def test_nothing_valid(self, form):
    labels = np.full([2, 5, 6], inputs.VOID)
    value, gradient = inputs.value_and_gradient(
      loss_of(form=form), labels, inputs.noise(labels, 4)
    )
    np.testing.assert_array_equal(value, np.zeros([2, 5, 6]))
    np.testing.assert_array_equal(gradient, np.zeros([2, 5, 6, 4]))

  def test_parts_add_up(self):
    labels = inputs.blocks([2, 7, 6], 3)
    logits = inputs.noise(labels, 3)
    settings = losses.SSIMSettings(ce_weight=0.3)
    terms = losses.ssim_terms(labels, logits, settings=settings)
    np.testing.assert_allclose(
      tf.reduce_mean(terms.loss),
      0.3 * terms.cross_entropy + 0.7 * terms.structural,
      rtol=1e-6,
    )


if __name__ == "__main__":
  absltest.main()
