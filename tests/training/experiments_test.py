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

import dataclasses

import numpy as np
from official.core import exp_factory
import pytest
import tensorflow as tf
import tf_keras

from deeplab_ssl.experiment import configs
from deeplab_ssl.modeling import precision
from deeplab_ssl.training import experiments
from deeplab_ssl.training import task as task_lib


@pytest.mark.parametrize("name", experiments.NAMES)
def test_experiments_are_registered_and_valid(name):
  exp_factory.get_exp_config(name).validate()


def test_only_task_and_loss_type_change():
  name = "seg_deeplabv3plus_pascal"
  theirs = exp_factory.get_exp_config(name).as_dict()
  ours = exp_factory.get_exp_config(f"ssl_{name}").as_dict()
  for field in dataclasses.fields(configs.LossConfig):
    ours["task"]["losses"].pop(field.name)
    # Model Garden's loss knows one of the names, and its task refuses it.
    theirs["task"]["losses"].pop(field.name, None)
  assert not ours["task"].pop("allow_image_summary")
  theirs["task"].pop("allow_image_summary")
  assert ours["runtime"].pop("num_gpus") == -1
  theirs["runtime"].pop("num_gpus")
  assert ours == theirs


def test_options_of_the_replaced_loss_are_refused():
  params = exp_factory.get_exp_config("ssl_seg_deeplabv3plus_pascal")
  params.task.losses.top_k_percent_pixels = 0.5
  with pytest.raises(ValueError, match="top_k_percent_pixels.*0.5"):
    task_lib.GardenSegmentationTask(params.task)


def test_adaptive_affinity_is_refused():
  params = exp_factory.get_exp_config("ssl_seg_deeplabv3plus_pascal")
  params.task.losses.type = "adaptive_affinity"
  with pytest.raises(ValueError, match='use "affinity"'):
    task_lib.GardenSegmentationTask(params.task)


def test_other_tasks_are_refused():
  other = exp_factory.get_exp_config("resnet_imagenet")
  with pytest.raises(ValueError, match="SemanticSegmentationTask"):
    experiments.with_structural_loss(other)


@pytest.mark.parametrize(
  "dtype", [pytest.param(None, marks=pytest.mark.slow), "bfloat16"]
)
def test_dilated_resnet_takes_a_step_with_the_structural_loss(dtype):
  params = exp_factory.get_exp_config("ssl_seg_deeplabv3plus_pascal")
  params.task.model.backbone.dilated_resnet.model_id = 50
  params.task.model.num_classes = 5
  task = task_lib.GardenSegmentationTask(params.task)
  with precision.scope(dtype):
    model = task.build_model()
  weights = model.trainable_variables
  assert {v.dtype for v in weights} == {tf.float32}
  before = [v.numpy() for v in weights]
  images = tf.random.normal([1, 32, 32, 3], seed=1)
  labels = {"masks": tf.ones([1, 32, 32, 1]), "valid_masks": None}
  metrics = task.build_metrics(training=True)
  logs = task.train_step(
    (images, labels),
    model,
    tf_keras.optimizers.legacy.SGD(0.01),
    metrics,
  )
  assert np.isfinite(logs["loss"])
  terms = {m.name: float(m.result()) for m in metrics}
  assert terms["structural"] > 0
  moved = [
    not np.array_equal(a, b) for a, b in zip(before, weights, strict=True)
  ]
  assert np.mean(moved) > 0.9
