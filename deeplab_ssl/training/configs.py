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

"""Configuration of an experiment, declared once and checked at the door."""

import dataclasses

from official.core import config_definitions as cfg
from official.modeling import hyperparams
from official.vision.configs import backbones as garden_backbones
from official.vision.configs import semantic_segmentation as garden_cfg

from deeplab_ssl.modeling import discriminator
from deeplab_ssl.training import loss_registry
from deeplab_ssl.training import optimization


@dataclasses.dataclass
class DeepLabModel(hyperparams.Config):
  """Arguments of `modeling.build_deeplab`, under the original's flag names.

  `num_classes` is not chosen: it comes from the data set.
  """

  backbone: str = "mobilenet_v2"
  num_classes: int = 0
  output_stride: int = 16
  atrous_rates: list[int] | None = dataclasses.field(
    default_factory=lambda: [6, 12, 18]
  )
  decoder_output_stride: int | None = None
  multi_grid: list[int] | None = None
  depth_multiplier: float = 1.0
  add_image_level_feature: bool = True
  aspp_with_batch_norm: bool = True
  aspp_with_concat_projection: bool = True
  aspp_convs_filters: int = 256
  aspp_with_separable_conv: bool = False
  decoder_filters: int = 256
  decoder_use_separable_conv: bool = False
  logits_kernel_size: int = 1
  fine_tune_batch_norm: bool = True
  batch_norm_decay: float | None = None
  logits_init_stddev: float = 0.01


@dataclasses.dataclass
class _LossType(hyperparams.Config):
  """Which loss.

  Attributes:
    type: one of `loss_registry.TYPES`.
  """

  type: str = "ssl"

  @property
  def activation(self) -> loss_registry.Activation:
    """What makes probabilities of logits: "softmax" or "sigmoid"."""
    return loss_registry.row_of(self).activation


# Which loss, and the constants of all of them. What these mean stands in the
# dataclasses of the rows of `loss_registry`.
LossConfig = dataclasses.make_dataclass(
  "LossConfig",
  loss_registry.config_fields(),
  bases=(_LossType,),
  namespace={"__module__": __name__},
)


@dataclasses.dataclass
class Losses(LossConfig):
  """Loss of a DeepLab experiment.

  Attributes:
    ignore_label: set from the data set.
    l2_weight_decay: factor of sum(w^2) / 2 over the decayed kernels.
  """

  ignore_label: int = 255
  l2_weight_decay: float = 4e-5


@dataclasses.dataclass
class Adversarial(hyperparams.Config):
  """Adversarial training, off by default; docs/adversarial.md.

  Attributes:
    discriminator: "" for none, "base" or "large_fov".
    encoding: what the discriminator sees: "basic", "product" or "scaling".
    tau: least probability of the true class in the true maps of "scaling".
    stride: distance in pixels of the positions that it sees.
    weight: lambda, the factor of the adversarial loss beside the pixel loss,
      which is a mean over pixels here and a sum in the source.
    learning_rate: rate of the discriminator's Adam.
    beta_1: decay of the first moment of that Adam.
    alternation_steps: 0 trains the discriminator at every step; n lets it learn
      for n steps and rest for n steps by turns.
  """

  discriminator: str = ""
  encoding: str = "scaling"
  tau: float = 0.9
  stride: int = 8
  weight: float = 0.01
  learning_rate: float = 1e-4
  beta_1: float = 0.5
  alternation_steps: int = 0


@dataclasses.dataclass
class DataConfig(cfg.DataConfig):
  """One split of TFRecords or of TFDS and, for training, its augmentation.

  Of Model Garden's fields for TFDS, tfds_name, tfds_split and tfds_data_dir are
  read. docs/datasets.md describes both sources.

  Attributes:
    input_path: folder of the shards SPLIT-00000-of-0000N.tfrecord.
    split: name of the split of records.
    tfds_name: instead of input_path, a data set that TFDS has prepared.
    tfds_split: its split, "train" or "train[:80%]".
    tfds_data_dir: where it is prepared; empty takes TFDS's default.
    tfds_image_key: its feature with the image.
    tfds_label_key: its feature with the labels.
    tfds_label_map: at position v the class (or ignore label) that its label v
      stands for; empty if its labels are the classes.
    crop_size: height and width of training crops; each k * output_stride + 1.
    min_scale_factor: smallest random scale.
    max_scale_factor: largest random scale.
    scale_factor_step_size: distance of the scales; 0 draws them uniformly.
    allow_unaligned_crop: whether sides other than that are taken, as the
      original does; two of the paper's four crops are such.
    flip: whether training images are flipped left to right at random.
    seed: makes initial weights, order and augmentation reproducible.
  """

  input_path: str = ""
  split: str = ""
  tfds_image_key: str = "image"
  tfds_label_key: str = "segmentation_label"
  tfds_label_map: list[int] = dataclasses.field(default_factory=list)
  crop_size: list[int] = dataclasses.field(default_factory=lambda: [513, 513])
  allow_unaligned_crop: bool = False
  min_scale_factor: float = 0.5
  max_scale_factor: float = 2.0
  scale_factor_step_size: float = 0.25
  flip: bool = True


@dataclasses.dataclass
class SegmentationTask(cfg.TaskConfig):
  """A DeepLab on a data set.

  Attributes:
    dataset: registry name or YAML file of the data set; empty takes the
      dataset.yaml beside the training shards, or the names that TFDS has.
    model: architecture.
    train_data: training split.
    validation_data: evaluated at the images' own sizes, global_batch_size
      images of one size at once; its source is that of
      the training data unless it names one.
    losses: loss and weight decay.
    adversarial: a discriminator against which the DeepLab is trained.
    init_checkpoint: TF1 checkpoint of the original or a checkpoint of ours.
    init_checkpoint_modules: "all" or "backbone".
    last_layer_gradient_multiplier: factor on the gradients of the head.
    last_layers_contain_logits_only: whether the head is `logits` alone.
    allow_image_summary: whether each validation draws sample predictions for
      TensorBoard.
  """

  dataset: str = ""
  model: DeepLabModel = dataclasses.field(default_factory=DeepLabModel)
  train_data: DataConfig = dataclasses.field(
    default_factory=lambda: DataConfig(is_training=True, split="train")
  )
  validation_data: DataConfig = dataclasses.field(
    default_factory=lambda: DataConfig(
      is_training=False, split="val", global_batch_size=1
    )
  )
  losses: Losses = dataclasses.field(default_factory=Losses)
  adversarial: Adversarial = dataclasses.field(default_factory=Adversarial)
  init_checkpoint_modules: str = "all"
  last_layer_gradient_multiplier: float = 1.0
  last_layers_contain_logits_only: bool = False
  allow_image_summary: bool = True


@dataclasses.dataclass
class AtrousBackbone(hyperparams.Config):
  """Options of the original's ResNets and Xceptions."""

  output_stride: int = 16
  multi_grid: list[int] | None = None


@dataclasses.dataclass
class AtrousMobileNet(hyperparams.Config):
  """Options of the original's MobileNets."""

  output_stride: int = 16
  depth_multiplier: float = 1.0


def _options(config):
  return dataclasses.field(default_factory=config)


@dataclasses.dataclass
class GardenBackbone(garden_backbones.Backbone):
  """Model Garden's choice of backbones, and the original's with it."""

  resnet_v1_50_beta: AtrousBackbone = _options(AtrousBackbone)
  resnet_v1_101_beta: AtrousBackbone = _options(AtrousBackbone)
  xception_41: AtrousBackbone = _options(AtrousBackbone)
  xception_65: AtrousBackbone = _options(AtrousBackbone)
  xception_71: AtrousBackbone = _options(AtrousBackbone)
  mobilenet_v2: AtrousMobileNet = _options(AtrousMobileNet)


@dataclasses.dataclass
class GardenModel(garden_cfg.SemanticSegmentationModel):
  """Model Garden's segmentation model with the larger choice of backbones."""

  backbone: GardenBackbone = _options(GardenBackbone)


@dataclasses.dataclass
class GardenLosses(garden_cfg.Losses, LossConfig):
  """Model Garden's loss configuration with the choice of ours."""


@dataclasses.dataclass
class GardenSegmentationTask(garden_cfg.SemanticSegmentationTask):
  """Model Garden's segmentation task, trained with a loss of the paper.

  `losses.type` and its constants replace Model Garden's loss; its options for
  that loss must stay at their defaults. All else has Model Garden's meaning.
  """

  model: GardenModel = _options(GardenModel)
  losses: GardenLosses = _options(GardenLosses)


@dataclasses.dataclass
class TrainerConfig(cfg.TrainerConfig):
  """Model Garden's trainer with the optimizer of the original."""

  optimizer_config: optimization.OptimizationConfig = dataclasses.field(
    default_factory=optimization.OptimizationConfig
  )


@dataclasses.dataclass
class ExperimentConfig(cfg.ExperimentConfig):
  """A DeepLab experiment. `runtime.num_gpus: -1` takes all GPUs there are."""

  task: SegmentationTask = dataclasses.field(default_factory=SegmentationTask)
  trainer: TrainerConfig = dataclasses.field(default_factory=TrainerConfig)
  runtime: cfg.RuntimeConfig = dataclasses.field(
    default_factory=lambda: cfg.RuntimeConfig(num_gpus=-1)
  )


def check_crop_size(crop_size, output_stride: int) -> None:
  """Refuses crops whose feature map does not align with the image.

  Args:
    crop_size: `[height, width]` in pixels.
    output_stride: stride of the features.

  Raises:
    ValueError: naming the nearest valid sizes.
  """
  if len(crop_size) != 2 or not all(type(side) is int for side in crop_size):
    raise ValueError(
      "crop_size must be two integers, [height, width]. Received: "
      f"{crop_size!r}"
    )
  for side in crop_size:
    if (side - 1) % output_stride:
      below = (side - 1) // output_stride * output_stride + 1
      raise ValueError(
        f"crop_size must be a multiple of output_stride ({output_stride}) plus "
        "one, or logits and pixels do not align. Received: "
        f"{list(crop_size)}; the nearest valid sides are {below} and "
        f"{below + output_stride}. To train with it all the same, as the "
        "original would: task.train_data.allow_unaligned_crop=true."
      )


def check_adversarial(config: Adversarial) -> None:
  """Refuses values that no adversarial training can have.

  Args:
    config: the configuration; nothing is wrong without a discriminator.

  Raises:
    ValueError: naming the field and what it may be.
  """
  if not config.discriminator:
    return
  rules = {
    "discriminator": (
      config.discriminator in discriminator.KINDS,
      f'"" or one of {discriminator.KINDS}',
    ),
    "encoding": (
      config.encoding in discriminator.ENCODINGS,
      f"one of {discriminator.ENCODINGS}",
    ),
    "tau": (0.5 < config.tau <= 1, "in (0.5, 1]"),
    "stride": (config.stride >= 1, "a positive number of pixels"),
    "weight": (config.weight >= 0, "0 or more"),
    "learning_rate": (config.learning_rate > 0, "positive"),
    "beta_1": (0 <= config.beta_1 < 1, "in [0, 1)"),
    "alternation_steps": (config.alternation_steps >= 0, "0 or more"),
  }
  require_fields("task.adversarial", config, rules)


def require_fields(
  where: str, config: hyperparams.Config, rules: dict[str, tuple[bool, str]]
) -> None:
  """Raises ValueError naming the first field of a configuration that is wrong.

  Args:
    where: name of the configuration, "task.losses".
    config: the configuration.
    rules: {field: (whether it is legal, what it may be)}.
  """
  for field, (legal, expected) in rules.items():
    if not legal:
      raise ValueError(
        f"{where}.{field} must be {expected}. Received: "
        f"{getattr(config, field)!r}"
      )
