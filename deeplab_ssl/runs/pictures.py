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

"""Pictures of what trained models predict and of what their losses see."""

from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from deeplab_ssl import modeling
from deeplab_ssl.losses import on_tensorflow as losses_lib
from deeplab_ssl.losses import structural_settings
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.runs import trained_run
from deeplab_ssl.visualization import images as images_lib

# An element of `TrainedRun.examples`.
Example = Mapping[str, Any]
Pictures = dict[str, np.ndarray]


class Subject(NamedTuple):
  """A run whose predictions are drawn.

  Attributes:
    run: the run, whose loss decides what is hard.
    model: its model with its weights.
    predictor: how the model is asked.
  """

  run: trained_run.TrainedRun
  model: modeling.DeepLab
  predictor: predictor_lib.Predictor = predictor_lib.SINGLE_SCALE

  @classmethod
  def of(cls, run: trained_run.TrainedRun) -> "Subject":
    """Loads the model of a run, to be asked once for each whole image."""
    predictor = run.on_own_size(predictor_lib.SINGLE_SCALE)
    return cls(run, run.model(), predictor)


def check_classes(subjects: Mapping[str, Subject]) -> None:
  """Raises ValueError unless all runs have the classes of the first."""
  first, *others = subjects.items()
  wanted = first[1].run.dataset.class_names
  for name, subject in others:
    classes = subject.run.dataset.class_names
    if classes != wanted:
      raise ValueError(
        f"All runs must have the classes of the first, {wanted}. Received: "
        f"{classes} of {name}."
      )


def image_of(example: Example) -> np.ndarray:
  """Returns the image of an example, uint8 `[height, width, 3]`."""
  return example["image"][0].numpy().astype(np.uint8)


def label_of(example: Example) -> np.ndarray:
  """Returns the labels of an example, int32 `[height, width]`."""
  return example["label"][0, ..., 0].numpy()


def loss_maps(
  run: trained_run.TrainedRun, label: tf.Tensor, logits: tf.Tensor
) -> Pictures:
  """Draws the structural error and the hard examples of one image.

  Args:
    run: the run, whose loss decides what is hard.
    label: int32 `[1, height, width, 1]`.
    logits: float32 `[1, height, width, classes]`.

  Returns:
    {"structural error": the largest e of the classes, bright where it is large;
    "hard examples": bright where two or more classes are hard}, uint8
    `[height, width, 3]`.
  """
  losses = run.params.task.losses
  window = {
    "region_size": losses.region_size,
    "sigma": losses.sigma,
    "stability": losses.stability,
    "stability_form": losses.stability_form,
  }
  error, hard = losses_lib.structural_error(
    label,
    logits,
    beta=losses.beta,
    ignore_class=run.dataset.ignore_label,
    **window,
  )
  return {
    "structural error": images_lib.heatmap(
      tf.reduce_max(error[0], -1).numpy(),
      structural_settings.max_structural_error(**window),
    ),
    "hard examples": images_lib.heatmap(
      tf.reduce_sum(tf.cast(hard[0], tf.float32), -1).numpy(), 2.0
    ),
  }


def comparison(example: Example, subjects: Mapping[str, Subject]) -> Pictures:
  """Draws an image, its truth and the prediction of each run.

  Args:
    example: the image.
    subjects: {title: run}, on the same classes.

  Returns:
    {title: uint8 `[height, width, 3]`}.
  """
  colormap = next(iter(subjects.values())).run.dataset.colormap
  pictures = {
    "image": image_of(example),
    "truth": images_lib.colorize(label_of(example), colormap),
  }
  for title, subject in subjects.items():
    labels = subject.predictor(subject.model, example["image"])[0].numpy()
    pictures[title] = images_lib.colorize(labels, colormap)
  return pictures


def subject_pictures(
  subject: Subject, example: Example
) -> tuple[Pictures, np.ndarray]:
  """Draws what one model makes of one image.

  Args:
    subject: the model.
    example: the image.

  Returns:
    {title: uint8 picture} and the int32 labels `[height, width]`: those after
    the CRF if there is one, which has a picture of its own then.
  """
  run, model, predictor = subject
  image, label = image_of(example), label_of(example)
  colormap = run.dataset.colormap
  logits = predictor.logits(model, example["image"])
  labels = predictor_lib.MOST_LIKELY(example["image"], logits)[0].numpy()
  pictures = {"prediction": images_lib.overlay(image, labels, colormap)}
  if predictor.refines:
    labels = predictor.labels(example["image"], logits)[0].numpy()
    title = str(predictor.labels)
    pictures[title] = images_lib.overlay(image, labels, colormap)
  pictures["errors"] = images_lib.error_map(
    image, label, labels, colormap, run.dataset.ignore_label
  )
  return pictures | loss_maps(run, example["label"], logits), labels
