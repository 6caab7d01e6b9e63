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


"""Reads an exported model back, whatever its format, to be asked alike."""

import os
import pathlib

import numpy as np
import tensorflow as tf

from deeplab_ssl.common import extras
from deeplab_ssl.common import op_errors
from deeplab_ssl.input import dataset_info
from deeplab_ssl.prediction import export_folder
from deeplab_ssl.prediction import serving

# TFLite takes whole numbers only; the model's own padding is 127.5.
_PADDING = 127


def _damaged(path, kind, reader, error):
  """Returns the error for a file that cannot be loaded."""
  is_tensorflow = isinstance(error, tf.errors.OpError)
  reason = op_errors.reason(error) if is_tensorflow else str(error)
  return ValueError(
    f"{path} is no {kind} that {reader} loads, or it is damaged: "
    f"{reason.rstrip('.')}. Export one by `python -m deeplab_ssl.export`."
  )


def _check_signature(path, inputs, outputs):
  """Refuses a model that does not map an image to labels."""
  if list(inputs) != [serving.IMAGE] or serving.LABELS not in outputs:
    raise ValueError(
      f"{path} is no segmentation model: it has the inputs {sorted(inputs)} "
      f"and the outputs {sorted(outputs)}, not {serving.IMAGE} and "
      f"{serving.LABELS}. Export one by `python -m deeplab_ssl.export`."
    )


class SavedModel:
  """A SavedModel of `serving.ServingModule`, or another with its signature.

  Args:
    path: its folder.

  Raises:
    ValueError: if it is damaged or the signature is another.

  Attributes:
    num_classes: how many classes the model knows; None if it does not say.
  """

  def __init__(self, path: str | os.PathLike):
    try:
      self._loaded = tf.saved_model.load(os.fspath(path))
    except Exception as error:  # Which one depends on the byte that is wrong.
      raise _damaged(path, "SavedModel", "TensorFlow", error) from error
    signatures = getattr(self._loaded, "signatures", {})
    self._serve = signatures.get("serving_default")
    inputs = self._serve.structured_input_signature[1] if self._serve else {}
    outputs = self._serve.structured_outputs if self._serve else {}
    _check_signature(path, inputs, outputs)
    known = outputs.get(serving.PROBABILITIES)
    self.num_classes = known.shape[-1] if known is not None else None

  def __call__(self, image: np.ndarray) -> np.ndarray:
    """Returns the int32 labels `[height, width]` of a uint8 RGB image."""
    served = self._serve(**{serving.IMAGE: tf.constant(image[None])})
    return served[serving.LABELS][0].numpy()


def too_large(size: tuple[int, int], image_size: tuple[int, int]) -> str:
  """Says why a TFLite model does not take an image; "" if it does.

  Args:
    size: (height, width) of the image.
    image_size: (height, width) of the largest image that it takes.
  """
  if size[0] <= image_size[0] and size[1] <= image_size[1]:
    return ""
  return (
    f"is {size[0]} x {size[1]}, larger than the {image_size[0]} x "
    f"{image_size[1]} of the TFLite model; export with a larger --image_size, "
    "or use a SavedModel, which takes any size"
  )


def pad(image: np.ndarray, image_size: tuple[int, int]) -> np.ndarray:
  """Pads an image at the bottom and right to the size of a TFLite model.

  Args:
    image: uint8 RGB `[height, width, 3]`.
    image_size: (height, width) that it gets.

  Returns:
    uint8 `[height, width, 3]`.

  Raises:
    ValueError: if the image is larger.
  """
  if why := too_large(image.shape[:2], image_size):
    raise ValueError(why)
  below, right = (image_size[i] - image.shape[i] for i in range(2))
  return np.pad(
    image, [[0, below], [0, right], [0, 0]], constant_values=_PADDING
  )


class TFLiteModel:
  """A TFLite model of `serving.ServingModule`.

  Args:
    path: the file.

  Raises:
    ValueError: if it is damaged or the signature is another.

  Attributes:
    image_size: (height, width) of the largest image that it takes.
    num_classes: how many classes the model knows; None if it does not say.
  """

  def __init__(self, path: str | os.PathLike):
    try:
      self._interpreter = tf.lite.Interpreter(
        os.fspath(path), num_threads=os.cpu_count()
      )
      self._run = self._interpreter.get_signature_runner()
    except Exception as error:  # Which one depends on the byte that is wrong.
      raise _damaged(path, "TFLite model", "TensorFlow", error) from error
    inputs = self._run.get_input_details()
    outputs = self._run.get_output_details()
    _check_signature(path, inputs, outputs)
    self._input = inputs[serving.IMAGE]
    shape = self._input["shape"]
    self.image_size = int(shape[1]), int(shape[2])
    known = outputs.get(serving.PROBABILITIES)
    self.num_classes = int(known["shape"][-1]) if known else None

  def __call__(self, image: np.ndarray) -> np.ndarray:
    """Returns the int32 labels `[height, width]` of a uint8 RGB image.

    An image that is smaller than the model's is padded at the bottom and right.

    Raises:
      ValueError: if the image is larger.
    """
    height, width = image.shape[:2]
    fed = _stored(pad(image, self.image_size)[None], self._input)
    labels = self._run(**{serving.IMAGE: fed})[serving.LABELS]
    return labels[0, :height, :width]


def _stored(values, tensor):
  """Returns values as a tensor holds them, whose details the interpreter has.

  An integer q of a quantised tensor stands for scale * (q - zero point).
  """
  dtype = tensor["dtype"]
  scale, zero_point = tensor["quantization"]
  if scale:  # 0 where it is not quantised.
    legal = np.iinfo(dtype)
    values = np.rint(values / scale) + zero_point
    values = np.clip(values, legal.min, legal.max)
  return values.astype(dtype)


class OnnxModel:
  """An ONNX model of `serving.ServingModule`, or another with its signature.

  Args:
    path: the file.

  Raises:
    ImportError: if the extra `onnx` is missing, naming the command.
    ValueError: if the file is damaged or the signature is another.

  Attributes:
    num_classes: how many classes the model knows; None if it does not say.
  """

  def __init__(self, path: str | os.PathLike):
    with extras.advised():
      import onnxruntime
    try:
      self._session = onnxruntime.InferenceSession(
        os.fspath(path), providers=["CPUExecutionProvider"]
      )
    except Exception as error:  # Those of onnxruntime have no common base.
      raise _damaged(path, "ONNX model", "onnxruntime", error) from error
    inputs = [tensor.name for tensor in self._session.get_inputs()]
    outputs = {t.name: t.shape for t in self._session.get_outputs()}
    _check_signature(path, inputs, outputs)
    *_, known = outputs.get(serving.PROBABILITIES, [None])
    self.num_classes = known if isinstance(known, int) else None

  def __call__(self, image: np.ndarray) -> np.ndarray:
    """Returns the int32 labels `[height, width]` of a uint8 RGB image."""
    feed = {serving.IMAGE: image[None]}
    (labels,) = self._session.run([serving.LABELS], feed)
    return labels[0]


Model = SavedModel | TFLiteModel | OnnxModel
_READERS = {
  export_folder.Format.SAVED_MODEL: SavedModel,
  export_folder.Format.TFLITE: TFLiteModel,
  export_folder.Format.ONNX: OnnxModel,
}


def load(path: str | os.PathLike) -> Model:
  """Loads what `python -m deeplab_ssl.export` wrote.

  Args:
    path: the folder of the export, or a TFLite or an ONNX file; the latter ends
      in ".onnx".

  Returns:
    A function of an image.

  Raises:
    FileNotFoundError: if there is no model, naming what the folder holds.
    ImportError: if the model is of ONNX and the extra `onnx` is missing.
    ValueError: if it is a model of another kind, or the folder holds several.
  """
  path = pathlib.Path(path)
  if path.is_file():
    is_onnx = path.suffix.lower() == ".onnx"
    return OnnxModel(path) if is_onnx else TFLiteModel(path)
  formats = export_folder.formats_in(path)
  if len(formats) > 1:
    raise ValueError(
      f"{path} holds {' and '.join(f.label for f in formats)}. Give the path "
      "of the file of one, or a folder with one model alone."
    )
  if formats:
    (found,) = formats
    whole = found is export_folder.Format.SAVED_MODEL
    return _READERS[found](path if whole else path / found.value)
  held = "It does not exist"
  if path.is_dir():
    held = f"It holds {sorted(p.name for p in path.iterdir()) or 'nothing'}"
  files = ", ".join(f.value for f in export_folder.Format)
  raise FileNotFoundError(
    f"{path} is no exported model: a folder with one of {files}, or a TFLite "
    f"or ONNX file. {held}. Export one by `python -m deeplab_ssl.export`."
  )


def check_classes(model: Model, info: dataset_info.DatasetInfo) -> None:
  """Fails if a model knows another number of classes than a data set.

  Args:
    model: what `load` returned.
    info: the data set.

  Raises:
    ValueError: if it does.
  """
  if model.num_classes not in (None, info.num_classes):
    raise ValueError(
      f"The model has {model.num_classes} classes, the data set {info.name!r} "
      f"{info.num_classes}. Give the data set that it was trained on."
    )


def dataset_of(path: str | os.PathLike) -> dataset_info.DatasetInfo:
  """Returns the data set that lies beside an exported model.

  Args:
    path: the folder of the export, or a file in it.

  Raises:
    FileNotFoundError: if there is none.
  """
  path = pathlib.Path(path)
  folder = path if path.is_dir() else path.parent
  if not (folder / dataset_info.DATASET_FILE).is_file():
    raise FileNotFoundError(
      f"{folder} holds no {dataset_info.DATASET_FILE}, so that the colours of "
      "the classes are unknown: give --dataset, a registered name or a YAML "
      "file."
    )
  return dataset_info.dataset_of_folder(folder)
