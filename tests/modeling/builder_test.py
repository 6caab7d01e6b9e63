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

import pytest
import tensorflow as tf

from deeplab_ssl import modeling
from deeplab_ssl.modeling import aspp
from deeplab_ssl.modeling import dense_prediction_cell
from tests import models

_MINI = {
  "backbone": "mobilenet_v2_mini",
  "num_classes": 3,
  "output_stride": 8,
  "atrous_rates": None,
  "aspp_convs_filters": 8,
  "decoder_filters": 3,
}
_CELL = [{"op": "conv", "kernel": 1, "input": -1}]


def _build(**options):
  with models.without_initial_values():
    return modeling.build_deeplab(**_MINI | options)


def _scopes(model):
  found = {name.split("/")[0] for name in model.slim_variables()}
  return found - {"MobilenetV2"}


@pytest.mark.parametrize(
  "arguments, message",
  [
    ({"output_stride": 4}, "output_stride=4"),
    ({"num_classes": 0}, "num_classes=0"),
    ({"backbone": "mobilenet_v2_mini"}, "output stride of 16: the nearest"),
    ({"logits_kernel_size": 3}, "logits_kernel_size=3"),
  ],
)
def test_bad_argument_is_named(arguments, message):
  with pytest.raises(ValueError, match=message):
    modeling.build_deeplab(**arguments)


def test_a_cell_takes_the_place_of_the_aspp():
  model = _build(dense_prediction_cell=_CELL)
  assert isinstance(model.head, dense_prediction_cell.DensePredictionCell)
  assert _scopes(model) == {"meta_architecture", "logits"}


def test_each_scale_of_a_pyramid_has_a_cell_of_its_own():
  model = _build(dense_prediction_cell=_CELL, image_pyramid=[0.5, 1.0])
  assert _scopes(model) == {
    "meta_architecture",
    "meta_architecture_1",
    "logits",
  }
  assert set(model.checkpoint_items) == {
    "backbone",
    "head",
    "heads_of_scales",
  }


def test_an_aspp_is_shared_by_the_scales_of_a_pyramid():
  model = _build(image_pyramid=[0.5, 1.0])
  assert isinstance(model.head, aspp.Aspp)
  assert not model.heads_of_scales
  maps = model.logits_of_scales(tf.zeros([1, 33, 33, 3]))
  assert [m.shape for m in maps] == [[1, 5, 5, 3]] * 2


def test_a_decoder_may_give_the_logits():
  model = _build(
    decoder_output_stride=[8, 4],
    decoder_output_is_logits=True,
    decoder_use_sum_merge=True,
  )
  assert model.logits is None
  assert "logits" not in _scopes(model)
  assert model.decoder_output_stride == 4
  logits = model(tf.zeros([1, 33, 17, 3]))
  assert logits.shape == [1, 9, 5, 3]
  assert logits.dtype == tf.float32


def test_what_an_image_must_be_is_known():
  model = _build(image_pooling_crop_size=[33, 17])
  assert model.least_size == (33, 17)
  assert (model.size_step, model.padding) == (8, 127.5)
