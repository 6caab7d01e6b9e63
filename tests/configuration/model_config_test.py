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

"""Tests of the keys of the model."""

import dataclasses
import inspect

import pytest

from deeplab_ssl import modeling
from deeplab_ssl.configuration import fields
from deeplab_ssl.configuration import model_config


@pytest.mark.parametrize(
  "values",
  [
    {"backbone": None},
    {"backbone": "mobilenetv2"},
    {"num_classes": -1},
    {"output_stride": 8.0},
    {"output_stride": 4},
    {"atrous_rates": [6, 0]},
    {"atrous_rates": 6},
    {"decoder_output_stride": 2},
    {"decoder_output_stride": [8, 2]},
    {"image_pooling_crop_size": [769]},
    {"image_pooling_stride": 4},
    {"dense_prediction_cell": None},
    {"image_pyramid": [0.5, 0]},
    {"merge_method": "mean"},
    {"multi_grid": [1, 0, 2]},
    {"divisible_by": 0},
    {"nas_stem_output_num_conv_filters": 0},
    {"drop_path_keep_prob": 0},
    {"drop_path_keep_prob": 1.5},
    {"depth_multiplier": 0},
    {"depth_multiplier": -1},
    {"aspp_convs_filters": 0},
    {"batch_norm_decay": 2},
    {"batch_norm_decay": -1},
    {"batch_norm_decay": float("nan")},
    {"logits_init_stddev": -1},
    {"logits_kernel_size": 0},
    {"fine_tune_batch_norm": None},
  ],
)
def test_is_refused(values):
  (name,) = values
  config = model_config.DeepLabModel(**values)
  with pytest.raises(ValueError, match=f"task.model.{name} must be"):
    fields.check_values(config, "task.model")


def test_the_keys_are_the_arguments_of_the_model():
  arguments = inspect.signature(modeling.build_deeplab).parameters
  config = model_config.DeepLabModel()
  fields.check_values(config, "task.model")
  names = {field.name for field in dataclasses.fields(config)}
  assert names == arguments.keys() - {"weight_decay"}
  for name in names - {"num_classes", "atrous_rates", "image_pooling_stride"}:
    assert getattr(config, name) == arguments[name].default
