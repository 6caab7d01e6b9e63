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


"""Reads an exported model back: SavedModel or TFLite, one way to ask it."""

import os
import pathlib

import numpy as np
import tensorflow as tf

from deeplab_ssl.input import dataset_info
from deeplab_ssl.prediction import serving

TFLITE_FILE = "model.tflite"
_SAVED_MODEL_FILE = "saved_model.pb"
# TFLite takes whole numbers only; the model's own padding is 127.5.
_PADDING = 127


class SavedModel:
  """A SavedModel of `serving.ServingModule`, or another with its signature.

  Args:
    path: its folder.

  Raises:
    ValueError: if the signature is another.

  Attributes:
    num_classes: how many classes the model knows; None if it does not say.
  """

  def __init__(self, path: str | os.PathLike):
    self._loaded = tf.saved_model.load(os.fspath(path))
    self._serve = self._loaded.signatures.get("serving_default")
    outputs = self._serve.structured_outputs if self._serve else {}
    if serving.LABELS not in outputs:
      raise ValueError(
        f"{path} is no segmentation model: its default signature has the "
        f"outputs {sorted(outputs)}, not {serving.LABELS}. Export one by "
        "`python -m deeplab_ssl.export`."
      )
    known = outputs.get(serving.PROBABILITIES)
    self.num_classes = known.shape[-1] if known is not None else None

  def __call__(self, image: np.ndarray) -> np.ndarray:
    """Returns the int32 labels `[height, width]` of a uint8 RGB image."""
    served = self._serve(**{serving.IMAGE: tf.constant(image[None])})
    return served[serving.LABELS][0].numpy()


class TFLiteModel:
  """A TFLite model of `serving.ServingModule`.

  Args:
    path: the file.

  Attributes:
    image_size: (height, width) of the largest image that it takes.
    num_classes: how many classes the model knows; None if it does not say.
  """

  def __init__(self, path: str | os.PathLike):
    self._interpreter = tf.lite.Interpreter(
      os.fspath(path), num_threads=os.cpu_count()
    )
    self._run = self._interpreter.get_signature_runner()
    shape = self._run.get_input_details()[serving.IMAGE]["shape"]
    self.image_size = int(shape[1]), int(shape[2])
    known = self._run.get_output_details().get(serving.PROBABILITIES)
    self.num_classes = int(known["shape"][-1]) if known else None

  def __call__(self, image: np.ndarray) -> np.ndarray:
    """Returns the int32 labels `[height, width]` of a uint8 RGB image.

    An image that is smaller than the model's is padded at the bottom and right.

    Raises:
      ValueError: if the image is larger.
    """
    height, width = image.shape[:2]
    below, right = self.image_size[0] - height, self.image_size[1] - width
    if below < 0 or right < 0:
      raise ValueError(
        f"is {height} x {width}, larger than the {self.image_size[0]} x "
        f"{self.image_size[1]} of the TFLite model; export with a larger "
        "--image_size, or use a SavedModel, which takes any size"
      )
    padded = np.pad(
      image, [[0, below], [0, right], [0, 0]], constant_values=_PADDING
    )
    labels = self._run(**{serving.IMAGE: padded[None]})[serving.LABELS]
    return labels[0, :height, :width]


def load(path: str | os.PathLike) -> SavedModel | TFLiteModel:
  """Loads what `python -m deeplab_ssl.export` wrote.

  Args:
    path: the folder of the export, or a TFLite file.

  Returns:
    A function of an image.

  Raises:
    FileNotFoundError: if there is no model, naming what the folder holds.
    ValueError: if it is a model of another kind, or the folder holds two.
  """
  path = pathlib.Path(path)
  file = path / TFLITE_FILE if path.is_dir() else path
  if path.is_dir() and (path / _SAVED_MODEL_FILE).is_file():
    if file.is_file():
      raise ValueError(
        f"{path} holds a SavedModel and {TFLITE_FILE}. Give the path of the "
        "TFLite file, or a folder with the SavedModel alone."
      )
    return SavedModel(path)
  if file.is_file():
    return TFLiteModel(file)
  found = "It does not exist"
  if path.is_dir():
    found = f"It holds {sorted(p.name for p in path.iterdir()) or 'nothing'}"
  raise FileNotFoundError(
    f"{path} is no exported model: a folder with {_SAVED_MODEL_FILE} or "
    f"{TFLITE_FILE}, or a TFLite file. {found}. Export one by "
    "`python -m deeplab_ssl.export`."
  )


def check_export_dir(path: str | os.PathLike, tflite: bool) -> None:
  """Fails if a folder for a model holds one of the other kind.

  Args:
    path: the folder, if it exists.
    tflite: whether a TFLite model will be written, not a SavedModel.

  Raises:
    ValueError: if it does: `load` would not know which is meant.
  """
  other = pathlib.Path(path, _SAVED_MODEL_FILE if tflite else TFLITE_FILE)
  if other.exists():
    raise ValueError(
      f"{path} holds a model of the other kind, {other.name}. Export each into "
      "a folder of its own."
    )


def check_classes(
  model: SavedModel | TFLiteModel, info: dataset_info.DatasetInfo
) -> None:
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
