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

"""Tests of crops against the original and against the whole image."""

import unittest

import hypothesis
from hypothesis import strategies as st
import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.input import augmentation
from deeplab_ssl.input import cropping
from tests import input_testing
from tests.input import whole_image

UNITS = input_testing.load_json("preprocess_units.json")
IMAGE = input_testing.synth_image(1, 37, 53)
LABEL = input_testing.synth_label(1, 37, 53, 21)


def _cut(image, label, crop, pad_value=127.5):
  box = cropping.source_box(crop).numpy()
  assert (box[:2] >= 0).all() and (box[2:] > 0).all()
  assert (box[:2] + box[2:] <= image.shape[:2]).all()
  top, left, height, width = box
  part = image[top : top + height, left : left + width]
  return (
    cropping.cut_image(tf.constant(part), crop, pad_value=pad_value).numpy(),
    cropping.cut_label(tf.constant(label), crop).numpy(),
  )


def _example(
  image,
  label,
  size,
  *,
  scaled_size=None,
  offset=(0, 0),
  mirrored=False,
  pad_value=127.5,
):
  scaled_size = scaled_size or image.shape[:2]
  crop = cropping.place(
    tf.constant(image.shape[:2]),
    tf.constant(scaled_size),
    tf.constant(offset),
    size,
    mirrored=tf.constant(mirrored),
  )
  return _cut(image, label, crop, pad_value)


def _assert_like(found, fixture):
  case = unittest.TestCase()
  input_testing.assert_like_fixture(case, found[0], fixture["image"])
  input_testing.assert_like_fixture(case, found[1], fixture["label"])


@pytest.mark.parametrize("case", UNITS["randomly_scale_image_and_label"])
def test_a_crop_of_all_is_the_scaled_image_of_the_original(case):
  size = augmentation.scale_size([37, 53], tf.constant(case["scale"]))
  size = tuple(size.numpy().tolist())
  _assert_like(_example(IMAGE, LABEL, size, scaled_size=size), case)


@pytest.mark.parametrize("case", UNITS["random_crop"]["cases"])
def test_a_crop_of_the_original(case):
  found = _example(IMAGE, LABEL, tuple(case["crop"]), offset=case["offset"])
  _assert_like(found, case)


def test_a_mirrored_image_of_the_original():
  found = _example(IMAGE, LABEL, (37, 53), mirrored=True)
  _assert_like(found, UNITS["flip_dim"])


@pytest.mark.parametrize("case", UNITS["preprocess_train_pinned"]["cases"])
def test_training_with_the_draws_of_the_original(case):
  is_resnet = case["model_variant"] == "resnet_v1_101"
  scaled_size = augmentation.scale_size([37, 53], tf.constant(case["scale"]))
  found = _example(
    IMAGE.astype(np.uint8),
    LABEL.astype(np.uint8),
    tuple(case["crop"]),
    scaled_size=tuple(scaled_size.numpy()),
    offset=case["crop_offset"],
    mirrored=case["flipped"],
    pad_value=[123.15, 115.9, 103.06] if is_resnet else 127.5,
  )
  _assert_like(found, case)


sides = st.integers(1, 40)
sizes = st.tuples(sides, sides)


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(
  sizes, sizes, sizes, st.booleans(), st.booleans(), st.integers(0, 99)
)
@hypothesis.example((1, 1), (1, 1), (3, 2), True, True, 0)
@hypothesis.example((9, 1), (18, 2), (7, 2), True, False, 0)
@hypothesis.example((1, 30), (1, 15), (1, 15), False, True, 0)
def test_crops_are_those_of_the_whole_image(
  image_size, scaled_size, size, mirrored, of_bytes, seed
):
  rng = np.random.default_rng(seed)
  image = rng.integers(0, 256, (*image_size, 3)).astype(np.uint8)
  if not of_bytes:
    image = image.astype(np.float32)
  label = rng.integers(0, 256, (*image_size, 1)).astype(np.uint8)
  room = np.maximum(np.subtract(scaled_size, size), 0)
  offset = tuple(rng.integers(0, room + 1).tolist())
  settings = {
    "scaled_size": scaled_size,
    "offset": offset,
    "size": size,
    "mirrored": mirrored,
    "pad_value": [1.25, -3.0, 300.0],
  }
  found = _example(image, label, **settings)
  expected = whole_image.example(image, label, **settings)
  np.testing.assert_array_equal(found[1], expected[1])
  np.testing.assert_allclose(found[0], expected[0], atol=1e-4)
  assert found[0].dtype == np.float32 and found[1].dtype == np.int32


@pytest.mark.parametrize("scaled_size", [(18, 26), (37, 53), (101, 200)])
def test_pixels_are_interpolated(scaled_size):
  image = (IMAGE * 0.999).astype(np.uint8)
  expected = whole_image.interpolated(image, scaled_size)
  found, _ = _example(image, LABEL, scaled_size, scaled_size=scaled_size)
  # Weights in float32 are wrong by some 1e-5 of 255 levels.
  np.testing.assert_allclose(found, expected, atol=0.01)


@pytest.mark.parametrize("axis", [0, 1])
def test_labels_half_way_go_to_the_later_pixel(axis):
  # Of 5 pixels become 3, 9 and 17: positions in halves and quarters.
  label = np.arange(5, dtype=np.uint8).reshape(
    (5, 1, 1) if not axis else (1, 5, 1)
  )
  image = np.zeros((*label.shape[:2], 3), np.uint8)
  for length, expected in {
    3: [0, 2, 4],
    9: [0, 1, 1, 2, 2, 3, 3, 4, 4],
    17: [0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4],
  }.items():
    size = (1, length) if axis else (length, 1)
    _, found = _example(image, label, size, scaled_size=size)
    assert found.ravel().tolist() == expected


def test_the_box_is_no_larger_than_it_must_be():
  crop = cropping.place(
    tf.constant([101, 201]),
    tf.constant([201, 401]),
    tf.constant([20, 31]),
    (41, 60),
    mirrored=tf.constant(True),
  )
  # Rows 10 to 30 and the one after; columns 15.5 to 45.
  assert cropping.source_box(crop).numpy().tolist() == [10, 15, 22, 32]


def test_what_is_padded_is_mirrored_with_the_image():
  image, label = np.ones((2, 3, 3), np.uint8), np.ones((2, 3, 1), np.uint8)
  found = _example(image, label, (3, 5), mirrored=True, pad_value=7)
  shown = np.zeros((3, 5), bool)
  shown[:2, 2:] = True
  np.testing.assert_array_equal(found[1][..., 0], np.where(shown, 1, 255))
  np.testing.assert_array_equal(found[0][..., 2], np.where(shown, 1, 7))


def test_image_and_label_stay_together():
  # A step from 0 to 1: bilinear and nearest are at most half a step apart.
  label = np.repeat(np.arange(53)[None, :, None] >= 20, 37, 0).astype(np.uint8)
  image = np.repeat(label, 3, -1)
  for seed in range(10):
    crop = augmentation.draw(
      tf.constant([37, 53]),
      tf.constant([seed, 0]),
      crop_size=(60, 60),
      scale_factor_step_size=0,
    )
    new, new_label = _cut(image, label, crop, pad_value=-1)
    void = new_label == 255
    np.testing.assert_array_equal(new[..., :1] == -1, void)
    assert np.abs(new[..., :1] - new_label)[~void].max() <= 0.501
