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

"""Tests of the exported models that are read back."""

import sys

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.common import extras
from deeplab_ssl.input import dataset_info
from deeplab_ssl.prediction import exported_model
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.prediction import serving
from deeplab_ssl.prediction import views
from tests import models

_TFLITE_FILE = "model.tflite"


def _image(height, width):
  random = np.random.RandomState(0)
  return random.randint(0, 256, [height, width, 3]).astype(np.uint8)


def _labels(image, predictor=predictor_lib.SINGLE_SCALE):
  return predictor(models.Blocks(), image[None])[0].numpy()


def test_a_saved_model_takes_any_size(tmp_path):
  serving.ServingModule(models.Blocks()).save(tmp_path)
  model = exported_model.load(tmp_path)
  for size in ((9, 13), (20, 6)):
    image = _image(*size)
    np.testing.assert_array_equal(model(image), _labels(image))


def test_the_views_are_part_of_the_export(tmp_path):
  look = predictor_lib.Predictor(views.Views((0.5, 1.0), True, (9, 9), 2))
  module = serving.ServingModule(models.Blocks(), predictor=look)
  module.save(tmp_path)
  image = _image(14, 17)
  predicted = exported_model.load(tmp_path)(image)
  np.testing.assert_array_equal(predicted, _labels(image, look))
  assert (predicted != _labels(image)).any()


def test_the_views_are_part_of_a_tflite_model(tmp_path):
  look = predictor_lib.Predictor(views.Views((0.5, 1.0), True))
  module = serving.ServingModule(models.Blocks(), predictor=look)
  module.save_tflite(tmp_path / _TFLITE_FILE, (14, 17))
  image = _image(14, 17)
  predicted = exported_model.load(tmp_path)(image)
  np.testing.assert_array_equal(predicted, _labels(image, look))
  assert (predicted != _labels(image)).any()


@pytest.mark.parametrize("float16", [False, True])
def test_tflite_takes_images_up_to_its_size(tmp_path, float16):
  path = tmp_path / _TFLITE_FILE
  module = serving.ServingModule(models.Blocks())
  module.save_tflite(path, (17, 13), float16)
  for given in (path, tmp_path):
    model = exported_model.load(given)
    assert model.image_size == (17, 13)
    image = _image(17, 13)
    np.testing.assert_array_equal(model(image), _labels(image))
    small = model(image[:9, :5])  # The model sees 4 k + 1 of each.
    np.testing.assert_array_equal(small, _labels(image[:9, :5]))
    with pytest.raises(ValueError, match="is 18 x 13, larger than the 17 x 13"):
      model(_image(18, 13))


def test_what_is_no_exported_model_is_refused(tmp_path):
  with pytest.raises(FileNotFoundError, match="It does not exist"):
    exported_model.load(tmp_path / "nowhere")
  with pytest.raises(FileNotFoundError, match="It holds nothing"):
    exported_model.load(tmp_path)
  (tmp_path / "notes.txt").write_text("")
  with pytest.raises(FileNotFoundError, match=r"It holds \['notes.txt'\]"):
    exported_model.load(tmp_path)

  class Other(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([])])
    def double(self, x):
      return {"twice": 2 * x}

  other = Other()
  tf.saved_model.save(other, str(tmp_path / "o"), signatures=other.double)
  with pytest.raises(ValueError, match=r"outputs \['twice'\]"):
    exported_model.load(tmp_path / "o")


@pytest.mark.parametrize(
  "file, damage",
  [
    ("saved_model.pb", lambda data: b""),
    ("saved_model.pb", lambda data: data[: len(data) // 2]),
    ("saved_model.pb", lambda data: b"hello"),
    ("variables/variables.index", lambda data: b""),
    ("variables/variables.index", lambda data: data[:-9]),
    ("variables/variables.data-00000-of-00001", lambda data: b""),
    (
      "variables/variables.data-00000-of-00001",
      lambda data: data[: len(data) // 2],
    ),
    (_TFLITE_FILE, lambda data: b""),
    (_TFLITE_FILE, lambda data: b"hello"),
    (_TFLITE_FILE, lambda data: data[: len(data) // 2]),
  ],
)
def test_a_damaged_model_is_named(file, damage, tmp_path):
  module = serving.ServingModule(models.Blocks())
  path = tmp_path / file
  if file == _TFLITE_FILE:
    module.save_tflite(path, (9, 9))
  else:
    module.save(tmp_path)
  path.write_bytes(damage(path.read_bytes()))
  with pytest.raises(ValueError, match=f"^{tmp_path}.* or it is damaged: ."):
    exported_model.load(tmp_path)


class _Brightness(tf.Module):
  """A model of another kind."""

  @tf.function(input_signature=[tf.TensorSpec([3, 3, 3])])
  def mean(self, picture):
    return {serving.LABELS: tf.reduce_mean(picture)}


def test_models_of_another_kind_are_refused(tmp_path):
  other = _Brightness()
  signature = other.mean.get_concrete_function()
  tf.saved_model.save(other, str(tmp_path / "saved"), signatures=signature)
  with pytest.raises(ValueError, match=r"saved .* the inputs \['picture'\]"):
    exported_model.load(tmp_path / "saved")
  converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "saved"))
  file = tmp_path / "other.tflite"
  file.write_bytes(converter.convert())
  with pytest.raises(ValueError, match=r"tflite .* the inputs \['picture'\]"):
    exported_model.load(file)


def test_two_models_in_one_folder_are_refused(tmp_path):
  module = serving.ServingModule(models.Blocks())
  module.save(tmp_path)
  file = tmp_path / _TFLITE_FILE
  module.save_tflite(file, (9, 9))
  with pytest.raises(ValueError, match="a SavedModel and a TFLite model"):
    exported_model.load(tmp_path)
  assert exported_model.load(file).image_size == (9, 9)
  (tmp_path / "saved_model.pb").unlink()
  (tmp_path / "model.onnx").write_bytes(b"")
  with pytest.raises(ValueError, match="a TFLite model and an ONNX model"):
    exported_model.load(tmp_path)


def _export_onnx(path, module):
  for name in ("onnx", "onnxruntime", "tf2onnx"):
    pytest.importorskip(
      name, reason="needs the extra: pip install 'deeplab-ssl[onnx]'"
    )
  module.save_onnx(path)


def test_an_onnx_model_takes_any_size(tmp_path):
  _export_onnx(tmp_path / "model.onnx", serving.ServingModule(models.Blocks()))
  (tmp_path / "renamed.ONNX").write_bytes(
    (tmp_path / "model.onnx").read_bytes()
  )
  for given in (tmp_path, tmp_path / "model.onnx", tmp_path / "renamed.ONNX"):
    model = exported_model.load(given)
    assert model.num_classes == 3
    for size in ((9, 13), (20, 6)):
      image = _image(*size)
      predicted = model(image)
      assert predicted.dtype == np.int32
      np.testing.assert_array_equal(predicted, _labels(image))


def test_onnx_files_that_are_no_segmentation_models_are_refused(tmp_path):
  file = tmp_path / "model.onnx"
  _export_onnx(file, serving.ServingModule(models.Blocks()))
  whole = file.read_bytes()
  for damaged in (b"", b"no model", whole[: len(whole) // 2]):
    file.write_bytes(damaged)
    with pytest.raises(ValueError, match="model.onnx is no ONNX model that"):
      exported_model.load(tmp_path)
  # The names of another model.
  for name in (b"ImageTensor", b"SemanticPredictions"):
    file.write_bytes(whole.replace(name, name.swapcase()))
    with pytest.raises(ValueError, match=r"no segmentation model.*\['.*not Im"):
      exported_model.load(file)


def test_without_the_extra_an_onnx_model_names_it(tmp_path, monkeypatch):
  (tmp_path / "model.onnx").write_bytes(b"")
  monkeypatch.setitem(sys.modules, "onnxruntime", None)
  monkeypatch.setattr(extras.importlib.util, "find_spec", {}.get)
  with pytest.raises(ImportError, match=r"pip install 'deeplab-ssl\[onnx\]'"):
    exported_model.load(tmp_path)


def test_a_data_set_with_other_classes_is_refused(tmp_path):
  module = serving.ServingModule(models.Blocks())
  module.save(tmp_path / "saved")
  module.save_tflite(tmp_path / "lite.tflite", (9, 9))
  three = dataset_info.DatasetInfo("three", tuple("abc"))
  for name in ("saved", "lite.tflite"):
    model = exported_model.load(tmp_path / name)
    assert model.num_classes == 3
    exported_model.check_classes(model, three)
    with pytest.raises(ValueError, match="3 classes, the data set 'camvid' 11"):
      exported_model.check_classes(
        model, dataset_info.get_dataset_info("camvid")
      )


def test_the_data_set_lies_beside_the_model(tmp_path):
  info = dataset_info.DatasetInfo("two", ("back", "cat"))
  with pytest.raises(FileNotFoundError, match="--dataset"):
    exported_model.dataset_of(tmp_path)
  dataset_info.save_dataset_info(info, tmp_path)
  (tmp_path / _TFLITE_FILE).write_bytes(b"")
  for path in (tmp_path, tmp_path / _TFLITE_FILE):
    assert exported_model.dataset_of(path) == info
