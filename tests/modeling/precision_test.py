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

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from deeplab_ssl import modeling
from deeplab_ssl.modeling import precision


@pytest.mark.parametrize(
  "dtype, name",
  [
    (None, "float32"),
    ("float32", "float32"),
    ("bfloat16", "mixed_bfloat16"),
    ("float16", "mixed_float16"),
  ],
)
def test_a_layer_has_the_policy_of_its_scope(dtype, name):
  with precision.scope(dtype):
    layer = tf_keras.layers.Dense(1)
  assert layer.dtype_policy.name == name
  assert tf_keras.mixed_precision.global_policy().name == "float32"


def test_the_policy_before_comes_back_after_an_error():
  with pytest.raises(KeyError), precision.scope("bfloat16"):
    raise KeyError
  assert tf_keras.mixed_precision.global_policy().name == "float32"


@pytest.mark.parametrize("dtype", ["double", "float64", "", 16])
def test_another_type_is_refused(dtype):
  with (
    pytest.raises(ValueError, match="types float32, bfloat16, float16"),
    precision.scope(dtype),
  ):
    pass


def _model(dtype):
  tf_keras.utils.set_random_seed(0)
  with precision.scope(dtype):
    return modeling.build_deeplab(
      backbone="mobilenet_v2_mini",
      output_stride=8,
      atrous_rates=[2],
      aspp_convs_filters=8,
      decoder_output_stride=4,
      decoder_filters=8,
      num_classes=3,
      logits_init_stddev=0.15,
    )


@pytest.mark.parametrize(
  "dtype, step", [("bfloat16", 2**-8), ("float16", 2**-11)]
)
def test_a_network_keeps_float32_and_computes_about_the_same(dtype, step):
  images = np.random.RandomState(0).uniform(0, 255, [2, 33, 41, 3])
  images = images.astype(np.float32)
  narrow, full = _model(dtype), _model(None)
  assert {v.dtype for v in narrow.variables} == {tf.float32}
  for training in (False, True):
    narrow.head.dropout.rate = full.head.dropout.rate = 0.0
    found, expected = (m(images, training=training) for m in (narrow, full))
    assert found.dtype == tf.float32
    size = np.abs(expected).max()
    assert 0 < np.abs(found - expected).max() < 40 * step * size
  for ours, reference in zip(narrow.variables, full.variables, strict=True):
    np.testing.assert_allclose(ours, reference, atol=0.05)


def test_images_are_normalised_before_they_are_rounded():
  model = _model("bfloat16")
  seen = []
  call = model.backbone.call
  model.backbone.call = lambda x, **options: (
    seen.append(x) or call(x, **options)
  )
  model(tf.fill([1, 9, 9, 3], 129.3))
  assert seen[0].dtype == tf.bfloat16
  # In bfloat16 129.3 is 129, which is 0.0118 after the normalisation.
  np.testing.assert_allclose(
    tf.cast(seen[0], tf.float32), 2 * 129.3 / 255 - 1, rtol=2**-8
  )
