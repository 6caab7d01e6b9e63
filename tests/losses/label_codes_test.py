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

"""Tests of losses/label_codes.py."""

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.losses import label_codes


@pytest.mark.parametrize(
  "dtype", [np.float16, tf.bfloat16.as_numpy_dtype, np.int16]
)
def test_codes_are_exact_in_every_dtype_that_labels_may_have(dtype):
  for code in (label_codes.FORCE_IGNORED, label_codes.FORCE_ILLEGAL):
    assert int(np.array(code).astype(dtype)) == code


def test_no_code_is_a_class_or_another_code():
  codes = {
    label_codes.IGNORED,
    label_codes.FORCE_IGNORED,
    label_codes.FORCE_ILLEGAL,
  }
  assert len(codes) == 3 and max(codes) < 0
