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

"""Tests of losses/functional.py, and of the two paths against each other."""

import functools
import inspect

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.losses import definition
from deeplab_ssl.losses import functional
from deeplab_ssl.losses import on_tensorflow
from tests.losses import inputs

_LOSSES = (
  "structural_similarity_terms",
  "ssim_terms",
  "affinity_terms",
  "softmax_cross_entropy",
  "sigmoid_cross_entropy",
)


def _loss_map(function, labels, logits, data_format):
  result = function(labels, logits, data_format=data_format)
  return getattr(result, "loss", result)


def test_tensorflow_takes_its_own_path():
  for name in functional.__all__:
    assert getattr(functional, name) is getattr(on_tensorflow, name)


@pytest.mark.parametrize("name", sorted(on_tensorflow.__all__))
def test_the_definition_has_the_same_arguments(name):
  ours, other = (
    inspect.signature(getattr(module, name)).parameters
    for module in (on_tensorflow, definition)
  )
  named = [key for key in other if key != "count_mean"]
  assert named == list(ours)
  for key in ours:
    assert ours[key].default == other[key].default, key


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("name", _LOSSES)
def test_both_paths_give_the_same_values_and_gradients(name, data_format):
  labels = inputs.blocks([2, 14, 11], 3)
  logits = inputs.noise(labels, 3)
  if data_format == "channels_first":
    logits = np.moveaxis(logits, -1, 1)
  found = []
  for module in (on_tensorflow, definition):
    function = functools.partial(
      _loss_map, getattr(module, name), data_format=data_format
    )
    found.append(inputs.value_and_gradient(function, labels, logits))
  inputs.assert_close(found[1][0], found[0][0])
  inputs.assert_close(found[1][1], found[0][1], 3e-5)


def test_both_paths_find_the_same_error_and_statistics():
  labels = inputs.blocks([1, 20, 17], 4)
  logits = inputs.fitted(labels, 4, 3.0, 2.0)
  (ours, hard), (other, hard_too) = (
    module.structural_error(labels, logits, region_size=7)
    for module in (on_tensorflow, definition)
  )
  inputs.assert_close(other.numpy(), ours.numpy())
  np.testing.assert_array_equal(hard_too, hard)
  statistics = [
    module.normalized_statistics(labels, logits)
    for module in (on_tensorflow, definition)
  ]
  np.testing.assert_allclose(statistics[1], statistics[0], rtol=1e-4)


def test_the_encoded_labels_are_the_same():
  labels = inputs.blocks([1, 6, 5], 3)
  for given in (labels, tf.one_hot(labels, 3)):
    ours, other = (
      module.encode_labels(given, 3, 255)
      for module in (on_tensorflow, definition)
    )
    np.testing.assert_array_equal(other.classes, ours.classes)
    np.testing.assert_array_equal(other.illegal, ours.illegal)
