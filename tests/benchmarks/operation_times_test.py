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

"""Tests of benchmarks/operation_times.py."""

import pytest
import tensorflow as tf

from benchmarks import operation_times


@pytest.mark.parametrize(
  ("op_type", "dtype", "kind"),
  [
    ("DepthwiseConv2dNative", "float64", "window sums"),
    ("StridedSliceGrad", "float32", "copies"),
    ("Mul", "float64", "float64 arithmetic"),
    ("Mul", "float32", "other arithmetic"),
  ],
)
def test_each_operation_has_a_kind(op_type, dtype, kind):
  assert operation_times.kind(op_type, dtype) == kind


def test_shares_tell_what_takes_the_time_and_nothing_else():
  big, small = tf.random.normal([1, 300, 300, 8]), tf.ones([2, 2])

  @tf.function
  def convolve():
    tf.sigmoid(small)
    kernel = tf.ones([11, 11, 8, 1])
    return tf.nn.depthwise_conv2d(big, kernel, [1] * 4, "SAME")

  shares = operation_times.shares(convolve)
  assert sum(shares.values()) == pytest.approx(100)
  assert shares["window sums"] > 90
  assert not tf.config.functions_run_eagerly()


def test_an_error_leaves_the_eager_mode_as_it_was():
  def fail():
    raise KeyError("no")

  with pytest.raises(KeyError):
    operation_times.shares(fail)
  assert not tf.config.functions_run_eagerly()
