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

from absl.testing import parameterized
import numpy as np
from official.core import exp_factory
import pytest
import tensorflow as tf
import tf_keras

from deeplab_ssl import losses
from deeplab_ssl import modeling
from deeplab_ssl.training import configs
from deeplab_ssl.training import experiments
from deeplab_ssl.training import loss_registry
from deeplab_ssl.training import task as task_lib
from tests import digits
from tests import replicas


def _batch(seed=0, batch=4):
  rng = np.random.RandomState(seed)
  images = rng.uniform(0, 255, [batch, 33, 33, 3]).astype(np.float32)
  labels = rng.randint(0, 11, [batch, 33, 33, 1]).astype(np.int32)
  # Replicas differ in valid pixels and in hard examples.
  labels[: batch // 2, :20] = 255
  labels[batch // 2 :, ::2] = 0
  return images, labels


def _pixel_classifier(unused_task=None):
  """Stands for the network where the loss is tested; it is traced at once."""
  regularizer = tf_keras.regularizers.L2(1e-3)
  return tf_keras.Sequential(
    [
      tf_keras.layers.InputLayer([None, None, 3]),
      tf_keras.layers.Rescaling(1 / 127.5, -1),
      tf_keras.layers.Conv2D(
        11, 3, strides=4, padding="same", kernel_regularizer=regularizer
      ),
    ]
  )


def _network(task):
  model = task.build_model()
  model.head.dropout.rate = 0.0
  return model


def _train(strategy, images, labels, loss, build, steps=3):
  """Trains on one global batch; returns the weights and the logged terms."""
  params = digits.experiment(
    losses={"type": loss, "l2_weight_decay": 1e-3},
    model={"fine_tune_batch_norm": False},
  )
  with strategy.scope():
    tf_keras.utils.set_random_seed(3)
    task = task_lib.SegmentationTask(params.task)
    model = build(task)
    optimizer = tf_keras.optimizers.legacy.SGD(0.05)
    optimizer.iterations  # noqa: B018  Made here, as a run does.
    metrics = task.build_metrics(training=True)
  count = strategy.num_replicas_in_sync
  shares = [np.split(x, count) for x in (images, labels)]
  inputs = strategy.experimental_distribute_values_from_function(
    lambda context: tuple(
      tf.constant(s[context.replica_id_in_sync_group]) for s in shares
    )
  )

  @tf.function
  def step():
    strategy.run(
      lambda pair: task.train_step(pair, model, optimizer, metrics),
      args=(inputs,),
    )

  for _ in range(steps):
    step()
  terms = {m.name: float(m.result()) for m in metrics}
  return [v.numpy() for v in model.trainable_variables], terms


@pytest.mark.parametrize(
  "loss, build",
  [("ssl", _network)]
  + [(loss, _pixel_classifier) for loss in loss_registry.TYPES],
)
def test_two_replicas_train_like_one(loss, build):
  batch = _batch()
  one, terms_one = _train(tf.distribute.get_strategy(), *batch, loss, build)
  two, terms_two = _train(replicas.two_replicas(), *batch, loss, build)
  for a, b in zip(one, two, strict=True):
    np.testing.assert_allclose(a, b, rtol=0, atol=2e-5)
  for name in ("cross_entropy", "structural", "regularization"):
    if name in terms_one:
      np.testing.assert_allclose(terms_one[name], terms_two[name], rtol=1e-4)


@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_replicas_may_ask_for_the_step_of_a_created_optimizer(name):
  params = digits.experiment(
    losses={"type": "affinity", "decay_steps": 10},
    model={"fine_tune_batch_norm": False},
  )
  params.trainer.optimizer_config.optimizer.type = name
  params.trainer.optimizer_config.learning_rate.deeplab.override(
    {"training_number_of_steps": 10}
  )
  strategy = replicas.two_replicas()
  with strategy.scope():
    task = task_lib.SegmentationTask(params.task)
    model = _pixel_classifier()
    optimizer = task.create_optimizer(
      params.trainer.optimizer_config, params.runtime
    )
  pair = tuple(map(tf.constant, _batch(batch=2)))

  @tf.function
  def step():
    strategy.run(lambda: task.train_step(pair, model, optimizer))

  step()
  assert optimizer.iterations.numpy() == 1


def test_logged_terms_add_up_to_the_loss():
  images, labels = _batch()
  logits = tf.random.normal([4, 33, 33, 11], seed=1)
  config = configs.LossConfig(type="ssl", ce_weight=0.3, region_size=5)
  loss, terms = loss_registry.compute_loss(config, labels, logits, 255)
  expected = 0.3 * terms["cross_entropy"] + 0.7 * terms["structural"]
  np.testing.assert_allclose(loss, expected, rtol=1e-5)
  error, hard = losses.structural_error(labels, logits, region_size=5)
  valid = (labels != 255).sum() * 11
  np.testing.assert_allclose(
    terms["hard_fraction"], np.sum(hard) / valid, rtol=1e-5
  )
  np.testing.assert_allclose(
    terms["error_mean"], np.sum(error) / valid, rtol=1e-4
  )
  np.testing.assert_allclose(terms["error_max"], np.max(error), rtol=1e-5)
  del images


class TaskTest(tf.test.TestCase, parameterized.TestCase):
  def _step(self, images, labels, classifier=None, **options):
    params = digits.experiment(**options)
    task = task_lib.SegmentationTask(params.task)
    model = classifier or task.build_model()
    task.build_metrics(training=True)
    before = [v.numpy() for v in model.variables]
    optimizer = tf_keras.optimizers.legacy.SGD(0.1)

    @tf.function
    def step():
      task.train_step((images, labels), model, optimizer, [])

    return step, model, before

  @parameterized.product(loss=["ssl", "bce", "ce"], place=["image", "weights"])
  def test_nan_stops_training_before_it_reaches_the_weights(self, loss, place):
    images, labels = _batch()
    # A ReLU may swallow a NaN on its way forward but not on its way back.
    message = f"(gradient|The {loss} loss) is not finite"
    if place == "image":
      images[0, 5, 5] = np.nan
    step, model, before = self._step(
      images,
      labels,
      losses={"type": loss},
      model={"fine_tune_batch_norm": False},
    )
    if place == "weights":
      model.logits.bias.assign(np.full([11], np.nan))
      before = [v.numpy() for v in model.variables]
      message = f"The {loss} loss is not finite"
    with self.assertRaisesRegex(tf.errors.InvalidArgumentError, message):
      step()
    for a, b in zip(before, model.variables, strict=True):
      np.testing.assert_array_equal(a, b.numpy())

  @parameterized.parameters(*loss_registry.TYPES)
  def test_illegal_label_stops_training_and_is_named(self, loss):
    images, labels = _batch()
    labels[0, 0, 0] = 77
    step, model, before = self._step(
      images, labels, _pixel_classifier(), losses={"type": loss}
    )
    with self.assertRaisesRegex(tf.errors.InvalidArgumentError, "77"):
      step()
    for a, b in zip(before, model.variables, strict=True):
      self.assertAllEqual(a, b)

  def test_void_batch_moves_nothing_but_by_weight_decay(self):
    images, labels = _batch()
    labels[:] = 255
    step, model, before = self._step(
      images,
      labels,
      losses={"l2_weight_decay": 0.0},
      model={"fine_tune_batch_norm": False},
    )
    step()
    for a, b in zip(before, model.variables, strict=True):
      self.assertAllEqual(a, b)

  def test_misaligned_crop_is_refused_with_the_nearest_sizes(self):
    params = digits.experiment(train_data={"crop_size": [33, 36]})
    task = task_lib.SegmentationTask(params.task)
    with self.assertRaisesRegex(ValueError, "33 and 41"):
      task.build_inputs(params.task.train_data)

  def test_a_crop_that_is_no_size_is_refused(self):
    for size in ([33], [33, "33"], "33,33"):
      with self.assertRaisesRegex(ValueError, "must be two integers"):
        configs.check_crop_size(size, 8)

  def test_misaligned_crop_may_be_allowed(self):
    params = digits.experiment(
      train_data={"crop_size": [33, 36], "allow_unaligned_crop": True}
    )
    task = task_lib.SegmentationTask(params.task)
    images, labels = next(iter(task.build_inputs(params.task.train_data)))
    self.assertEqual(images.shape[1:3], [33, 36])
    logits = task.upsample(task.build_model()(images), labels.shape[1:3])
    self.assertEqual(logits.shape[:3], labels.shape[:3])

  def test_small_norm_batch_is_warned_of(self):
    params = digits.experiment()
    task = task_lib.SegmentationTask(params.task)
    with self.assertLogs(level="WARNING") as logs:
      task.build_inputs(params.task.train_data)
    self.assertIn("fine_tune_batch_norm=false", logs.output[0])

  def test_classes_must_be_those_of_the_data(self):
    params = digits.experiment(model={"num_classes": 21})
    with self.assertRaisesRegex(ValueError, "21, but data set digits has 11"):
      task_lib.SegmentationTask(params.task).build_model()

  def test_unknown_loss_is_refused(self):
    config = configs.LossConfig(type="focal")
    with self.assertRaisesRegex(ValueError, "'focal'"):
      loss_registry.compute_loss(
        config, tf.zeros([1, 2, 2, 1], tf.int32), tf.zeros([1, 2, 2, 3]), 255
      )

  def test_init_checkpoint_may_be_ours_or_the_originals(self):
    params = digits.experiment()
    source = task_lib.SegmentationTask(params.task).build_model()
    prefix = tf.train.Checkpoint(model=source).write(
      self.get_temp_dir() + "/ours"
    )
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
      self.assertAllEqual(
        model.backbone.trainable_variables[0],
        source.backbone.trainable_variables[0],
      )
      equal = np.array_equal(model.logits.kernel, source.logits.kernel)
      self.assertEqual(equal, same_head)

  def test_frozen_norm_without_a_checkpoint_is_warned_of(self):
    params = digits.experiment(model={"fine_tune_batch_norm": False})
    task = task_lib.SegmentationTask(params.task)
    with self.assertLogs(level="WARNING") as logs:
      task.build_inputs(params.task.train_data)
    self.assertIn("no task.init_checkpoint", logs.output[0])

  def test_unknown_modules_are_refused(self):
    params = digits.experiment()
    model = task_lib.SegmentationTask(params.task).build_model()
    prefix = tf.train.Checkpoint(model=model).write(self.get_temp_dir() + "/m")
    params = digits.experiment(
      init_checkpoint=prefix, init_checkpoint_modules="decoder"
    )
    with self.assertRaisesRegex(ValueError, "'decoder'"):
      task_lib.SegmentationTask(params.task).initialize(model)

  def test_missing_init_checkpoint_is_an_error(self):
    params = digits.experiment(init_checkpoint="/nowhere/model.ckpt")
    task = task_lib.SegmentationTask(params.task)
    with self.assertRaisesRegex(FileNotFoundError, "/nowhere/model.ckpt"):
      task.initialize(task.build_model())


class GardenTest(tf.test.TestCase, parameterized.TestCase):
  @parameterized.parameters(*experiments.NAMES)
  def test_experiments_are_registered_and_valid(self, name):
    exp_factory.get_exp_config(name).validate()

  def test_only_task_and_loss_type_change(self):
    name = "seg_deeplabv3plus_pascal"
    theirs = exp_factory.get_exp_config(name).as_dict()
    ours = exp_factory.get_exp_config(f"ssl_{name}").as_dict()
    for field in dataclasses.fields(configs.LossConfig):
      ours["task"]["losses"].pop(field.name)
    self.assertFalse(ours["task"].pop("allow_image_summary"))
    theirs["task"].pop("allow_image_summary")
    self.assertEqual(ours["runtime"].pop("num_gpus"), -1)
    theirs["runtime"].pop("num_gpus")
    self.assertEqual(ours, theirs)

  def test_options_of_the_replaced_loss_are_refused(self):
    params = exp_factory.get_exp_config("ssl_seg_deeplabv3plus_pascal")
    params.task.losses.top_k_percent_pixels = 0.5
    with self.assertRaisesRegex(ValueError, "top_k_percent_pixels.*0.5"):
      task_lib.GardenSegmentationTask(params.task)

  def test_adaptive_affinity_is_refused(self):
    params = exp_factory.get_exp_config("ssl_seg_deeplabv3plus_pascal")
    params.task.losses.type = "adaptive_affinity"
    with self.assertRaisesRegex(ValueError, 'use "affinity"'):
      task_lib.GardenSegmentationTask(params.task)

  def test_other_tasks_are_refused(self):
    other = exp_factory.get_exp_config("resnet_imagenet")
    with self.assertRaisesRegex(ValueError, "SemanticSegmentationTask"):
      experiments.with_structural_loss(other)

  def test_dilated_resnet_takes_a_step_with_the_structural_loss(self):
    params = exp_factory.get_exp_config("ssl_seg_deeplabv3plus_pascal")
    params.task.model.backbone.dilated_resnet.model_id = 50
    params.task.model.num_classes = 5
    task = task_lib.GardenSegmentationTask(params.task)
    model = task.build_model()
    weights = model.trainable_variables
    before = [v.numpy() for v in weights]
    images = tf.random.normal([2, 64, 64, 3], seed=1)
    labels = {"masks": tf.ones([2, 64, 64, 1]), "valid_masks": None}
    metrics = task.build_metrics(training=True)
    logs = task.train_step(
      (images, labels),
      model,
      tf_keras.optimizers.legacy.SGD(0.01),
      metrics,
    )
    self.assertTrue(np.isfinite(logs["loss"]))
    terms = {m.name: float(m.result()) for m in metrics}
    self.assertGreater(terms["structural"], 0)
    moved = [
      not np.array_equal(a, b) for a, b in zip(before, weights, strict=True)
    ]
    self.assertGreater(np.mean(moved), 0.9)


def test_logits_are_upsampled_with_aligned_corners():
  assert task_lib.SegmentationTask.upsample is modeling.upsample_logits
