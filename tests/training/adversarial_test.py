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
import tf_keras

from deeplab_ssl.experiment import configs
from deeplab_ssl.runs import logs
from deeplab_ssl.runs import trained_run
from deeplab_ssl.training import adversarial
from deeplab_ssl.training import run
from deeplab_ssl.training import task as task_lib
from tests import digits
from tests import models
from tests import replicas

_CLASSES = 11
_ON = {"discriminator": "base", "stride": 4}


def _batch(seed=0, batch=4):
  rng = np.random.RandomState(seed)
  images = rng.uniform(0, 255, [batch, 33, 33, 3]).astype(np.float32)
  labels = rng.randint(0, _CLASSES, [batch, 33, 33, 1]).astype(np.int32)
  # Replicas differ in valid pixels.
  labels[: batch // 2, :20] = 255
  logits = rng.normal(0, 2, [batch, 33, 33, _CLASSES]).astype(np.float32)
  return images, labels, logits


def _adversary(activation="softmax", **options):
  config = configs.Adversarial(**(_ON | options))
  return adversarial.Adversary(config, _CLASSES, 255, activation)


def _values(variables):
  return [v.numpy() for v in variables]


def _assert_equal(expected, variables):
  for a, b in zip(expected, variables, strict=True):
    np.testing.assert_array_equal(a, b.numpy())


def _assert_close(actual, expected, rtol=1e-6, atol=1e-6):
  np.testing.assert_allclose(actual, expected, rtol=rtol, atol=atol)


def _share(strategy, arrays):
  """Splits a global batch over the replicas of a strategy."""
  count = strategy.num_replicas_in_sync
  shares = [np.split(x, count) for x in arrays]
  return strategy.experimental_distribute_values_from_function(
    lambda context: tuple(
      tf.constant(s[context.replica_id_in_sync_group]) for s in shares
    )
  )


class _Game:
  """A task, its model and a training step on one fixed batch.

  A single convolution stands for the network unless that is asked for.
  """

  def __init__(self, strategy=None, rate=0.05, network=False, **options):
    strategy = strategy or tf.distribute.get_strategy()
    options = {"adversarial": _ON | options} if options else {}
    params = digits.experiment(
      losses={"type": "ce"},
      model={"fine_tune_batch_norm": False},
      **options,
    )
    with strategy.scope():
      tf_keras.utils.set_random_seed(3)
      self.task = task_lib.SegmentationTask(params.task)
      self.model = (
        self.task.build_model() if network else models.pixel_classifier()
      )
      self.optimizer = tf_keras.optimizers.legacy.SGD(rate)
      self.metrics = self.task.build_metrics(training=True)
      models.create_slots(self.task.opponents)
    inputs = _share(strategy, _batch()[:2])

    @tf.function
    def step():
      strategy.run(
        lambda pair: self.task.train_step(
          pair, self.model, self.optimizer, self.metrics
        ),
        args=(inputs,),
      )

    self.step = step

  @property
  def adversary(self):
    return self.task.opponents[0]

  def terms(self):
    return {m.name: float(m.result()) for m in self.metrics}


def _votes():
  """Logits of a discriminator on truths and on predictions."""
  return np.random.RandomState(1).normal(0, 3, [2, 7])


def test_discriminator_loss_is_both_cross_entropies():
  on_truth, on_prediction = _votes()
  true, false = (1 / (1 + np.exp(-x)) for x in (on_truth, on_prediction))
  _assert_close(
    adversarial.discriminator_loss(
      tf.constant(on_truth, tf.float32),
      tf.constant(on_prediction, tf.float32),
    ),
    -np.mean(np.log(true)) - np.mean(np.log(1 - false)),
    rtol=1e-5,
  )


def test_adversarial_loss_is_the_cross_entropy_with_the_truth():
  _, on_prediction = _votes()
  taken_for_true = 1 / (1 + np.exp(-on_prediction))
  _assert_close(
    adversarial.adversarial_loss(tf.constant(on_prediction, tf.float32)),
    -np.mean(np.log(taken_for_true)),
    rtol=1e-5,
  )


def test_an_undecided_discriminator_costs_two_log_two():
  zeros = tf.zeros([3])
  _assert_close(adversarial.discriminator_loss(zeros, zeros), 2 * np.log(2))


def test_a_sure_discriminator_still_gives_a_gradient():
  sure = tf.constant([-200.0])
  with tf.GradientTape() as tape:
    tape.watch(sure)
    loss = adversarial.adversarial_loss(sure)
  _assert_close(tape.gradient(loss, sure), [-1.0])


@pytest.mark.parametrize("tau", [0.7, 0.9, 1.0])
def test_softened_truth_of_a_softmax_is_a_distribution(tau):
  rng = np.random.RandomState(2)
  p = rng.dirichlet(np.full(4, 0.2), [50])
  labels = rng.randint(0, 4, [50])
  p[0] = np.eye(4)[labels[0]]  # Nothing is left for the others.
  expected = np.zeros_like(p)
  for i, label in enumerate(labels):
    true = max(tau, p[i, label])
    rest = 1 - p[i, label]
    expected[i] = p[i] * (1 - true) / rest if rest else 0
    expected[i, label] = true
  soft = adversarial.soften(
    tf.one_hot(labels, 4), tf.constant(p, tf.float32), tau, "softmax"
  )
  _assert_close(soft, expected, atol=1e-6)
  _assert_close(tf.reduce_sum(soft, -1), np.ones(50), atol=1e-5)


def test_softened_truth_of_sigmoids_bounds_each_of_them():
  soft = adversarial.soften(
    tf.one_hot([0, 1], 2),
    tf.constant([[0.2, 0.95], [0.05, 0.97]]),
    0.9,
    "sigmoid",
  )
  _assert_close(soft, [[0.9, 0.1], [0.05, 0.97]])


@pytest.mark.parametrize("encoding", ["basic", "product", "scaling"])
@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_ignored_pixels_have_no_influence(encoding, activation):
  adversary = _adversary(activation, encoding=encoding, stride=2)
  images, labels, logits = _batch()
  ignored = labels == 255
  changed = np.where(ignored, 5 * logits[..., ::-1], logits)
  repainted = np.where(ignored, 255 - images, images)
  logits = tf.constant(logits)
  with tf.GradientTape() as tape:
    tape.watch(logits)
    loss, _ = adversary.segmentation_loss(images, labels, logits)
  gradient = tape.gradient(loss, logits).numpy()
  np.testing.assert_array_equal(gradient * ignored, np.zeros_like(gradient))
  assert np.abs(gradient).max() > 0
  for method in (adversary.segmentation_loss, adversary.own_loss):
    np.testing.assert_array_equal(
      method(images, labels, logits)[0],
      method(repainted, labels, tf.constant(changed))[0],
    )


def test_a_perfect_prediction_cannot_be_told_from_the_truth():
  for activation in ("softmax", "sigmoid"):
    adversary = _adversary(activation, encoding="basic")
    images, labels, _ = _batch()
    sure = 200 * tf.one_hot(labels[..., 0], _CLASSES) - 100
    _, terms = adversary.own_loss(images, labels, sure)
    _assert_close(terms["truth_probability"], terms["prediction_probability"])
    _assert_close(terms["discriminator_accuracy"], 0.5)


@pytest.mark.parametrize("kind", ["base", "large_fov"])
@pytest.mark.parametrize("encoding", ["basic", "product", "scaling"])
def test_its_steps_lower_its_loss(kind, encoding):
  adversary = _adversary(discriminator=kind, encoding=encoding)
  batch = _batch()
  before = adversary.own_loss(*batch)[0]
  for _ in range(5):
    gradients, _ = adversary.gradients(*batch)
    adversary.apply_gradients(gradients)
  assert adversary.own_loss(*batch)[0] < before


def test_its_loss_does_not_reach_the_segmentation_network():
  logits = tf.constant(_batch()[2])
  adversary = _adversary()
  with tf.GradientTape() as tape:
    tape.watch(logits)
    gradients, _ = adversary.gradients(*_batch()[:2], logits)
  assert tape.gradient(gradients, logits) is None


def test_turns():
  rate = adversarial.Turns(0.5, 3)
  _assert_close(
    [rate(step) for step in range(8)], [0.5] * 3 + [0] * 3 + [0.5] * 2
  )


@pytest.mark.parametrize(
  "accuracy, probability, warned", [(1.0, 0.001, True), (0.8, 0.001, False)]
)
def test_a_discriminator_that_has_won_is_warned_of(
  accuracy, probability, warned, caplog
):
  means = {
    "discriminator_accuracy": tf.constant(accuracy),
    "prediction_probability": tf.constant(probability),
  }
  with caplog.at_level("WARNING"):
    _adversary().watch(means)
  warnings = [record.getMessage() for record in caplog.records]
  assert len(warnings) == warned
  assert all("has won" in warning for warning in warnings)


@pytest.mark.parametrize(
  "field, value",
  [
    ("discriminator", "small_fov"),
    ("encoding", "sum"),
    ("tau", 0.5),
    ("tau", 1.1),
    ("stride", 0),
    ("weight", -0.1),
    ("learning_rate", 0.0),
    ("beta_1", 1.0),
    ("alternation_steps", -1),
  ],
)
def test_bad_values_are_refused_before_anything_is_written(
  field, value, tmp_path
):
  params = digits.experiment(adversarial=_ON | {field: value})
  folder = tmp_path / "refused"
  message = rf"task.adversarial.{field} must be .* Received: .?{value}"
  with pytest.raises(ValueError, match=message):
    run.run_experiment(params, "train", str(folder))
  assert not folder.exists()
  with pytest.raises(ValueError, match=message):
    _adversary(**{field: value})


def test_each_side_moves_by_its_own_optimizer_only():
  game = _Game(rate=0.0, weight=1.0, alternation_steps=1)
  model = _values(game.model.trainable_variables)
  adversary = _values(game.adversary.trainable_variables)
  game.step()
  _assert_equal(model, game.model.trainable_variables)
  for before, after in zip(
    adversary, game.adversary.trainable_variables, strict=True
  ):
    assert (before != after.numpy()).any()
  adversary = _values(game.adversary.trainable_variables)
  game.optimizer.learning_rate = 0.05
  game.step()  # The turn in which the discriminator rests.
  _assert_equal(adversary, game.adversary.trainable_variables)
  assert (model[0] != game.model.trainable_variables[0].numpy()).any()


def test_weight_zero_trains_as_without_a_discriminator():
  without, watched, pressed = _Game(), _Game(weight=0.0), _Game(weight=1.0)
  for _ in range(3):
    for game in (without, watched, pressed):
      game.step()
  _assert_equal(_values(without.model.variables), watched.model.variables)
  kernels = [game.model.variables[0].numpy() for game in (without, pressed)]
  assert (kernels[0] != kernels[1]).any()


def test_two_replicas_train_like_one():
  games = [
    _Game(strategy, weight=1.0, learning_rate=1e-3)
    for strategy in (None, replicas.two_replicas())
  ]
  for game in games:
    for _ in range(3):
      game.step()
  one, two = games
  for side in (lambda g: g.model, lambda g: g.adversary):
    for a, b in zip(
      side(one).trainable_variables,
      side(two).trainable_variables,
      strict=True,
    ):
      np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=0, atol=2e-5)
  for name in adversarial.Adversary.logged:
    _assert_close(one.terms()[name], two.terms()[name], rtol=1e-4)


def test_nan_in_the_discriminator_stops_before_any_weight():
  game = _Game(weight=1.0)
  bias = game.adversary.trainable_variables[-1]
  bias.assign(np.full(bias.shape, np.nan))
  model = _values(game.model.trainable_variables)
  adversary = _values(game.adversary.trainable_variables)
  with pytest.raises(
    tf.errors.InvalidArgumentError, match="discriminator.* is not finite"
  ):
    game.step()
  _assert_equal(model, game.model.trainable_variables)
  _assert_equal(adversary, game.adversary.trainable_variables)


def test_the_model_owns_nothing_of_the_discriminator():
  without, game = (
    _Game(network=True, **options) for options in ({}, {"weight": 1.0})
  )
  for variables in ("variables", "trainable_variables"):
    assert [v.shape for v in getattr(without.model, variables)] == [
      v.shape for v in getattr(game.model, variables)
    ]
  assert len(without.model.losses) == len(game.model.losses)
  assert not without.task.opponents
  assert "discriminator_loss" not in without.terms()


@pytest.mark.parametrize("loss", ["ssl", "bce"])
def test_plays_beside_any_pixel_loss(loss):
  params = digits.experiment(losses={"type": loss}, adversarial=_ON)
  task = task_lib.SegmentationTask(params.task)
  model = models.pixel_classifier()
  metrics = task.build_metrics(training=True)
  task.train_step(
    _batch()[:2], model, tf_keras.optimizers.legacy.SGD(0.01), metrics
  )
  assert task.opponents[0].activation == "sigmoid"
  for metric in metrics:
    assert np.isfinite(metric.result()), metric.name


def _run(path, **options):
  params = digits.experiment(**options)
  return run.run_experiment(params, "train", path).task


@pytest.fixture(scope="module")
def played(tmp_path_factory):
  """A run with a discriminator that has no say, and its task."""
  path = str(tmp_path_factory.mktemp("played"))
  return path, _run(path, adversarial=_ON | {"weight": 0.0})


def test_a_run_without_weight_is_the_run_without_discriminator(played):
  without = digits.trained_dir()
  names = [name for name, _ in tf.train.list_variables(without)]
  assert not [name for name in names if "discriminator" in name]
  with_discriminator = tf.train.load_checkpoint(played[0])
  for name in names:
    if name.startswith(("model/", "optimizer/")):
      np.testing.assert_array_equal(
        tf.train.load_variable(without, name),
        with_discriminator.get_tensor(name),
      )


def test_a_run_resumes_the_discriminator_and_its_optimizer(played):
  path, first = played
  saved = first.opponents[0]
  moments = _values(
    saved.optimizer.get_slot(v, "m") for v in saved.trainable_variables
  )
  resumed = _run(path, adversarial=_ON | {"weight": 0.0}).opponents[0]
  assert resumed is not saved
  _assert_equal(_values(saved.trainable_variables), resumed.trainable_variables)
  assert resumed.optimizer.iterations.numpy() == 4
  # Slots are restored when the first step creates them; it lets them decay.
  resumed.apply_gradients([tf.zeros_like(v) for v in saved.trainable_variables])
  for moment, variable in zip(
    moments, resumed.trainable_variables, strict=True
  ):
    np.testing.assert_allclose(
      resumed.optimizer.get_slot(variable, "m").numpy(), 0.5 * moment
    )


def test_the_stability_is_logged(played):
  curves = logs.read_scalars(played[0])
  for name in adversarial.Adversary.logged:
    assert curves[name][0] == [2, 4]
    assert np.isfinite(curves[name][1]).all()


def test_the_run_is_evaluated_and_its_model_restored(played):
  run = trained_run.TrainedRun.open(played[0], "last")
  assert 0 <= run.evaluate().mean_iou <= 1
  # What is exported and drawn.
  restored = run.model()
  saved = tf.train.load_checkpoint(run.checkpoint)
  for value in (restored.logits.kernel, restored.logits.bias):
    assert any(
      np.array_equal(value, saved.get_tensor(name))
      for name, shape in saved.get_variable_to_shape_map().items()
      if name.startswith("model/") and shape == value.shape.as_list()
    )
