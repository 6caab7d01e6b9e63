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

"""The embedded demo: three losses on scenes of handwritten digits.

Everything is the real road: a devkit of the VOC layout, the converter, the
trainer, the evaluation and the export. Only the images are made here.
"""

import os
import time

from absl import logging
import numpy as np
import tensorflow as tf

from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.preparation import digit_scenes
from deeplab_ssl.runs import logs
from deeplab_ssl.runs import pictures
from deeplab_ssl.runs import run_directory
from deeplab_ssl.runs import trained_run
from deeplab_ssl.training import parsing
from deeplab_ssl.training import run as run_lib
from deeplab_ssl.visualization import images as images_lib
from deeplab_ssl.visualization import report

_LOSSES = {"ce": "CE", "bce": "BCE", "ssl": "SSL"}
_SAMPLES = 6


def _train(loss, records, model_dir, steps, seed):
  """Trains one loss; the seed gives all losses the same start and images."""
  # A run left over from other arguments would be resumed and reported as this.
  if tf.io.gfile.exists(model_dir):
    tf.io.gfile.rmtree(model_dir)
  params = parsing.parse_experiment("deeplab_ssl_demo")
  params.override(
    {
      "task": {
        "losses": {"type": loss},
        "train_data": {"input_path": records, "seed": seed},
      },
      "trainer": {"train_steps": steps, "checkpoint_interval": steps},
    }
  )
  run_lib.run_experiment(params, "train", model_dir)
  return trained_run.TrainedRun.open(model_dir, run_directory.LAST)


def run_demo(
  output_dir: str,
  train_steps: int,
  num_train: int = 600,
  num_val: int = 60,
  seed: int = 1,
) -> str:
  """Trains CE, BCE and SSL from one start and reports what came out.

  Args:
    output_dir: folder of the data, the runs, the SavedModel and the report.
    train_steps: steps of each training.
    num_train: training scenes.
    num_val: validation scenes.
    seed: seed of scenes, weights and order.

  Returns:
    Path of the report.
  """
  started = time.monotonic()
  print("demo | composing and converting scenes of digits", flush=True)
  records = digit_scenes.make_records(output_dir, num_train, num_val, seed)
  scores, curves, runs = {}, {}, {}
  for number, (loss, name) in enumerate(_LOSSES.items(), start=1):
    print(
      f"demo | training {number} of {len(_LOSSES)}: {name}, {train_steps} "
      f"steps, {time.monotonic() - started:.0f} s so far",
      flush=True,
    )
    model_dir = os.path.join(output_dir, loss)
    runs[name] = _train(loss, records, model_dir, train_steps, seed)
    scores[name] = runs[name].evaluate()
    curves[name] = logs.read_scalars(model_dir)
    print(f"{name}\n{scores[name]}", flush=True)

  print("demo | exporting the SSL model and drawing the report", flush=True)
  export_dir = os.path.join(output_dir, "export")
  runs["SSL"].export(export_dir)
  _check_export(export_dir, runs["SSL"])
  _draw(output_dir, runs, curves)
  path = os.path.join(output_dir, "report.html")
  seconds = time.monotonic() - started
  report.write_html(path, **_content(scores, curves, train_steps, seconds))
  logging.info("The demo took %.0f s", seconds)
  return path


def _check_export(export_dir, run):
  """Raises if the SavedModel predicts anything else than the model."""
  example = next(iter(run.examples()))
  image = tf.cast(example["image"], tf.uint8)
  exported = tf.saved_model.load(export_dir)
  served = exported.signatures["serving_default"](ImageTensor=image)
  predicted = predictor_lib.SINGLE_SCALE(run.model(), example["image"])
  different = np.mean(served["SemanticPredictions"] != predicted)
  if different:
    raise RuntimeError(
      f"The exported model differs from the trained one at {different:.2%} of "
      "the pixels of a validation image."
    )


def _draw(output_dir, runs, curves):
  """Writes the pictures of the report."""
  subjects = {name: pictures.Subject.of(runs[name]) for name in ("CE", "SSL")}
  rows = []
  for example in runs["SSL"].examples().take(_SAMPLES):
    own, _ = pictures.subject_pictures(subjects["SSL"], example)
    rows.append(
      pictures.comparison(example, subjects)
      | {name: own[name] for name in ("structural error", "hard examples")}
    )
  images_lib.save_grid(os.path.join(output_dir, "samples.png"), rows)
  images_lib.save_curves(
    os.path.join(output_dir, "loss.png"),
    {name: c["training_loss"] for name, c in curves.items()},
    "step",
    "total loss (CE, BCE and SSL are on different scales)",
  )
  images_lib.save_curves(
    os.path.join(output_dir, "hard_fraction.png"),
    {
      "SSL": (
        curves["SSL"]["hard_fraction"][0],
        [100 * v for v in curves["SSL"]["hard_fraction"][1]],
      )
    },
    "step",
    "hard examples, % of the valid samples",
  )


def _content(scores, curves, train_steps, seconds):
  """Returns the arguments of `report.write_html`."""
  ssl = scores["SSL"].mean_iou
  hard = curves["SSL"]["hard_fraction"][1][-1]
  differences = ", ".join(
    f"{100 * (ssl - scores[other].mean_iou):+.2f} points against {other}"
    for other in ("CE", "BCE")
  )
  return {
    "title": "DeepLab-SSL demo: scenes of handwritten digits",
    "paragraphs": [
      f"A small DeepLabv3+ was trained from random weights for {train_steps} "
      "steps with each loss: softmax cross entropy (CE), sigmoid cross entropy "
      "(BCE) and the structural similarity loss (SSL, region size 3). Start "
      "and order of the images are the same. Training, evaluation and export "
      f"took {seconds / 60:.1f} minutes.",
      f"SSL: {differences}. This is one run per loss of a short training; a "
      "difference of a few points can be chance.",
      f"At the end {100 * hard:.1f} % of the samples were hard examples.",
      "The exported model in <code>export/</code> was loaded again and "
      "predicted the same labels as the trained one.",
    ],
    "table": report.score_table(scores),
    "figures": {
      "samples.png": "Validation scenes: truth, predictions of CE and SSL, and "
      "the hard examples of SSL (bright: hard in two or more class maps).",
      "loss.png": "Training loss.",
      "hard_fraction.png": "Share of hard examples during training.",
    },
  }
