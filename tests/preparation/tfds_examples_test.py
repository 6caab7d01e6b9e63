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

"""Tests of what the builders of TFDS share."""

import dataclasses

import numpy as np
from PIL import Image
import pytest

from deeplab_ssl.input import masks
from deeplab_ssl.preparation import layouts
from deeplab_ssl.preparation import samples
from deeplab_ssl.preparation import tfds_examples
from tests import input_testing

PETS = input_testing.PETS


@pytest.fixture(name="pairs")
def fixture_pairs(tmp_path):
  input_testing.write_devkit(tmp_path, {"train": ["a", "b"]})
  return layouts.devkit_pairs(tmp_path, "train")


def _examples(pairs, *label_map, split="train", config=None):
  _, subset = tfds_examples.builder_configs()
  return tfds_examples.examples(
    pairs, PETS, split, config or subset, *label_map
  )


def test_features_name_the_classes():
  features = tfds_examples.features(PETS)
  assert sorted(features) == ["filename", "image", "segmentation_label"]
  assert features["segmentation_label"].names == list(PETS.class_names)
  assert features["segmentation_label"].shape == (None, None, 1)


def test_examples_are_the_pairs(pairs):
  found = list(_examples(pairs))
  assert [key for key, _ in found] == ["a", "b"]
  for (name, example), pair in zip(found, pairs, strict=True):
    assert example["filename"] == name
    assert example["image"].read() == pair.image_path.read_bytes()
    label = masks.decode_mask(example["segmentation_label"].read(), PETS)
    np.testing.assert_array_equal(label, Image.open(pair.mask_path))


def test_a_map_turns_values_into_labels(pairs):
  label_map = np.full(256, 255)
  label_map[[1, 2]] = 0, 1
  (_, example), _ = _examples(pairs, label_map)
  label = masks.decode_mask(example["segmentation_label"].read(), PETS)
  stored = np.asarray(Image.open(pairs[0].mask_path))
  np.testing.assert_array_equal(label, label_map[stored])


def test_all_that_is_wrong_is_told_after_the_last_pair(pairs):
  pairs[0].mask_path.write_bytes(b"no mask")
  found = []
  with pytest.raises(samples.ConversionError, match="was not built") as caught:
    for key, _ in _examples(pairs):
      found.append(key)
  assert found == ["b"]
  (problem,) = caught.value.problems
  assert "a.png: is not a PNG" in problem


def test_classes_that_are_void_instead_are_told_after_the_last_pair(pairs):
  """As masks of 0 and 255 are, whose 255 means a class."""
  complete, subset = tfds_examples.builder_configs()
  label_map = np.full(256, 255)
  label_map[0] = 0
  found = []
  with pytest.raises(samples.ConversionError, match="no pixel is") as caught:
    for key, _ in _examples(pairs, label_map, config=complete):
      found.append(key)
  assert found == ["a", "b"]
  (problem,) = caught.value.problems
  assert ", ".join(PETS.class_names[1:]) in problem
  # Nothing is learnt from the one, and the other says that classes are missing.
  assert (
    len(list(_examples(pairs, label_map, split="val", config=complete))) == 2
  )
  assert len(list(_examples(pairs, label_map, config=subset))) == 2


def test_counts_are_checked_unless_a_subset_is_wanted(pairs):
  complete, subset = tfds_examples.builder_configs()
  info = dataclasses.replace(PETS, splits={"train": 3})
  tfds_examples.check_counts({"train": pairs}, info, subset)
  with pytest.raises(ValueError, match="'pets' has 3 images; found 2"):
    tfds_examples.check_counts({"train": pairs}, info, complete)
  for config in (complete, subset):
    with pytest.raises(ValueError, match="'train' has no images"):
      tfds_examples.check_counts({"train": []}, info, config)
