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

import json
import pathlib

import numpy as np
import pytest

from deeplab_ssl import modeling
from tests import external_data
from tests import models
from tests import synth_checkpoint

TESTDATA = pathlib.Path(__file__).parent / "testdata"
# Where the others are, if they are there.
_MORE = tuple(filter(None, map(external_data.find, ("parity/dev", "parity"))))

_RESNET_50 = {"backbone": "resnet_v1_50_beta", "multi_grid": [1, 2, 4]}
_RESNET_101 = {"backbone": "resnet_v1_101_beta", "multi_grid": [1, 2, 4]}
_OUTPUT_STRIDE_8 = {"output_stride": 8, "atrous_rates": [12, 24, 36]}
_PLUS = {
  "aspp_with_separable_conv": True,
  "decoder_output_stride": 4,
  "decoder_use_separable_conv": True,
}
# Arguments of `build_deeplab` for the models of the fixtures.
MODELS = {
  "resnet50_v3_os16": _RESNET_50,
  "resnet50_v3plus_os16": _RESNET_50 | _PLUS,
  "resnet101_v3_os16": _RESNET_101,
  "resnet101_v3_os8": _RESNET_101 | _OUTPUT_STRIDE_8,
  "resnet101_v3_os16_mg111": _RESNET_101 | {"multi_grid": None},
  "resnet101_v3_os16_cityscapes": _RESNET_101 | {"num_classes": 19},
  "xception65_v3plus_os16": {"backbone": "xception_65"} | _PLUS,
  "xception65_v3plus_os8": (
    {"backbone": "xception_65"} | _PLUS | _OUTPUT_STRIDE_8
  ),
  "mobilenetv2_os16": {"atrous_rates": None},
  "mobilenetv2_os8": {"atrous_rates": None, "output_stride": 8},
  "mobilenetv2_aspp_os16": {"aspp_with_separable_conv": True},
}


def manifest(name):
  """The variables of a model of the fixtures, {name: shape}."""
  for folder in (TESTDATA, *_MORE):
    path = folder / f"{name}.manifest.json"
    if path.exists():
      return json.loads(path.read_text())
  raise FileNotFoundError(name)


def inference_fixtures():
  """Returns {file stem: path} of all inference fixtures of known models."""
  folders = (*_MORE[:1], TESTDATA)
  paths = [p for folder in folders for p in sorted(folder.glob("*_seed*.npz"))]
  return {
    p.stem: p
    for p in paths
    if p.stem.split("_seed")[0] in MODELS and not p.stem.startswith("train_")
  }


def training_fixture(name):
  """Returns the paths of a training fixture: arrays and description."""
  for folders in ((TESTDATA, TESTDATA), _MORE):
    if folders:
      arrays, descriptions = folders
      path = arrays / f"{name}_seed1_65x65.npz"
      if path.exists():
        return path, descriptions / f"{name}.meta.json"
  return None


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
  options = MODELS[name] | overrides
  with models.without_initial_values():
    model = modeling.build_deeplab(**options)
  load_synthetic(model, name, seed)
  return model


def variants():
  """Returns {name: description} of logits with other flags than MODELS."""
  return json.loads((TESTDATA / "variants.json").read_text())


def images(fixture):
  """The input of an inference fixture, checked against what it recorded."""
  result = synth_checkpoint.synth_images(
    int(fixture["seed"]), *fixture["input_shape"][:3]
  )
  np.testing.assert_array_equal(result[0, :2, :2], fixture["input_corner"])
  return result
