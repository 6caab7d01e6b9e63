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

"""What all losses of the definition share."""

import keras
from keras import ops
import numpy as np
import pytest

from tests.losses import backends
from tests.losses import inputs
from tests.losses.definition import testing


@testing.EACH
def test_the_classes_may_come_first(name):
  labels, logits = testing.IMAGES["noise"]
  wanted = ops.convert_to_numpy(testing.FUNCTIONS[name](labels, logits))
  for y in (labels, labels[:, None], backends.one_hot(labels, testing.CLASSES)):
    first = y if y.shape[-1] != testing.CLASSES else np.moveaxis(y, -1, 1)
    found = testing.FUNCTIONS[name](
      first, np.moveaxis(logits, -1, 1), data_format="channels_first"
    )
    np.testing.assert_allclose(
      ops.convert_to_numpy(found), wanted, rtol=1e-6, atol=1e-7
    )


@testing.EACH
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_logits_of_low_precision_are_computed_in_float32(name, dtype):
  labels, logits = testing.IMAGES["noise"]
  low, exact = backends.as_low_precision(logits, dtype)
  found = testing.FUNCTIONS[name](labels, low)
  assert keras.backend.standardize_dtype(found.dtype) == "float32"
  np.testing.assert_allclose(
    ops.convert_to_numpy(found),
    ops.convert_to_numpy(testing.FUNCTIONS[name](labels, exact)),
    rtol=1e-6,
  )


@testing.EACH
def test_ignored_logits_may_be_anything(name):
  labels, logits = testing.IMAGES["noise"]
  value, slope = backends.value_and_gradient(
    testing.FUNCTIONS[name], labels, logits
  )
  void = labels == inputs.VOID
  for number in (np.inf, -np.inf, np.nan, 1e30):
    strange = np.where(void[..., None], np.float32(number), logits)
    found = backends.value_and_gradient(
      testing.FUNCTIONS[name], labels, strange
    )
    np.testing.assert_array_equal(found[0], value)
    np.testing.assert_array_equal(found[1], slope)
  assert not slope[void].any() and not value[void].any()


@testing.EACH
def test_probabilities_are_taken_for_what_they_are(name):
  labels, logits = testing.IMAGES["noise"]
  activation = ops.softmax if name in ("ce", "affinity") else ops.sigmoid
  p = activation(ops.convert_to_tensor(logits))
  found = testing.FUNCTIONS[name](labels, p, from_logits=False)
  np.testing.assert_allclose(
    ops.convert_to_numpy(found),
    ops.convert_to_numpy(testing.FUNCTIONS[name](labels, logits)),
    rtol=2e-3,
    atol=1e-5,
  )


@testing.EACH
def test_shapes_that_do_not_fit_are_errors(name):
  labels, logits = testing.IMAGES["noise"]
  function = testing.FUNCTIONS[name]
  with pytest.raises(ValueError, match="upsample the logits"):
    function(labels[:, 1:], logits)
  with pytest.raises(ValueError, match="class indices"):
    function(labels[0, 0], logits)
  with pytest.raises(ValueError, match="known number of classes"):
    function(labels, logits[..., 0])
  with pytest.raises(ValueError, match="before argmax"):
    function(labels, np.int32(logits))
  with pytest.raises(ValueError, match="`data_format`.*'nchw'"):
    function(labels, logits, data_format="nchw")


@testing.EACH
def test_counts_of_several_processes_are_averaged(name):
  labels, logits = testing.IMAGES["noise"]
  seen = []

  def count_mean(counts):
    seen.append(len(counts))
    return [2 * count for count in counts]

  alone = ops.convert_to_numpy(testing.FUNCTIONS[name](labels, logits))
  shared = testing.FUNCTIONS[name](labels, logits, count_mean=count_mean)
  np.testing.assert_allclose(2 * ops.convert_to_numpy(shared), alone, rtol=1e-6)
  assert seen
