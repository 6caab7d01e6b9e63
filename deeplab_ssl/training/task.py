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

from deeplab_ssl import modeling
from deeplab_ssl.evaluation import evaluator as evaluator_lib
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import loss_registry
from deeplab_ssl.experiment import opponents as opponents_lib
from deeplab_ssl.experiment import resolution
from deeplab_ssl.experiment import sources
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import pipeline
from deeplab_ssl.input import source as source_lib
from deeplab_ssl.modeling.backbones import factory
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.training import adversarial
from deeplab_ssl.training import gradient_multipliers
from deeplab_ssl.training import step_options as step_options_lib
from deeplab_ssl.training import train_step

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


@task_factory.register_task_cls(configs.SegmentationTask)
class SegmentationTask(train_step.PixelLossTraining, base_task.Task):
  """Trains and evaluates a DeepLab on TFRecords or a data set of TFDS.

  Args:
    params: a `configs.SegmentationTask`.
    logging_dir: where Model Garden's task logs.
    name: name of the task.
    dataset: the data set; None reads it as the configuration says.
    evaluator: counts in a validation and has the scores afterwards; made under
      the scope of the strategy. None makes one.
    predictor: how the model is asked in a validation.
    train_source: the training images; None opens those of the configuration.
    validation_source: the validation images, likewise.
    first_place: how many images a training that goes on has seen.
    step_options: how a training step is computed.
  """

  upsample = staticmethod(modeling.upsample_logits)

  def __init__(
    self,
    params,
    logging_dir=None,
    name=None,
    *,
    dataset: dataset_info.DatasetInfo | None = None,
    evaluator: evaluator_lib.Evaluator | None = None,
    predictor: predictor_lib.Predictor = predictor_lib.SINGLE_SCALE,
    train_source: source_lib.Source | None = None,
    validation_source: source_lib.Source | None = None,
    first_place: int = 0,
    step_options: step_options_lib.StepOptions = step_options_lib.PLAIN,
  ):
    super().__init__(params, logging_dir=logging_dir, name=name)
    self._train_source = train_source
    self._validation_source = validation_source
    self.first_place = first_place
    self.step_options = step_options
    self._given_dataset = dataset
    self.predictor = predictor
    self._evaluator = evaluator

  @functools.cached_property
  def dataset(self) -> dataset_info.DatasetInfo:
    """The data set, read where it is first asked for unless it was given."""
    return self._given_dataset or sources.dataset_of(self.task_config)

  @functools.cached_property
  def opponents(self) -> tuple[opponents_lib.Opponent, ...]:
    """Opponents of the configuration, built where they are first asked for.

    That must be under the scope of the strategy, and after the model: their
    initial weights must not change those of the model.
    """
    config = self.task_config
    found = []
    make_opponent = loss_registry.row_of(config.losses).opponent
    if make_opponent:
      found.append(make_opponent(config.losses, self.dataset.num_classes))
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
    resolution.check_num_classes(self.task_config.model, self.dataset)
    return modeling.build_deeplab(
      **options | {"num_classes": self.dataset.num_classes},
      weight_decay=self.task_config.losses.l2_weight_decay,
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
    if not params.is_training:
      source = self._validation_source or sources.open_source(params)
      batch = params.global_batch_size
      if input_context:
        batch //= input_context.num_replicas_in_sync
      dataset = self._evaluation_data(
        source,
        input_context,
        size_range=sources.size_range(params),
        largest_size=self.predictor.largest_size,
        batch_size=max(batch, 1),
      )
      return dataset.map(lambda e: (e["image"], e["label"]))
    configs.check_crop_size(
      params.crop_size,
      self.task_config.model.output_stride,
      size_step=factory.size_step(
        self.task_config.model.backbone,
        self.task_config.model.output_stride,
        self.task_config.model.nas_remove_os32_stride,
      ),
      allow_unaligned=params.allow_unaligned_crop,
    )
    self._warn_of_batch_norm(params)
    batch = params.global_batch_size
    if input_context:
      batch = input_context.get_per_replica_batch_size(batch)
    dataset = pipeline.train_dataset(
      self._train_source or sources.open_source(params),
      crop_size=tuple(params.crop_size),
      batch_size=batch,
      size_range=sources.size_range(params),
      min_scale_factor=params.min_scale_factor,
      max_scale_factor=params.max_scale_factor,
      scale_factor_step_size=params.scale_factor_step_size,
      flip=params.flip,
      pad_value=factory.row_of(self.task_config.model.backbone).padding,
      num_classes=self.dataset.num_classes,
      ignore_label=self.dataset.ignore_label,
      seed=params.seed,
      first_place=self.first_place,
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

  def evaluation_data(self, with_label=True, *, resized=True):
    """Returns the validation split, one image at a time.

    Args:
      with_label: False leaves the labels out, for records that have none.
      resized: whether images are of the size at which they are scored; if not,
        they are of their own.
    """
    params = self.task_config.validation_data
    return self._evaluation_data(
      sources.open_source(params),
      with_label=with_label,
      size_range=sources.size_range(params),
      resizes=resized,
      largest_size=self.predictor.largest_size,
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
      return self._logged_means()
    self._evaluator = self._evaluator or evaluator_lib.Evaluator(self.dataset)
    return [self._evaluator]

  def outputs(self, model, images):
    """See base class: the scales of an image pyramid, and what they make."""
    if len(self.task_config.model.image_pyramid or ()) < 2:
      return super().outputs(model, images)
    of_scales = model.logits_of_scales(images, training=True)
    return [*of_scales, model.pyramid.merge(of_scales)]

  def align(self, logits, labels):
    """See base class; without upsampling it is the size of the logits."""
    if self.task_config.upsample_logits:
      return super().align(logits, labels)
    nearest = tf.raw_ops.ResizeNearestNeighbor(
      images=labels, size=tf.shape(logits)[1:3], align_corners=True
    )
    return logits, nearest

  def gradient_multipliers(self, model, variables):
    config = self.task_config
    return gradient_multipliers.multipliers_of(
      model,
      variables,
      last_layer_gradient_multiplier=config.last_layer_gradient_multiplier,
      last_layers_contain_logits_only=config.last_layers_contain_logits_only,
    )

  @tf.autograph.experimental.do_not_convert
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
    """Returns a state for `reduce_aggregated_logs` to be called with."""
    del step_outputs
    return True if state is None else state

  def reduce_aggregated_logs(self, aggregated_logs, global_step=None):
    """Returns the scores of a finished evaluation as named scalars."""
    del aggregated_logs, global_step
    scores = self._evaluator.scores()
    matrix = scores.matrix
    if not matrix.sum():
      raise ValueError(
        "No pixel of task.validation_data has a class: all of them are void "
        f"({self.dataset.ignore_label}), so there is no score. Give another "
        "split, or convert its masks again."
      )
    if matrix.sum(0).max() > 0.99 * matrix.sum() > 0:
      logging.warning(
        "More than 99 %% of the pixels are predicted as class %s.",
        self.dataset.class_names[matrix.sum(0).argmax()],
      )
    return scores.as_logs()


@task_factory.register_task_cls(configs.GardenSegmentationTask)
class GardenSegmentationTask(
  train_step.PixelLossTraining, garden_task.SemanticSegmentationTask
):
  """Trains Model Garden's own segmentation models with the paper's losses."""

  def __init__(
    self,
    params,
    logging_dir=None,
    name=None,
    *,
    step_options: step_options_lib.StepOptions = step_options_lib.PLAIN,
  ):
    super().__init__(params, logging_dir=logging_dir, name=name)
    self.step_options = step_options
    if loss_registry.row_of(params.losses).opponent:
      raise ValueError(
        "Model Garden's own models are trained without opponents, so "
        f"task.losses.type cannot be {params.losses.type!r} here; use "
        '"affinity".'
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
    return self._logged_means() if training else metrics
