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

"""Tests of the exported model."""

import sys

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl import prediction
from deeplab_ssl.common import extras
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.prediction import serving
from tests import models


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_exported_model_equals_inference_at_several_sizes(activation, tmp_path):
  serving.ServingModule(models.Blocks(), activation).save(tmp_path)
  loaded = tf.saved_model.load(tmp_path)
  signature = loaded.signatures["serving_default"]
  assert sorted(signature.structured_outputs) == [
    *("SemanticPredictions", "SemanticProbabilities")
  ]
  for size in ((5, 9), (6, 7)):
    image = np.random.RandomState(1).randint(0, 256, [1, *size, 3])
    logits = predictor_lib.predict_logits(models.Blocks(), image)
    result = signature(ImageTensor=tf.cast(image, tf.uint8))
    np.testing.assert_array_equal(
      result["SemanticPredictions"], np.argmax(logits, -1)
    )
    expected = {"softmax": tf.nn.softmax, "sigmoid": tf.sigmoid}[activation]
    np.testing.assert_allclose(
      result["SemanticProbabilities"], expected(logits), rtol=1e-6, atol=1e-6
    )


def test_unknown_activation_is_refused():
  with pytest.raises(ValueError, match="'relu'"):
    serving.ServingModule(models.Blocks(), "relu")


def test_a_failing_conversion_keeps_the_earlier_file(tmp_path, monkeypatch):
  def fail(self):
    raise RuntimeError("no such operation")

  module = serving.ServingModule(models.Blocks())
  file = tmp_path / "model.tflite"
  module.save_tflite(file, (9, 9))
  before = file.read_bytes()
  monkeypatch.setattr(tf.lite.TFLiteConverter, "convert", fail)
  with pytest.raises(RuntimeError, match="no such operation"):
    module.save_tflite(file, (17, 17))
  assert [file] == list(tmp_path.iterdir())
  assert file.read_bytes() == before


def test_onnx_without_its_extra_names_it(tmp_path, monkeypatch):
  # Another test may have imported it.
  importer = "deeplab_ssl.prediction.onnx_conversion"
  monkeypatch.delitem(sys.modules, importer, raising=False)
  monkeypatch.delattr(prediction, "onnx_conversion", raising=False)
  for name in ("onnx", "onnxruntime", "tf2onnx"):
    monkeypatch.setitem(sys.modules, name, None)
  monkeypatch.setattr(extras.importlib.util, "find_spec", {}.get)
  module = serving.ServingModule(models.Blocks())
  with pytest.raises(ImportError, match=r"pip install 'deeplab-ssl\[onnx\]'"):
    module.save_onnx(tmp_path / "model.onnx")
  assert not list(tmp_path.iterdir())


def test_float16_halves_the_file(tmp_path):
  class Convolution(models.Blocks):
    def __init__(self):
      super().__init__(stride=1)
      self.kernel = tf.Variable(tf.random.normal([3, 3, 3, 300]))
      self.back = tf.Variable(tf.random.normal([1, 1, 300, 3]))

    def __call__(self, images, training):
      features = tf.nn.conv2d(images, self.kernel, 1, "SAME")
      return tf.nn.conv2d(tf.nn.relu(features), self.back, 1, "SAME")

  module = serving.ServingModule(Convolution())
  sizes = []
  for float16 in (False, True):
    path = tmp_path / f"{float16}.tflite"
    module.save_tflite(path, (17, 17), float16)
    sizes.append(path.stat().st_size)
  assert sizes[1] < 0.65 * sizes[0]
