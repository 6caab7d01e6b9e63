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

"""Tests of images that are padded or resized before a model sees them."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.input import preprocess
from deeplab_ssl.prediction import export_folder
from deeplab_ssl.prediction import input_size
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.prediction import views
from tests import models

_OWN = views.Views(own_size=True)


def _image(height, width, seed=0, batch=1):
  random = np.random.RandomState(seed)
  return random.randint(0, 256, [batch, height, width, 3]).astype(np.uint8)


class _Watched(models.Blocks):
  """Remembers what it has seen."""

  def __init__(self, padding=127.5):
    super().__init__()
    self.padding = padding

  def __call__(self, images, training, scale=1.0):
    self.seen = np.asarray(images)
    return super().__call__(images, training, scale)


@pytest.mark.parametrize("padding", [127.5, (123.0, 116.5, 104.0)])
def test_the_model_sees_an_image_of_one_size(padding):
  model, image = _Watched(padding), _image(9, 14, batch=2)
  logits = input_size.Padded((17, 21), _OWN)(model, image)
  assert model.seen.shape == (2, 17, 21, 3)
  np.testing.assert_array_equal(model.seen[:, :9, :14], image)
  beyond = np.broadcast_to(padding, [2, 8, 21, 3]).astype(np.float32)
  np.testing.assert_array_equal(model.seen[:, 9:], beyond)
  np.testing.assert_array_equal(
    model.seen[:, :9, 14:], beyond[:, :1, :7] + (np.zeros([2, 9, 7, 3]))
  )
  assert logits.shape == (2, 9, 14, 3)


@pytest.mark.parametrize("rule", [_OWN, predictor_lib.Nearest()])
def test_the_logits_are_those_of_the_padded_image(rule):
  image = _image(9, 14)
  padded = np.pad(
    image.astype(np.float32),
    [[0, 0], [0, 8], [0, 7], [0, 0]],
    constant_values=127.5,
  )
  found = input_size.Padded((17, 21), rule)(models.Blocks(), image)
  expected = rule(models.Blocks(), padded)[:, :9, :14]
  np.testing.assert_array_equal(found, expected)


def test_scales_are_those_of_the_padded_image():
  sizes = []

  class Sizes(models.Blocks):
    def __call__(self, images, training, scale=1.0):
      sizes.append(tuple(images.shape[1:3]))
      return super().__call__(images, training, scale)

  rule = views.Views((0.5, 1.5), True, own_size=True)
  input_size.Padded((17, 33), rule)(Sizes(), _image(9, 14))
  assert set(sizes) == {(9, 17), (25, 49)}


@pytest.mark.parametrize("shape", [(18, 10), (10, 22)])
@pytest.mark.parametrize("compiled", [False, True])
def test_a_larger_image_is_refused(shape, compiled):
  rule = input_size.Padded((17, 21), _OWN)
  predictor = predictor_lib.Predictor(rule)
  image = _image(*shape).astype(np.float32)
  ask = functools.partial(predictor, models.Blocks())
  if compiled:
    ask = predictor.compiled(models.Blocks())
  with pytest.raises(tf.errors.InvalidArgumentError, match="17 x 21, to which"):
    ask(image)


@pytest.mark.parametrize("size", [(17,), (17, 21, 3), (0, 21)])
def test_a_size_that_is_none_is_refused(size):
  with pytest.raises(ValueError, match=r"`size` must be \(height, width\)"):
    input_size.Padded(size, _OWN)


def _nearest(values, size):
  """Resizes with aligned corners, halves up; float64."""
  for axis, new in zip((1, 2), size, strict=True):
    at = np.arange(new) * (values.shape[axis] - 1) / (new - 1)
    values = values.take(np.floor(at + 0.5).astype(int), axis)
  return values


def test_labels_of_a_resized_image_are_taken_back():
  image, model = _image(20, 40), models.Blocks()
  rule = input_size.Resized(preprocess.SizeRange(10, 15), _OWN)
  # The long side would be 20, so that it is 15 and the other one 7.
  small = preprocess.resize_align_corners(tf.constant(image), (7, 15))
  labels = predictor_lib.Predictor(_OWN)(model, small).numpy()
  found = predictor_lib.Predictor(rule)(model, image)
  np.testing.assert_array_equal(found, _nearest(labels, (20, 40)))


def test_what_is_resized_may_be_padded():
  model = _Watched()
  padded = input_size.Padded((17, 21), _OWN)
  rule = input_size.Resized(preprocess.SizeRange(10), padded)
  assert rule(model, _image(20, 40)).shape == (1, 20, 40, 3)
  assert model.seen.shape == (1, 17, 21, 3)
  assert rule.largest_size == (17, 21)
  with pytest.raises(tf.errors.InvalidArgumentError):
    rule(model, _image(10, 22))


def test_no_rule_but_padding_has_a_largest_size():
  assert input_size.Padded((17, 21), _OWN).largest_size == (17, 21)
  rules = [
    predictor_lib.Whole(),
    predictor_lib.Nearest(),
    _OWN,
    input_size.Resized(preprocess.SizeRange(9), _OWN),
  ]
  for rule in rules:
    assert predictor_lib.Predictor(rule).largest_size is None


def test_they_tell_what_they_do():
  padded = input_size.Padded((17, 21), predictor_lib.Nearest())
  assert str(padded) == "padded to 17 x 21, nearest logits"
  resized = input_size.Resized(preprocess.SizeRange(9), padded)
  assert str(resized) == (
    "resized to 9 pixels, padded to 17 x 21, nearest logits"
  )


def test_an_onnx_model_cannot_refuse_an_image():
  padded = input_size.Padded((9, 9), _OWN)
  resized = input_size.Resized(preprocess.SizeRange(5), padded)
  for rule in (padded, resized):
    predictor = predictor_lib.Predictor(rule)
    with pytest.raises(ValueError, match="could not refuse a larger image"):
      predictor.check_exportable(export_folder.Format.ONNX)


@pytest.mark.parametrize("export_format", export_folder.Format)
def test_what_cannot_be_exported_stays_so(export_format):
  tiled = views.Views(tile_size=(9, 9), tile_overlap=4)
  for rule in (tiled, _OWN):
    expected = rule.obstacle(export_format)
    padded = input_size.Padded((9, 9), rule)
    resized = input_size.Resized(preprocess.SizeRange(9), rule)
    if export_format is not export_folder.Format.ONNX:
      assert padded.obstacle(export_format) == expected
    assert resized.obstacle(export_format) == expected
