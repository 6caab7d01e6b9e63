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

"""What compiled code computes, where no value is known."""

import keras
from keras import ops
import numpy as np
import pytest

from deeplab_ssl.losses.definition import known_values
from tests.losses import backends
from tests.losses import inputs
from tests.losses.definition import testing


@pytest.mark.skipif(not testing.COMPILES, reason="torch is not compiled here")
@testing.EACH
def test_compiled_code_computes_the_same(name):
  for image in ["noise", "saturated"] if name == "ssl" else ["noise"]:
    labels, logits = testing.IMAGES[image]
    wanted = backends.value_and_gradient(
      testing.FUNCTIONS[name], labels, logits
    )
    found = backends.value_and_gradient(
      testing.FUNCTIONS[name], labels, logits, compiled=True
    )
    inputs.assert_close(found[0], wanted[0])
    inputs.assert_close(found[1], wanted[1], 3e-5)


@pytest.mark.skipif(not testing.COMPILES, reason="torch is not compiled here")
@testing.EACH
def test_compiled_code_makes_an_illegal_label_nan(name):
  labels, logits = testing.IMAGES["noise"]
  wrong = labels.copy()
  wrong[0, 0, 0] = 7
  value, slope = backends.value_and_gradient(
    testing.FUNCTIONS[name], wrong, logits, compiled=True
  )
  assert np.isnan(value[0, 0, 0]) and np.isfinite(value[0, 0, 1:]).all()
  assert np.isfinite(slope).all() and not slope[0, 0, 0].any()


def test_values_of_eager_code_are_known():
  assert known_values.are_known(ops.ones([2]))
  assert not known_values.are_known(keras.Input([2]))


@pytest.mark.skipif(not testing.COMPILES, reason="torch is not compiled here")
def test_values_of_compiled_code_are_not_known():
  seen = []

  def look(labels, logits):
    seen.append(known_values.are_known(labels))
    return logits

  one = np.ones([1], np.float32)
  backends.value_and_gradient(look, one, one, compiled=True)
  assert seen and not any(seen)


def test_an_error_names_the_extremes():
  values = ops.convert_to_tensor([3, 7, 300])
  known_values.require_none(values > 900, values, "Too large:")
  with pytest.raises(ValueError, match="Too large: 7 and 300"):
    known_values.require_none(values > 3, values, "Too large:")
