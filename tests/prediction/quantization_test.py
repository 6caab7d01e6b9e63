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

"""Tests of TFLite models that compute with 8-bit integers."""

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.prediction import exported_model
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.prediction import quantization
from deeplab_ssl.prediction import serving
from deeplab_ssl.prediction import views
from tests import models

_SIZE = (17, 13)


class _Convolution(models.Blocks):
  """Fixed filters and ReLU6 before the logits."""

  def __init__(self):
    super().__init__()
    random = np.random.RandomState(1)
    shapes = ([3, 3, 3, 8], [1, 1, 8, 3])
    self.kernels = [
      tf.Variable(random.normal(0, 0.4, shape).astype(np.float32))
      for shape in shapes
    ]

  def __call__(self, images, training, scale=1.0):
    first, second = self.kernels
    features = tf.nn.conv2d(images / 127.5 - 1, first, 4, "SAME")
    return tf.nn.conv2d(tf.nn.relu6(features), second, 1, "SAME")


def _images(count=6, low=40, high=200):
  random = np.random.RandomState(0)
  coarse = random.randint(low, high, [count, 5, 4, 3]).astype(np.uint8)
  fine = coarse.repeat(4, axis=1).repeat(4, axis=2)
  return fine[:, : _SIZE[0], : _SIZE[1]]


def _export(path, integer_io, images=None, model=None):
  images = _images() if images is None else images
  module = serving.ServingModule(model or _Convolution())
  settings = quantization.Settings(lambda: iter(images), integer_io)
  module.save_tflite(path, _SIZE, quantized=settings)
  return module


def _details(path):
  interpreter = tf.lite.Interpreter(str(path))
  run = interpreter.get_signature_runner()
  types = {t["dtype"] for t in interpreter.get_tensor_details()}
  return run.get_input_details(), run.get_output_details(), types


def test_with_integers_in_and_out_nothing_is_a_float(tmp_path):
  path = tmp_path / "model.tflite"
  _export(path, integer_io=True)
  inputs, outputs, types = _details(path)
  assert not types & {np.float32, np.float16, np.float64}
  image = inputs[serving.IMAGE]
  # Whatever the images show, the integers are the pixels.
  assert (image["dtype"], image["quantization"]) == (np.uint8, (1.0, 0))
  assert outputs[serving.LABELS]["dtype"] == np.int32
  probabilities = outputs[serving.PROBABILITIES]
  assert probabilities["dtype"] == np.uint8
  assert probabilities["quantization"] == (1 / 256, 0)


def test_otherwise_the_signature_is_that_of_a_float_model(tmp_path):
  path = tmp_path / "model.tflite"
  module = _export(path, integer_io=False)
  quantized = _details(path)
  module.save_tflite(path, _SIZE)
  plain = _details(path)
  for one, other in zip(quantized[:2], plain[:2], strict=True):
    assert {k: (v["dtype"], list(v["shape"])) for k, v in one.items()} == {
      k: (v["dtype"], list(v["shape"])) for k, v in other.items()
    }
  assert np.int8 in quantized[2] and np.int8 not in plain[2]


@pytest.mark.parametrize("integer_io", [False, True])
def test_labels_and_probabilities_are_nearly_those_of_the_model(
  tmp_path, integer_io
):
  path = tmp_path / "model.tflite"
  module = _export(path, integer_io)
  model = exported_model.load(path)
  assert model.image_size == _SIZE
  run = tf.lite.Interpreter(str(path)).get_signature_runner()
  for image in _images(3):
    expected = module.serve(tf.constant(image[None]))
    labels = model(image)
    assert labels.shape == _SIZE and labels.dtype == np.int32
    same = labels == expected[serving.LABELS][0].numpy()
    assert same.mean() > 0.97
    found = run(**{serving.IMAGE: image[None]})[serving.PROBABILITIES]
    found = found / 256 if integer_io else found
    np.testing.assert_allclose(
      found, expected[serving.PROBABILITIES], atol=0.03
    )
    small = model(image[:9, :5])
    padded = np.full([*_SIZE, 3], 127, np.uint8)
    padded[:9, :5] = image[:9, :5]
    np.testing.assert_array_equal(small, model(padded)[:9, :5])


class _Scaled(exported_model.TFLiteModel):
  """A model of another program, whose pixels are stored otherwise."""

  def __init__(self, scale, zero_point, dtype):
    self.image_size = (2, 2)
    self._input = {"quantization": (scale, zero_point), "dtype": dtype}

  def _run(self, **feed):
    self.fed = feed[serving.IMAGE]
    return {serving.LABELS: self.fed[..., 0]}


@pytest.mark.parametrize(
  "scale, zero_point, dtype, expected",
  [
    (1.0, -128, np.int8, [-128, -28, 127]),
    (0.5, 0, np.uint8, [0, 200, 255]),
    (2 / 255, 127, np.uint8, [127, 255, 255]),
    (0.0, 0, np.float32, [0, 100, 255]),
    (0.0, 0, np.uint8, [0, 100, 255]),
  ],
)
def test_pixels_are_stored_by_scale_and_zero_point(
  scale, zero_point, dtype, expected
):
  model = _Scaled(scale, zero_point, dtype)
  image = np.array([0, 100, 255, 0], np.uint8).reshape(2, 2, 1)
  model(image.repeat(3, 2))
  assert model.fed.dtype == dtype
  assert model.fed[0, ..., 0].ravel()[:3].tolist() == expected


@pytest.mark.parametrize(
  "images, message",
  [
    ([], "There is no image to calibrate on"),
    ([np.zeros([17, 13, 1], np.uint8)], r"Received: uint8 \[17, 13, 1\]"),
    ([np.zeros([17, 13, 3])], r"must be uint8.*Received: float64"),
  ],
)
def test_images_that_do_not_serve_are_told(tmp_path, images, message):
  path = tmp_path / "model.tflite"
  with pytest.raises(ValueError, match=message):
    _export(path, integer_io=False, images=images)
  assert not path.exists()


class _Cosine(models.Blocks):
  """Computes what TFLite knows for floats only."""

  def __call__(self, images, training, scale=1.0):
    return tf.math.cos(super().__call__(images, training))


@pytest.mark.parametrize("integer_io", [False, True])
def test_an_operation_without_integers_is_named(tmp_path, integer_io):
  path = tmp_path / "model.tflite"
  with pytest.raises(ValueError, match=r"no form for 8-bit integers of .*COS"):
    _export(path, integer_io, model=_Cosine())
  assert not path.exists()


def test_the_images_are_not_changed(tmp_path):
  images = _images()
  before = images.copy()
  _export(tmp_path / "model.tflite", integer_io=False, images=images)
  np.testing.assert_array_equal(images, before)


def test_views_are_quantised_too(tmp_path):
  look = predictor_lib.Predictor(views.Views((0.5, 1.0), True))
  module = serving.ServingModule(_Convolution(), predictor=look)
  settings = quantization.Settings(lambda: iter(_images()), True)
  module.save_tflite(tmp_path / "model.tflite", _SIZE, quantized=settings)
  model = exported_model.load(tmp_path)
  same = [
    model(image) == look(_Convolution(), image[None])[0] for image in _images()
  ]
  assert np.mean(same) > 0.9
