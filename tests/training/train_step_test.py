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

import functools

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from deeplab_ssl import losses
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import loss_registry
from deeplab_ssl.training import step_options
from deeplab_ssl.training import task as task_lib
from tests import digits
from tests import models
from tests import replicas

# Traced anew for each neighbour, these take as long as all others.
_SLOW = ("adaptive_affinity", "affinity")


def _batch(seed=0, batch=4):
  rng = np.random.RandomState(seed)
  images = rng.uniform(0, 255, [batch, 33, 33, 3]).astype(np.float32)
  labels = rng.randint(0, 11, [batch, 33, 33, 1]).astype(np.int32)
  # Replicas differ in valid pixels and in hard examples.
  labels[: batch // 2, :20] = 255
  labels[batch // 2 :, ::2] = 0
  return images, labels


def _network(task):
  model = task.build_model()
  model.head.dropout.rate = 0.0
  return model


def _losses(loss):
  """Options of a loss; two of the three kernels of the adaptive form do."""
  sizes = {"kernel_sizes": [3, 5]} if loss == "adaptive_affinity" else {}
  return {"type": loss} | sizes


def _train(
  strategy,
  images,
  labels,
  loss,
  build,
  steps=3,
  options=step_options.PLAIN,
):
  """Trains on one global batch; returns the weights and the logged terms."""
  params = digits.experiment(
    losses=_losses(loss) | {"l2_weight_decay": 1e-3},
    model={"fine_tune_batch_norm": False},
  )
  with strategy.scope():
    tf_keras.utils.set_random_seed(3)
    task = task_lib.SegmentationTask(params.task, step_options=options)
    model = build(task)
    optimizer = tf_keras.optimizers.legacy.SGD(0.05)
    optimizer.iterations  # noqa: B018  Made here, as a run does.
    models.create_slots(task.opponents)
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


@functools.cache
def _train_alone(loss, build):
  return _train(tf.distribute.get_strategy(), *_batch(), loss, build)


@pytest.mark.parametrize(
  "loss, build",
  [
    ("ssl", _network),
    *(
      pytest.param(
        loss,
        models.pixel_classifier,
        marks=[pytest.mark.slow] if loss in _SLOW else [],
      )
      for loss in loss_registry.TYPES
    ),
  ],
)
def test_two_replicas_train_like_one(loss, build):
  one, terms_one = _train_alone(loss, build)
  two, terms_two = _train(replicas.two_replicas(), *_batch(), loss, build)
  for a, b in zip(one, two, strict=True):
    np.testing.assert_allclose(a, b, rtol=0, atol=2e-5)
  for name in ("cross_entropy", "structural", "regularization"):
    if name in terms_one:
      np.testing.assert_allclose(terms_one[name], terms_two[name], rtol=1e-4)


@pytest.mark.parametrize(
  "loss, build, options",
  [
    ("ssl", _network, step_options.StepOptions(accumulation_steps=4)),
    (
      "ssl",
      models.pixel_classifier,
      step_options.StepOptions(jit_compile=True),
    ),
  ],
)
def test_a_step_may_be_computed_otherwise(loss, build, options):
  one, terms_one = _train_alone(loss, build)
  strategy = tf.distribute.get_strategy()
  two, terms_two = _train(strategy, *_batch(), loss, build, options=options)
  for a, b in zip(one, two, strict=True):
    np.testing.assert_allclose(a, b, rtol=0, atol=2e-5)
  for name, value in terms_one.items():
    np.testing.assert_allclose(value, terms_two[name], rtol=1e-4, atol=1e-7)


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
    model = models.pixel_classifier()
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


def _step(images, labels, build=None, how=step_options.PLAIN, **options):
  """Returns a training step, its model and the weights before it."""
  params = digits.experiment(**options)
  task = task_lib.SegmentationTask(params.task, step_options=how)
  model = build() if build else task.build_model()
  task.build_metrics(training=True)
  before = [v.numpy() for v in model.variables]
  optimizer = tf_keras.optimizers.legacy.SGD(0.1)

  @tf.function
  def step():
    task.train_step((images, labels), model, optimizer, [])

  return step, model, before


def _assert_unmoved(before, model):
  for a, b in zip(before, model.variables, strict=True):
    np.testing.assert_array_equal(a, b.numpy())


# The network once: a ReLU may swallow a NaN on its way forward, but not on its
# way back.
@pytest.mark.parametrize("place", ["image", "weights"])
@pytest.mark.parametrize(
  "loss, build",
  [
    ("ssl", None),
    ("bce", models.pixel_classifier),
    ("ce", models.pixel_classifier),
  ],
)
def test_nan_stops_training_before_it_reaches_the_weights(loss, build, place):
  images, labels = _batch()
  message = f"(gradient|The {loss} loss) is not finite"
  if place == "image":
    images[0, 5, 5] = np.nan
  step, model, before = _step(
    images,
    labels,
    build,
    losses={"type": loss},
    model={"fine_tune_batch_norm": False},
  )
  if place == "weights":
    bias = model.layers[-1].bias if build else model.logits.bias
    bias.assign(np.full([11], np.nan))
    before = [v.numpy() for v in model.variables]
    message = f"The {loss} loss is not finite"
  with pytest.raises(tf.errors.InvalidArgumentError, match=message):
    step()
  _assert_unmoved(before, model)


@pytest.mark.parametrize("place", ["image", "label"])
def test_a_compiled_step_stops_too(place):
  images, labels = _batch()
  if place == "image":
    images[0, 5, 5] = np.nan
  else:
    labels[3, 5, 5] = 77
  step, model, before = _step(
    images,
    labels,
    models.pixel_classifier,
    step_options.StepOptions(jit_compile=True),
  )
  with pytest.raises(
    tf.errors.InvalidArgumentError, match="(loss|gradient) is not finite"
  ):
    step()
  _assert_unmoved(before, model)


@pytest.mark.parametrize(
  "loss",
  [
    pytest.param(
      loss,
      marks=[pytest.mark.slow] if loss == "adaptive_affinity" else [],
    )
    for loss in loss_registry.TYPES
  ],
)
def test_illegal_label_stops_training_and_is_named(loss):
  images, labels = _batch()
  labels[0, 0, 0] = 77
  step, model, before = _step(
    images, labels, models.pixel_classifier, losses=_losses(loss)
  )
  with pytest.raises(tf.errors.InvalidArgumentError, match="77"):
    step()
  _assert_unmoved(before, model)


def test_void_batch_moves_nothing_but_by_weight_decay():
  images, labels = _batch()
  labels[:] = 255
  step, model, before = _step(
    images,
    labels,
    losses={"l2_weight_decay": 0.0},
    model={"fine_tune_batch_norm": False},
  )
  step()
  _assert_unmoved(before, model)
