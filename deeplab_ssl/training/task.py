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

"""Model Garden tasks that train segmentation models with the paper's losses."""

import functools

from absl import logging
from official.core import base_task
from official.core import task_factory
from official.vision.configs import semantic_segmentation as garden_cfg
from official.vision.tasks import semantic_segmentation as garden_task
import tensorflow as tf
import tf_keras

from deeplab_ssl import modeling
from deeplab_ssl.evaluation import evaluator
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import pipeline
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.training import adaptive_affinity
from deeplab_ssl.training import adversarial
from deeplab_ssl.training import configs
from deeplab_ssl.training import gradient_multipliers
from deeplab_ssl.training import opponents as opponents_lib
from deeplab_ssl.training import pixel_losses
from deeplab_ssl.training import sources

# Below this batch per replica, fine-tuned batch norm is known to ruin a model.
_SMALLEST_NORM_BATCH = 12

# Options of Model Garden's loss that ours do not have.
_GARDEN_LOSS_OPTIONS = (
  "loss_weight",
  "label_smoothing",
  "gt_is_matting_map",
  "class_weights",
  "use_groundtruth_dimension",
  "use_binary_cross_entropy",
  "top_k_percent_pixels",
)

# The owner of the gradients that are not an opponent's.
_MODEL = "segmentation model"


def _finite(gradients, after):
  """Passes all gradients on once they, and the tensor `after`, are known.

  Args:
    gradients: {whose they are: list of tensors}.
    after: a tensor whose own check comes first.
  """
  checked = []
  for owner, tensors in gradients.items():
    with tf.control_dependencies([after]):
      norm = tf.identity(tf.linalg.global_norm(tensors))
    message = f"The {owner}'s gradient is not finite. Lower the learning rate"
    checked.append(tf.debugging.check_numerics(norm, message))
  with tf.control_dependencies(checked):
    return tf.nest.map_structure(tf.identity, gradients)


class _StructuralTraining:
  """Training step with our losses, for any segmentation model."""

  # The `opponents.Opponent`s that the model is trained against.
  opponents = ()

  @classmethod
  def create_optimizer(cls, *args, **kwargs):
    """Returns Model Garden's optimizer, which counts its steps from the start.

    Its counter would otherwise be made by the replica that first asks for it.
    """
    optimizer = super().create_optimizer(*args, **kwargs)
    optimizer.iterations  # noqa: B018
    return optimizer

  def train_step(self, inputs, model, optimizer, metrics=None):
    """Does one forward and backward pass on one replica's share of a batch.

    Args:
      inputs: `(images, labels)`.
      model: the segmentation model.
      optimizer: applies the summed gradients of all replicas.
      metrics: means of the logged terms, from `build_metrics`.

    Returns:
      `{"loss": scalar}`.

    Raises:
      tf.errors.InvalidArgumentError: if loss or gradient is not finite; the
        weights are untouched then.
    """
    images, labels = inputs
    labels = labels["masks"] if isinstance(labels, dict) else labels
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    with tf.GradientTape() as tape:
      outputs = model(images, training=True)
      logits = outputs["logits"] if isinstance(outputs, dict) else outputs
      logits = self.upsample(tf.cast(logits, tf.float32), tf.shape(labels)[1:3])
      loss, terms = pixel_losses.compute_loss(
        self.task_config.losses,
        labels,
        logits,
        self.task_config.losses.ignore_label,
        lambda: optimizer.iterations,
      )
      loss = tf.debugging.check_numerics(
        loss,
        f"The {self.task_config.losses.type} loss is not finite. Lower the "
        "learning rate, or check the labels and the initial checkpoint",
      )
      terms["regularization"] = tf.add_n(model.losses or [tf.constant(0.0)])
      total = loss + terms["regularization"]
      for opponent in self.opponents:
        term, logs = opponent.segmentation_loss(images, labels, logits)
        total += term
        terms |= logs
      # The optimizer sums the gradients of the replicas.
      scaled = total / replicas
      is_scaled = isinstance(
        optimizer, tf_keras.mixed_precision.LossScaleOptimizer
      )
      if is_scaled:
        scaled = optimizer.get_scaled_loss(scaled)
    variables = model.trainable_variables
    gradients = tape.gradient(scaled, variables)
    answers = {}
    for opponent in self.opponents:
      answers[opponent.name], logs = opponent.gradients(images, labels, logits)
      terms |= logs
    if is_scaled:
      # The loss scale handles overflows by skipping the step.
      gradients = optimizer.get_unscaled_gradients(gradients)
    else:
      answers[_MODEL] = gradients
    answers = _finite(answers, after=loss)
    gradients = answers.get(_MODEL, gradients)
    factors = self.gradient_multipliers(model, variables)
    gradients = [g * f for g, f in zip(gradients, factors, strict=True)]
    optimizer.apply_gradients(zip(gradients, variables, strict=True))
    for opponent in self.opponents:
      opponent.apply_gradients(answers[opponent.name])
    for metric in metrics or []:
      if metric.name in terms:
        metric.update_state(terms[metric.name])
    return {self.loss: total}

  def gradient_multipliers(self, model, variables):
    """Returns a factor per variable; none differ from 1 by default."""
    del model
    return [1.0 for _ in variables]

  def _term_metrics(self):
    names = [*pixel_losses.term_names(self.task_config.losses)]
    names.append("regularization")
    for opponent in self.opponents:
      names += opponent.terms
    return [tf_keras.metrics.Mean(name) for name in names]


@task_factory.register_task_cls(configs.SegmentationTask)
class SegmentationTask(_StructuralTraining, base_task.Task):
  """Trains and evaluates a DeepLab on TFRecords or a data set of TFDS."""

  upsample = staticmethod(modeling.upsample_logits)

  def __init__(self, params, logging_dir=None, name=None):
    super().__init__(params, logging_dir=logging_dir, name=name)
    self.scores = None  # of the last validation
    self.predictor = predictor_lib.SINGLE_SCALE  # of the validation
    # A `boundary.Settings` lets validation count along boundaries, too.
    self.boundary = None
    self._evaluator = None

  @functools.cached_property
  def dataset(self) -> dataset_info.DatasetInfo:
    """The data set, from the configuration or from the training data."""
    return sources.dataset_of(self.task_config)

  @functools.cached_property
  def opponents(self) -> tuple[opponents_lib.Opponent, ...]:
    """Opponents of the configuration, built where they are first asked for.

    That must be under the scope of the strategy, and after the model: their
    initial weights must not change those of the model.
    """
    config = self.task_config
    found = []
    if config.losses.type == "adaptive_affinity":
      found.append(
        adaptive_affinity.SizeWeights(config.losses, self.dataset.num_classes)
      )
    if config.adversarial.discriminator:
      adversary = adversarial.Adversary(
        config.adversarial,
        self.dataset.num_classes,
        config.losses.ignore_label,
        config.losses.activation,
      )
      found.append(adversary)
    return tuple(found)

  def build_model(self):
    """Builds the DeepLab for the classes of the data set."""
    options = self.task_config.model.as_dict()
    classes = options.pop("num_classes")
    if classes not in (0, self.dataset.num_classes):
      raise ValueError(
        f"task.model.num_classes is {classes}, but data set "
        f"{self.dataset.name} has {self.dataset.num_classes} classes (the "
        "ignore label does not count). Leave num_classes at 0."
      )
    return modeling.build_deeplab(
      num_classes=self.dataset.num_classes,
      weight_decay=self.task_config.losses.l2_weight_decay,
      **options,
    )

  def initialize(self, model):
    """Loads `init_checkpoint`, a TF1 checkpoint or one of ours."""
    path = self.task_config.init_checkpoint
    if not path:
      return
    modeling.load_checkpoint(
      model, path, self.task_config.init_checkpoint_modules
    )

  def build_inputs(self, params, input_context=None):
    """Returns a dataset of `(images, labels)`."""
    source = sources.open_source(params)
    if not params.is_training:
      batch = params.global_batch_size
      if input_context:
        batch //= input_context.num_replicas_in_sync
      dataset = self._evaluation_data(
        source, input_context, batch_size=max(batch, 1)
      )
      return dataset.map(lambda e: (e["image"], e["label"]))
    if not params.allow_unaligned_crop:
      configs.check_crop_size(
        params.crop_size, self.task_config.model.output_stride
      )
    self._warn_of_batch_norm(params)
    batch = params.global_batch_size
    if input_context:
      batch = input_context.get_per_replica_batch_size(batch)
    dataset = pipeline.train_dataset(
      source,
      crop_size=tuple(params.crop_size),
      batch_size=batch,
      min_scale_factor=params.min_scale_factor,
      max_scale_factor=params.max_scale_factor,
      scale_factor_step_size=params.scale_factor_step_size,
      flip=params.flip,
      num_classes=self.dataset.num_classes,
      ignore_label=self.dataset.ignore_label,
      seed=params.seed,
      shuffle_buffer=params.shuffle_buffer_size,
      input_context=input_context,
    )
    return dataset.map(lambda e: (e["image"], e["label"]))

  def _evaluation_data(self, source, input_context=None, **options):
    return pipeline.eval_dataset(
      source,
      num_classes=self.dataset.num_classes,
      ignore_label=self.dataset.ignore_label,
      input_context=input_context,
      **options,
    )

  def evaluation_data(self, with_label=True):
    """Returns the validation split, one image of its own size at a time."""
    return self._evaluation_data(
      sources.open_source(self.task_config.validation_data),
      with_label=with_label,
    )

  def _warn_of_batch_norm(self, params):
    if (
      not self.task_config.model.fine_tune_batch_norm
      and not self.task_config.init_checkpoint
    ):
      logging.warning(
        "Batch norm is frozen, but there is no task.init_checkpoint: random "
        "weights hardly train so. Give a checkpoint, or set "
        "task.model.fine_tune_batch_norm=true with %d or more images per "
        "replica and task.model.logits_init_stddev=0.15.",
        _SMALLEST_NORM_BATCH,
      )
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    per_replica = params.global_batch_size // replicas
    if (
      self.task_config.model.fine_tune_batch_norm
      and per_replica < _SMALLEST_NORM_BATCH
    ):
      logging.warning(
        "Batch norm is trained on %d images per replica; below %d this usually "
        "ruins the model. Set task.model.fine_tune_batch_norm=false (with a "
        "pretrained init_checkpoint) or raise the batch size.",
        per_replica,
        _SMALLEST_NORM_BATCH,
      )

  def build_metrics(self, training=True):
    """Returns the logged means, or creates the counts of an evaluation."""
    if training:
      return self._term_metrics()
    self._evaluator = evaluator.Evaluator(self.dataset, self.boundary)
    return []

  def gradient_multipliers(self, model, variables):
    config = self.task_config
    return gradient_multipliers.multipliers_of(
      model,
      variables,
      last_layer_gradient_multiplier=config.last_layer_gradient_multiplier,
      last_layers_contain_logits_only=config.last_layers_contain_logits_only,
    )

  def validation_step(self, inputs, model, metrics=None):
    """Adds a batch of images, or none on an idle replica, to the counts."""
    images, labels = inputs

    def update():
      self._evaluator.update_state(
        labels[..., 0], self.predictor(model, images)
      )
      return True

    # The last round may leave some replicas without an image.
    tf.cond(tf.shape(images)[0] > 0, update, lambda: False)
    return {}  # No loss: the predictor gives labels.

  def aggregate_logs(self, state=None, step_outputs=None):
    """Returns any state; the evaluator keeps the counts."""
    del step_outputs
    return True if state is None else state

  def reduce_aggregated_logs(self, aggregated_logs, global_step=None):
    """Returns the scores of a finished evaluation as named scalars."""
    del aggregated_logs, global_step
    self.scores = self._evaluator.scores()
    matrix = self.scores.matrix
    if matrix.sum(0).max() > 0.99 * matrix.sum() > 0:
      logging.warning(
        "More than 99 %% of the pixels are predicted as class %s.",
        self.dataset.class_names[matrix.sum(0).argmax()],
      )
    return self.scores.as_logs()


@task_factory.register_task_cls(configs.GardenSegmentationTask)
class GardenSegmentationTask(
  _StructuralTraining, garden_task.SemanticSegmentationTask
):
  """Trains Model Garden's own segmentation models with the paper's losses."""

  def __init__(self, params, logging_dir=None, name=None):
    super().__init__(params, logging_dir=logging_dir, name=name)
    if params.losses.type == "adaptive_affinity":
      raise ValueError(
        "Model Garden's own models are trained without opponents, so "
        'task.losses.type cannot be "adaptive_affinity" here; use "affinity".'
      )
    defaults = garden_cfg.Losses()
    for field in _GARDEN_LOSS_OPTIONS:
      value = getattr(params.losses, field)
      if value != getattr(defaults, field):
        raise ValueError(
          f"task.losses.{field} belongs to Model Garden's own loss, which "
          f"losses.type replaces. Received: {value!r}; leave it out."
        )

  @staticmethod
  def upsample(logits, size):
    """Upsamples as Model Garden's loss and metrics do."""
    return tf.image.resize(logits, size, method="bilinear")

  def initialize(self, model):
    """Loads a TF1 checkpoint into a backbone of ours, else as Model Garden."""
    path = self.task_config.init_checkpoint
    if path and modeling.is_slim_checkpoint(path):
      modeling.load_slim_checkpoint(model, path, scope="backbone")
    else:
      super().initialize(model)

  def build_metrics(self, training=True):
    metrics = super().build_metrics(training)
    # Model Garden's training metrics read its own outputs, not ours.
    return self._term_metrics() if training else metrics
