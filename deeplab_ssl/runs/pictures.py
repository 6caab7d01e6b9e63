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
import os
import pathlib
import re
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from deeplab_ssl import losses as losses_lib
from deeplab_ssl import modeling
from deeplab_ssl.common import atomic_files
from deeplab_ssl.input import masks
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.runs import trained_run
from deeplab_ssl.training import sources
from deeplab_ssl.visualization import gallery
from deeplab_ssl.visualization import images as images_lib


class Run(NamedTuple):
  """A trained model and how it is asked.

  Attributes:
    params: the `ExperimentConfig`, whose loss decides what is hard.
    model: the model with its weights.
    predictor: how the model is asked.
  """

  params: object
  model: modeling.DeepLab
  predictor: predictor_lib.Predictor = predictor_lib.SINGLE_SCALE


def loss_maps(params, label, logits) -> dict[str, np.ndarray]:
  """Draws the structural error and the hard examples of one image.

  Args:
    params: the `ExperimentConfig`, whose loss decides what is hard.
    label: int32 `[1, height, width, 1]`.
    logits: float32 `[1, height, width, classes]`.

  Returns:
    {"structural error": the largest e of the class maps, bright where it is
    large; "hard examples": bright where two or more class maps are hard}, uint8
    `[height, width, 3]`.
  """
  losses = params.task.losses
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
    ignore_class=sources.dataset_of(params.task).ignore_label,
    **window,
  )
  return {
    "structural error": images_lib.heatmap(
      tf.reduce_max(error[0], -1).numpy(),
      losses_lib.max_structural_error(**window),
    ),
    "hard examples": images_lib.heatmap(
      tf.reduce_sum(tf.cast(hard[0], tf.float32), -1).numpy(), 2.0
    ),
  }


def panels(params, example, models) -> dict[str, np.ndarray]:
  """Draws one image, its truth, predictions and the maps of the loss.

  Args:
    params: the `ExperimentConfig`, whose loss decides what is hard.
    example: element of `trained_run.evaluation_data`.
    models: {title: model}; the maps are those of the last one.

  Returns:
    {title: uint8 picture}.
  """
  colormap = sources.dataset_of(params.task).colormap
  pictures = {
    "image": example["image"][0].numpy().astype(np.uint8),
    "truth": images_lib.colorize(example["label"][0, ..., 0].numpy(), colormap),
  }
  for title, model in models.items():
    logits = predictor_lib.predict_logits(model, example["image"])
    labels = predictor_lib.most_likely(example["image"], logits)[0].numpy()
    pictures[title] = images_lib.colorize(labels, colormap)
  return pictures | loss_maps(params, example["label"], logits)


def run_pictures(run: Run, example) -> tuple[dict[str, np.ndarray], np.ndarray]:
  """Draws what one model makes of one image.

  Args:
    run: the model.
    example: element of `trained_run.evaluation_data`.

  Returns:
    {title: uint8 picture} and the int32 labels `[height, width]`: those after
    the CRF if there is one, which has a picture of its own then.
  """
  image = example["image"][0].numpy().astype(np.uint8)
  label = example["label"][0, ..., 0].numpy()
  colormap = sources.dataset_of(run.params.task).colormap
  logits = run.predictor.logits(run.model, example["image"])
  labels = predictor_lib.most_likely(example["image"], logits)[0].numpy()
  pictures = {"prediction": images_lib.overlay(image, labels, colormap)}
  if run.predictor.labels is not predictor_lib.most_likely:
    labels = run.predictor.labels(example["image"], logits)[0].numpy()
    title = str(run.predictor.labels)
    pictures[title] = images_lib.overlay(image, labels, colormap)
  pictures["errors"] = images_lib.error_map(image, label, labels, colormap)
  return pictures | loss_maps(run.params, example["label"], logits), labels


def draw_gallery(
  runs: Mapping[str, Run], output_dir: str | os.PathLike, max_images: int
) -> int:
  """Draws images, truths and what each run makes of them, and a page of all.

  The images are those of the validation data of the first run. Each run gets a
  folder with `masks/NAME.png`, palette PNGs of class indices, and a folder per
  kind of picture.

  Args:
    runs: {name: run}, on the same classes.
    output_dir: folder for `index.html` and the pictures.
    max_images: how many images of the split to draw.

  Returns:
    The number of images drawn.

  Raises:
    ValueError: if the runs have other classes.
  """
  output_dir = pathlib.Path(output_dir)
  first = next(iter(runs.values()))
  info = sources.dataset_of(first.params.task)
  for name, run in runs.items():
    names = sources.dataset_of(run.params.task).class_names
    if names != info.class_names:
      raise ValueError(
        f"All runs must have the classes of the first, {info.class_names}. "
        f"Received: {names} of {name}."
      )
  rows, files = [], set()
  for example in trained_run.evaluation_data(first.params).take(max_images):
    name = example["filename"][0].numpy().decode()
    file = names.unused_name(name, files)
    files.add(file)
    rows.append(_draw_row(example, name, f"{file}.png", runs, info, output_dir))
  gallery.write_gallery(
    output_dir / "index.html",
    title=f"{info.name}, {first.params.task.validation_data.split}",
    rows=rows,
    legend=dict(zip(info.class_names, info.colormap, strict=True)),
  )
  return len(rows)


def _draw_row(example, name, file, runs, info, output_dir):
  """Writes the pictures of one image and returns its row of the page."""
  label = example["label"][0, ..., 0].numpy()
  image = example["image"][0].numpy().astype(np.uint8)
  drawn, captions = {}, {}
  for run_name, run in runs.items():
    drawn[run_name], labels = run_pictures(run, example)
    right = _share_right(label, labels, info.num_classes)
    captions[f"{run_name}: errors"] = right
    mask = output_dir / _folder(run_name) / "masks" / file
    atomic_files.write(mask, masks.encode_mask(labels, info))
  pictures = {
    "image": image,
    "truth": images_lib.overlay(image, label, info.colormap),
  }
  # One kind of picture of all runs side by side, then the next.
  for kind in dict.fromkeys(kind for own in drawn.values() for kind in own):
    for run, own in drawn.items():
      if kind in own:
        pictures[f"{run}: {kind}"] = own[kind]
  paths = {}
  for title, picture in pictures.items():
    paths[title] = "/".join([*map(_folder, title.split(": ")), file])
    images_lib.save(output_dir / paths[title], picture)
  return gallery.Row(name, paths, captions)


def _folder(title):
  """Returns a title as the name of a folder."""
  return re.sub(r"[^\w.-]+", "_", title).strip("_")


def _share_right(label, predicted, num_classes):
  valid = label < num_classes
  if not valid.any():
    return "all void"
  return f"{np.mean((label == predicted)[valid]):.1%} right"
