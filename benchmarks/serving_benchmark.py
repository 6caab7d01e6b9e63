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

"""Exported models against the unexported one and the original's frozen graph.

  python -m benchmarks.serving_benchmark --original=models/research/deeplab

From a uint8 image to its labels, with initial weights. The frozen graph is what
the original's `export_model.py` computes after its resizing.
"""

import os
import tempfile

from absl import flags

from benchmarks import measurement
from benchmarks import model_benchmark
from benchmarks import original
from benchmarks import part
from deeplab_ssl.cli import environment

_ROUNDS = flags.DEFINE_integer("serving_rounds", 9, "Rounds.")
_MODELS = flags.DEFINE_list(
  "serving_models",
  ["mobilenet_v2"],
  f"Which of {', '.join(model_benchmark.MODELS)}; each takes minutes.",
)
_SIZE = 513
_UNEXPORTED = "unexported"


def _functions(name, size, folder):
  """Returns {label: function that gives the labels of one image}."""
  import numpy as np
  import tensorflow as tf

  from deeplab_ssl import modeling
  from deeplab_ssl.prediction import exported_model
  from deeplab_ssl.prediction import predictor
  from deeplab_ssl.prediction import serving

  images, _ = model_benchmark.images_and_labels(1, size)
  images = np.floor(images)
  image = images[0].astype(np.uint8)
  model = modeling.build_deeplab(**model_benchmark.MODELS[name])
  module = serving.ServingModule(model)
  module.save(folder)
  lite = os.path.join(folder, "model.tflite")
  module.save_tflite(lite, (size, size))
  exported = exported_model.SavedModel(folder)
  on_phone = exported_model.TFLiteModel(lite)
  labels = predictor.SINGLE_SCALE.compiled(model)
  functions = {
    "SavedModel": lambda: exported(image),
    _UNEXPORTED: lambda: labels(tf.constant(images)).numpy(),
    "TFLite": lambda: on_phone(image),
  }
  if part.ORIGINAL.value:
    functions["original, frozen graph"] = original.prediction(
      part.ORIGINAL.value, model_benchmark.MODELS[name], images
    )
  return functions


def _rows(name, timed):
  pairs = [("SavedModel", _UNEXPORTED), ("TFLite", _UNEXPORTED)]
  pairs += [("SavedModel", label) for label in timed if "original" in label]
  return [
    measurement.row(
      f"{name}, {ours} against {other}",
      {ours: timed[ours], other: timed[other]},
    )
    for ours, other in pairs
  ]


def measure() -> list[measurement.Row]:
  """Returns the rows of each model."""
  environment.prepare()
  rows = []
  for name in _MODELS.value:
    with tempfile.TemporaryDirectory() as folder:
      functions = _functions(name, 65 if part.QUICK.value else _SIZE, folder)
      timed = measurement.seconds_in_turn(functions, part.few(_ROUNDS.value))
    rows += _rows(name, timed)
  return rows


if __name__ == "__main__":
  part.run(measure)
