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

"""The export of a run as a TFLite model of 8-bit integers, and its price."""

from collections.abc import Iterator
import dataclasses
import os
import pathlib
import tempfile
from typing import Any
from typing import NamedTuple

import numpy as np
import tensorflow as tf
import tqdm

from deeplab_ssl.common import arguments
from deeplab_ssl.common import atomic_files
from deeplab_ssl.evaluation import evaluator
from deeplab_ssl.evaluation import metrics
from deeplab_ssl.experiment import sources
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import source as source_lib
from deeplab_ssl.prediction import export_folder
from deeplab_ssl.prediction import exported_model
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.prediction import quantization
from deeplab_ssl.prediction import serving
from deeplab_ssl.runs import trained_run

_TFLITE = export_folder.Format.TFLITE


@dataclasses.dataclass(frozen=True)
class Settings:
  """How a run is quantised.

  Attributes:
    image_size: (height, width) in pixels of the image that the model takes;
      smaller ones are padded at the bottom and right.
    calibration_data: folder of the records to calibrate on; None for the data
      of the training.
    calibration_split: their split; None for that of the training.
    calibration_images: how many of them, at even distances in the split.
    evaluation_images: how many images of the validation split are scored, from
      the first on; None for all.
    integer_io: whether images go in and probabilities come out as integers.

  Raises:
    ValueError: if a number is not positive.
  """

  image_size: tuple[int, int]
  calibration_data: str | None = None
  calibration_split: str | None = None
  calibration_images: int = 100
  evaluation_images: int | None = None
  integer_io: bool = False

  def __post_init__(self):
    for name, count in (
      ("image_size", min(self.image_size)),
      ("calibration_images", self.calibration_images),
      ("evaluation_images", self.evaluation_images or 1),
    ):
      arguments.require(count >= 1, name, "positive", getattr(self, name))


class Report(NamedTuple):
  """What a quantised export costs.

  Attributes:
    settings: how the run was quantised.
    calibration: what it was calibrated on, in words.
    split: the validation split.
    images: how many images of it were scored.
    unquantized: scores of a TFLite model of the same size in float32.
    quantized: scores of the exported model.
  """

  settings: Settings
  calibration: str
  split: str
  images: int
  unquantized: metrics.Scores
  quantized: metrics.Scores

  @property
  def loss(self) -> float:
    """The mean IoU of the unquantised model less that of the quantised one."""
    return self.unquantized.mean_iou - self.quantized.mean_iou

  def as_dict(self) -> dict:
    """Returns the figures for JSON; mean IoU and its loss are in [0, 1]."""
    return {
      "split": self.split,
      "images": self.images,
      "mean_iou": {
        "float32": self.unquantized.mean_iou,
        "int8": self.quantized.mean_iou,
        "loss": self.loss,
      },
      "pixel_accuracy": {
        "float32": self.unquantized.pixel_accuracy,
        "int8": self.quantized.pixel_accuracy,
      },
      "calibration": self.calibration,
      "calibration_images": self.settings.calibration_images,
      "image_size": list(self.settings.image_size),
      "integer_io": self.settings.integer_io,
    }

  def __str__(self):
    before, after = (
      f"{100 * scores.mean_iou:.2f}"
      for scores in (self.unquantized, self.quantized)
    )
    return (
      f"Mean IoU on {self.split} ({self.images} images): {before} % with "
      f"float32, {after} % with int8, a loss of {100 * self.loss:.2f}"
    )


def export(
  run: trained_run.TrainedRun,
  export_dir: str | os.PathLike,
  predictor: predictor_lib.Predictor,
  settings: Settings,
) -> Report:
  """Writes a TFLite model of 8-bit integers and measures what it loses.

  Both models, the quantised one and the same in float32, are asked for the
  validation images by the interpreter of TFLite. The figures are written beside
  the model.

  Args:
    run: the run; its validation split is scored.
    export_dir: folder for `model.tflite`, `quantization.json` and
      `dataset.yaml`. A TFLite model that it holds is replaced once the new one
      is whole and scored.
    predictor: how the model is asked about an image of the size at which
      `evaluate` scores it; the exported one resizes images itself.
    settings: how it is quantised.

  Returns:
    The figures.

  Raises:
    FileNotFoundError: if there are no records to calibrate on or to score.
    ValueError: if there are fewer images than are asked for, one of them is
      larger than the model, those to score are all void, part of the predictor
      cannot be part of a TFLite model, an operation has no form for integers,
      or the folder holds a model of another format.
  """
  export_folder.check(export_dir, _TFLITE)
  predictor = run.exported_predictor(predictor, _TFLITE, settings.image_size)
  told, opened = _open_calibration(run, settings)
  images = _Images(opened, settings)
  images.check(told)
  count = _check_validation(run, settings)
  run = run.in_precision(None)  # TFLite takes no other.
  module = serving.ServingModule(run.model(), run.activation, predictor)
  with (
    export_folder.replacing(export_dir, _TFLITE) as partial,
    tempfile.TemporaryDirectory() as scratch,
  ):
    quantized = quantization.Settings(images, settings.integer_io)
    models: list[tuple[pathlib.Path, dict[str, Any]]] = [
      (pathlib.Path(scratch), {}),
      (partial, {"quantized": quantized}),
    ]
    scores = []
    for folder, options in models:
      path = folder / _TFLITE.value
      module.save_tflite(path, settings.image_size, **options)
      scores.append(_score(run, exported_model.load(path), count))
    report = Report(settings, told, run.split, count, *scores)
    atomic_files.write_json(
      partial / export_folder.QUANTIZATION_FILE, report.as_dict()
    )
    dataset_info.save_dataset_info(run.dataset, partial)
  return report


class _Images:
  """Images to calibrate on; called, it yields them as large as the model's."""

  def __init__(self, source: source_lib.Source, settings: Settings):
    self._source = source
    self._size = settings.image_size
    count = settings.calibration_images
    self._indices = [i * source.size // count for i in range(count)]

  def check(self, told: str) -> None:
    """Raises ValueError if an image is larger than the model's."""
    for index in self._indices:
      element = self._source.read(tf.constant(index, tf.int64))
      size = tuple(self._source.image_size(element).numpy())
      if why := exported_model.too_large(size, self._size):
        raise ValueError(f"Image {index} of {told} {why}.")

  def __call__(self) -> Iterator[np.ndarray]:
    bar = tqdm.tqdm(self._indices, "calibration", unit="image", disable=None)
    for index in bar:
      element = self._source.read(tf.constant(index, tf.int64))
      image = self._source.decode(element, with_label=False)["image"].numpy()
      yield exported_model.pad(image, self._size)


def _open_calibration(run, settings):
  """Returns (the images in words, the images)."""
  task = run.params.task
  train = task.train_data
  trained = bool(train.input_path or train.tfds_name)
  # A checkpoint that no run has written names no training data.
  data = (train if trained else task.validation_data).replace()
  split = settings.calibration_split or (None if trained else train.split)
  sources.redirect(data, settings.calibration_data, split)
  told = f"{data.split!r} of {data.tfds_name or data.input_path}"
  try:
    opened = sources.open_source(data)
  except (FileNotFoundError, ValueError) as error:
    raise type(error)(
      f"There are no images to calibrate on: {error} --calibration_data and "
      "--calibration_split name others."
    ) from error
  if opened.size < settings.calibration_images:
    raise ValueError(
      f"There are {opened.size} images to calibrate on, {told}, fewer than "
      f"--calibration_images={settings.calibration_images}. Ask for "
      f"{opened.size} or less, or give another --calibration_split."
    )
  return told, opened


def _check_validation(run, settings):
  """Returns how many images are scored; raises ValueError if they cannot."""
  count, shows_classes = 0, False
  for example in run.examples().take(settings.evaluation_images or -1):
    size = tuple(example["image"].shape[1:3])
    if why := exported_model.too_large(size, settings.image_size):
      name = example["filename"][0].numpy().decode(errors="replace")
      raise ValueError(f"Image {name!r} of {run.split!r} {why}.")
    count += 1
    void = run.dataset.ignore_label
    shows_classes |= bool(tf.reduce_any(example["label"] != void))
  if count < (settings.evaluation_images or 1):
    raise ValueError(
      f"The split {run.split!r} has {count} images, fewer than "
      f"--evaluation_images={settings.evaluation_images}. Ask for {count} or "
      "less, or leave the flag out for all."
    )
  if not shows_classes:
    raise ValueError(
      f"No pixel of the {count} images of {run.split!r} has a class, so that "
      "there is no mean IoU. Give another --split or more --evaluation_images."
    )
  return count


def _score(run, model, count):
  """Scores a TFLite model on the first images of the validation split."""
  counts = evaluator.Evaluator(run.dataset)
  bar = tqdm.tqdm(total=count, unit="image", disable=None)
  for example in run.examples().take(count):
    image = example["image"][0].numpy().astype(np.uint8)
    counts.update_state(
      example["label"][..., 0], tf.constant(model(image)[None], tf.int32)
    )
    bar.update()
  bar.close()
  return counts.scores()
