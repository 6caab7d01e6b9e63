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

"""Layouts of labels, and those that are no labels."""

from keras import ops
import numpy as np
import pytest

from tests.losses import backends
from tests.losses.definition import testing


@testing.EACH
def test_layouts_and_dtypes_of_labels_are_alike(name):
  labels, logits = testing.IMAGES["noise"]
  wanted = ops.convert_to_numpy(testing.FUNCTIONS[name](labels, logits))
  one_hot = backends.one_hot(labels, testing.CLASSES)
  for other in (
    labels[..., None],
    labels.astype("uint8"),
    labels.astype("int64"),
    labels.astype("float32"),
    one_hot,
    one_hot.astype("int32"),
  ):
    found = ops.convert_to_numpy(testing.FUNCTIONS[name](other, logits))
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)


@testing.EACH
def test_an_illegal_label_is_an_error(name):
  labels, logits = testing.IMAGES["noise"]
  for bad in (3, 254, -1):
    wrong = labels.copy()
    wrong[0, 0, 0] = bad
    with pytest.raises(ValueError, match=f"smallest.* {bad} and {bad}"):
      testing.FUNCTIONS[name](wrong, logits)
  with pytest.raises(ValueError, match=r"\[0, 3\) or the ignore class"):
    testing.FUNCTIONS[name](labels + np.float32(0.5), logits)
  rows = backends.one_hot(labels, testing.CLASSES)
  with pytest.raises(ValueError, match="soft labels are not supported"):
    testing.FUNCTIONS[name](rows * 0.5, logits)
  with pytest.raises(ValueError, match="rows of 0"):
    testing.FUNCTIONS[name](rows, logits, ignore_class=None)
