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

import json

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from deeplab_ssl import losses
from tests.losses import inputs
from tests.losses import keras_testing
from tests.losses import reference


class KerasApiTest(parameterized.TestCase):
  @keras_testing.EACH_LOSS
  def test_equals_the_function(self, library, name):
    labels = inputs.blocks([5, 6, 5], 3)
    logits = inputs.noise(labels, 3)
    ssl = reference.structural_similarity(
      labels, logits, **keras_testing.SETTINGS
    )
    value = keras_testing.make(library, name)(labels, logits)
    pair = labels, np.float64(logits)
    expected = {
      "StructuralSimilarityLoss": lambda: ssl.total,
      "SoftmaxCrossEntropyLoss": lambda: reference.softmax_cross_entropy(*pair)[
        0
      ],
      "SigmoidCrossEntropyLoss": lambda: ssl.cross_entropy,
      "SSIMLoss": lambda: reference.ssim(*pair).sum(),
      "AffinityFieldLoss": lambda: reference.affinity(*pair).sum(),
    }[name]()
    self.assertEqual(value.dtype, tf.float32)
    inputs.assert_close(value, expected)

  @keras_testing.EACH_LOSS
  def test_config_holds_every_argument(self, library, name):
    loss, kwargs = keras_testing.custom(library, name)
    config = loss.get_config()
    self.assertEqual(config, kwargs)
    self.assertEqual(json.loads(json.dumps(config)), kwargs)
    again = type(loss).from_config(config)
    self.assertEqual(again.get_config(), config)
    # And every default can be rebuilt, too.
    default = keras_testing.make(library, name)
    self.assertEqual(
      type(loss).from_config(default.get_config()).get_config(),
      default.get_config(),
    )

  def test_positional_arguments_are_those_of_the_documentation(self):
    loss = losses.StructuralSimilarityLoss(5, 2.0, 0.2)
    self.assertEqual(
      loss.settings, losses.Settings(region_size=5, sigma=2.0, beta=0.2)
    )
    self.assertEqual(losses.SigmoidCrossEntropyLoss(7).ignore_class, 7)
    loss = losses.StructuralSimilarityLoss()
    self.assertEqual(loss.settings, losses.Settings())


if __name__ == "__main__":
  absltest.main()
