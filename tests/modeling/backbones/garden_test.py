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

import numpy as np
from official.core import exp_factory
from official.core import task_factory
from official.vision.ops import preprocess_ops
import pytest
import tensorflow as tf

from deeplab_ssl.modeling.backbones import factory
from deeplab_ssl.modeling.backbones import garden
from deeplab_ssl.training import experiments  # noqa: F401  registers
from tests import synth_checkpoint


def _task(backbone, **options):
  params = exp_factory.get_exp_config("ssl_seg_deeplabv3plus_pascal")
  params.override(
    {
      "task": {
        "model": {
          "num_classes": 3,
          "input_size": [65, 65, 3],
          "backbone": {"type": backbone, backbone: options},
        }
      }
    }
  )
  return task_factory.get_task(params.task)


@pytest.mark.parametrize(
  "backbone, options",
  [
    pytest.param(
      "resnet_v1_50_beta",
      {"multi_grid": [1, 2, 4]},
      marks=pytest.mark.slow,
    ),
    pytest.param("xception_41", {}, marks=pytest.mark.slow),
    ("mobilenet_v2", {"depth_multiplier": 0.5, "divisible_by": 8}),
    ("mobilenet_v3_small_seg", {}),
  ],
)
def test_a_model_of_model_garden_runs_on_our_backbones(backbone, options):
  model = _task(backbone, **options).build_model()
  outputs = model(tf.zeros([1, 65, 65, 3]), training=False)
  logits = outputs["logits"] if isinstance(outputs, dict) else outputs
  assert logits.shape[-1] == 3
  assert set(model.backbone.output_specs) == {"2", "4"}


def test_a_tf1_checkpoint_initialises_the_backbone(tmp_path):
  task = _task("mobilenet_v2", depth_multiplier=0.35)
  model = task.build_model()
  shapes = {
    k: v.shape.as_list() for k, v in model.backbone.slim_variables().items()
  }
  task.task_config.init_checkpoint = synth_checkpoint.write_checkpoint(
    shapes, 3, str(tmp_path / "model.ckpt")
  )
  task.initialize(model)
  for name, variable in model.backbone.slim_variables().items():
    np.testing.assert_array_equal(
      variable, synth_checkpoint.variable_value(name, shapes[name], 3)
    )


@pytest.mark.parametrize("name", ["mobilenet_v3_small_seg", "resnet_v1_18"])
def test_model_gardens_normalisation_is_undone(name):
  plain = factory.build_backbone(name)
  image = np.random.default_rng(0).uniform(0, 255, [1, 33, 33, 3])
  image = tf.cast(image, tf.float32)
  normalised = preprocess_ops.normalize_image(tf.cast(image, tf.uint8))
  expected = plain(plain.normalize(tf.floor(image)))
  actual = garden.GardenBackbone(plain)(normalised)
  for level, value in (("2", expected.low_level[4]), ("4", expected.features)):
    deviation = np.std(value)
    np.testing.assert_allclose(actual[level], value, atol=1e-4 * deviation)


def test_a_network_without_low_level_maps_has_features_alone():
  model = garden.GardenBackbone(factory.build_backbone("mobilenet_edgetpu"))
  specs = {k: list(v) for k, v in model.output_specs.items()}
  assert specs == {"4": [None, None, None, 1280]}


def test_every_backbone_is_registered():
  registered = garden.garden_factory._REGISTERED_BACKBONE_CLS
  assert set(factory.NAMES) <= set(registered)
