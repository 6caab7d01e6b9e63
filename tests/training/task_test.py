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
import pytest
import tensorflow as tf

from deeplab_ssl import modeling
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import loss_registry
from deeplab_ssl.training import task as task_lib
from tests import digits


def test_misaligned_crop_is_refused_with_the_nearest_sizes():
  params = digits.experiment(train_data={"crop_size": [33, 36]})
  task = task_lib.SegmentationTask(params.task)
  with pytest.raises(ValueError, match="33 and 41"):
    task.build_inputs(params.task.train_data)


@pytest.mark.parametrize("allowed", [False, True])
def test_a_crop_without_neighbours_is_refused_though_misaligned_ones_are_not(
  allowed,
):
  params = digits.experiment(
    train_data={"crop_size": [33, 1], "allow_unaligned_crop": allowed}
  )
  task = task_lib.SegmentationTask(params.task)
  with pytest.raises(ValueError, match="on both sides"):
    task.build_inputs(params.task.train_data)


def test_misaligned_crop_may_be_allowed():
  params = digits.experiment(
    train_data={"crop_size": [33, 36], "allow_unaligned_crop": True}
  )
  task = task_lib.SegmentationTask(params.task)
  images, labels = next(iter(task.build_inputs(params.task.train_data)))
  assert images.shape[1:3] == [33, 36]
  logits = task.upsample(task.build_model()(images), labels.shape[1:3])
  assert logits.shape[:3] == labels.shape[:3]


def test_images_are_resized_as_each_split_says():
  crop = {"crop_size": [97, 97], "min_scale_factor": 1, "max_scale_factor": 1}
  params = digits.experiment(
    train_data=crop | {"min_resize_value": 25, "flip": False},
    validation_data={"min_resize_value": 40, "max_resize_value": 40},
  )
  task = task_lib.SegmentationTask(params.task)
  images, labels = next(iter(task.build_inputs(params.task.train_data)))
  # Beyond the resized image there is nothing but padding.
  assert (np.asarray(labels)[:, 25:] == 255).all()
  np.testing.assert_array_equal(images[:, 25:], 127.5)
  assert (np.asarray(labels)[:, :25, :25] != 255).any((1, 2)).all()
  for image, label in task.build_inputs(params.task.validation_data):
    assert max(image.shape[1:3]) == 40
    assert image.shape[:3] == label.shape[:3]
  shapes = [e["image"].shape[1:3] for e in task.evaluation_data()]
  assert {max(shape) for shape in shapes} == {40}
  own = [e["image"].shape[1:3] for e in task.evaluation_data(resized=False)]
  assert min(max(shape) for shape in own) > 40


@pytest.mark.parametrize(
  "model, message",
  [
    ({}, "fine_tune_batch_norm=false"),
    ({"fine_tune_batch_norm": False}, "no task.init_checkpoint"),
  ],
)
def test_an_unlucky_batch_norm_is_warned_of(model, message, caplog):
  params = digits.experiment(model=model)
  task = task_lib.SegmentationTask(params.task)
  with caplog.at_level("WARNING"):
    task.build_inputs(params.task.train_data)
  assert message in caplog.text


def test_classes_must_be_those_of_the_data():
  params = digits.experiment(model={"num_classes": 21})
  with pytest.raises(ValueError, match="21, but data set digits has 11"):
    task_lib.SegmentationTask(params.task).build_model()


def test_unknown_loss_is_refused():
  config = configs.LossConfig(type="nowhere")
  with pytest.raises(ValueError, match="'nowhere'"):
    loss_registry.compute_loss(
      config, tf.zeros([1, 2, 2, 1], tf.int32), tf.zeros([1, 2, 2, 3]), 255
    )


def test_init_checkpoint_may_be_ours_or_the_originals(tmp_path):
  params = digits.experiment()
  source = task_lib.SegmentationTask(params.task).build_model()
  prefix = tf.train.Checkpoint(model=source).write(str(tmp_path / "ours"))
  for modules, same_head in (("all", True), ("backbone", False)):
    params.override(
      {
        "task": {
          "init_checkpoint": prefix,
          "init_checkpoint_modules": modules,
        }
      }
    )
    task = task_lib.SegmentationTask(params.task)
    model = task.build_model()
    task.initialize(model)
    np.testing.assert_array_equal(
      model.backbone.trainable_variables[0],
      source.backbone.trainable_variables[0],
    )
    equal = np.array_equal(model.logits.kernel, source.logits.kernel)
    assert equal == same_head


def test_unknown_modules_are_refused(tmp_path):
  params = digits.experiment()
  model = task_lib.SegmentationTask(params.task).build_model()
  prefix = tf.train.Checkpoint(model=model).write(str(tmp_path / "m"))
  params = digits.experiment(
    init_checkpoint=prefix, init_checkpoint_modules="decoder"
  )
  with pytest.raises(ValueError, match="'decoder'"):
    task_lib.SegmentationTask(params.task).initialize(model)


def test_missing_init_checkpoint_is_an_error():
  params = digits.experiment(init_checkpoint="/nowhere/model.ckpt")
  task = task_lib.SegmentationTask(params.task)
  with pytest.raises(FileNotFoundError, match="/nowhere/model.ckpt"):
    task.initialize(task.build_model())


def test_logits_are_upsampled_with_aligned_corners():
  assert task_lib.SegmentationTask.upsample is modeling.upsample_logits
