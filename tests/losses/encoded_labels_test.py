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

"""Tests of losses/encoded_labels.py."""

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.losses import encoded_labels


@pytest.mark.parametrize(
  "dtype", [np.float16, tf.bfloat16.as_numpy_dtype, np.int16]
)
def test_codes_are_exact_in_every_dtype_that_labels_may_have(dtype):
  for code in (encoded_labels.FORCE_IGNORED, encoded_labels.FORCE_ILLEGAL):
    assert int(np.array(code).astype(dtype)) == code


def test_no_code_is_a_class_or_another_code():
  codes = {
    encoded_labels.IGNORED,
    encoded_labels.FORCE_IGNORED,
    encoded_labels.FORCE_ILLEGAL,
  }
  assert len(codes) == 3 and max(codes) < 0


def test_a_head_of_one_channel_is_told_of():
  assert "two channels" in encoded_labels.not_classes(1, 255)
  assert "two channels" not in encoded_labels.not_classes(2, 255)


def test_what_is_said_names_what_was_expected():
  assert "[batch, height, width, 3]" in encoded_labels.not_labels((2, 4), 3)
  assert "rows of 0" in encoded_labels.not_one_hot(None)
  assert "only 0 where" in encoded_labels.not_one_hot(255)


def test_ignored_pixels_are_not_valid():
  classes = np.array([[[0, encoded_labels.IGNORED]]])
  found = encoded_labels.Labels(classes, classes < -1)
  np.testing.assert_array_equal(found.valid, [[[True, False]]])
