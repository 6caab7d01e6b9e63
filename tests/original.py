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

"""The original's fixtures: which exist, and how a model is given their weights.

A few travel with the repository; the rest are external data.
"""

import functools
import json
import os
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl import modeling
from deeplab_ssl.prediction import predictor
from deeplab_ssl.prediction import views
from tests import external_data
from tests import models
from tests import synth_checkpoint

TESTDATA = pathlib.Path(__file__).parent / "testdata"
# Where the others are, if they are there.
_MORE = tuple(
  filter(
    None,
    map(
      external_data.find,
      ("parity/dev", "parity", "parity2/dev", "parity2"),
    ),
  )
)

# Flags of the original that `build_deeplab` has under the same name.
_FLAGS = (
  "output_stride",
  "atrous_rates",
  "multi_grid",
  "depth_multiplier",
  "divisible_by",
  "add_image_level_feature",
  "aspp_with_batch_norm",
  "aspp_with_concat_projection",
  "aspp_convs_filters",
  "aspp_with_separable_conv",
  "decoder_filters",
  "decoder_use_separable_conv",
  "logits_kernel_size",
  "aspp_with_squeeze_and_excitation",
  "image_se_uses_qsigmoid",
  "image_pooling_crop_size",
  "image_pooling_stride",
  "decoder_output_stride",
  "decoder_use_sum_merge",
  "decoder_output_is_logits",
  "use_bounded_activation",
  "merge_method",
)


def _find(file):
  """Returns where a file of the fixtures lies, None if it is not there."""
  paths = [folder / file for folder in (TESTDATA, *_MORE)]
  return next((path for path in paths if path.exists()), None)


@functools.lru_cache
def manifest(name):
  """The flags of a model of the fixtures, and its variables, {name: shape}."""
  return json.loads(_find(f"{name}.manifest.json").read_text())


def manifest_exists(name):
  """Whether a model's description is there, which may be external data."""
  return _find(f"{name}.manifest.json") is not None


def options(name):
  """Returns the arguments of `build_deeplab` for a model of the fixtures."""
  flags = manifest(name)["model_options"]
  is_nas = flags["model_variant"].startswith("nas_")
  nas = flags["nas_architecture_options"] if is_nas else {}
  chosen = {
    "backbone": flags["model_variant"],
    "num_classes": flags["outputs_to_num_classes"]["semantic"],
    "dense_prediction_cell": flags["dense_prediction_cell_config"] or "",
    "image_pyramid": manifest(name).get("run", {}).get("image_pyramid"),
    # Whose default the original's decoder of logits ignores.
    "decoder_use_separable_conv": (
      flags["decoder_use_separable_conv"]
      and not flags["decoder_output_is_logits"]
    ),
  }
  return {flag: flags[flag] for flag in _FLAGS} | nas | chosen


def inference_fixtures(everything=False):
  """Returns {file stem: path} of inference fixtures.

  Args:
    everything: whether those that are external data are among them, which take
      ten minutes; the variable of the environment DEEPLAB_SSL_ALL_FIXTURES
      says so, too.
  """
  everything = everything or bool(os.environ.get("DEEPLAB_SSL_ALL_FIXTURES"))
  paths = [
    path
    for folder in (*(_MORE if everything else ()), TESTDATA)
    for path in sorted(folder.glob("*_seed*x*.npz"))
    if not path.stem.startswith("train_")
  ]
  return {p.stem: p for p in paths}


def training_fixture(name):
  """Returns the paths of a training fixture: arrays and description."""
  arrays = _find(f"{name}_seed1_65x65.npz")
  return (arrays, _find(f"{name}.meta.json")) if arrays else None


def skip_without_training_fixture(name):
  """Skips a test whose fixture does not travel with the repository."""
  if training_fixture(name) is None:
    pytest.skip(f"{name} is external data, which is not there.")


def load_synthetic(model, name, seed):
  """Writes the synthetic weights of a fixture straight into a model."""
  variables = manifest(name)["variables"]
  values = synth_checkpoint.all_values(variables, seed)
  assert synth_checkpoint.digest(values) == manifest(name)["digest"][str(seed)]
  ours = model.slim_variables()
  assert ours.keys() == values.keys() - {"global_step"}
  for key, variable in ours.items():
    variable.assign(values[key])
  return values


def build(name, seed=1, **overrides):
  """Builds a fixture's model with its synthetic weights."""
  with models.without_initial_values():
    model = modeling.build_deeplab(**options(name) | overrides)
  load_synthetic(model, name, seed)
  return model


def variants():
  """Returns {name: description} of logits with flags of no fixture."""
  return json.loads((TESTDATA / "variants.json").read_text())


def images(fixture):
  """The input of an inference fixture, checked against what it recorded."""
  result = synth_checkpoint.synth_images(
    int(fixture["seed"]), *fixture["input_shape"][:3]
  )
  np.testing.assert_array_equal(result[0, :2, :2], fixture["input_corner"])
  return result


def predict(name, model, images, logits):
  """Returns labels and probabilities as the flags of a fixture ask for them."""
  description = manifest(name)
  if not description["model_options"]["prediction_with_upsampled_logits"]:
    nearest = predictor.Nearest()(model, images)
    probabilities = modeling.upsample_logits(
      tf.nn.softmax(logits), images.shape[1:3]
    )
    return np.argmax(nearest, -1), probabilities
  scales = description.get("run", {}).get("eval_scales")
  if scales:
    flipped = description["run"]["add_flipped_images"]
    upsampled = views.Views(tuple(scales), flipped, own_size=True)(
      model, images
    )
  else:
    upsampled = modeling.upsample_logits(logits, images.shape[1:3])
  return np.argmax(upsampled, -1), tf.nn.softmax(upsampled)
