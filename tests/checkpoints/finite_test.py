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

"""Tests that what is saved is finite."""

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.checkpoints import finite


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [tf.float16, tf.bfloat16, tf.float32])
def test_a_variable_is_named(value, dtype):
  first = tf.Variable(tf.zeros([3], dtype), name="fine")
  second = tf.Variable(tf.cast([0, value, 1], dtype), name="moving_mean")
  finite.check([first], 3)
  with pytest.raises(finite.NotFiniteError, match="step 3 .* moving_mean"):
    finite.check([first, second], 3)


def test_counts_and_nothing_pass():
  finite.check([], 0)
  finite.check([tf.Variable(2**40, dtype=tf.int64), tf.Variable(True)], 0)
