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

"""The configuration of an experiment, each key of it declared once."""

import dataclasses

from official.core import config_definitions as cfg
from official.modeling import hyperparams
from official.vision.configs import backbones as garden_backbones
from official.vision.configs import semantic_segmentation as garden_cfg

from deeplab_ssl.configuration import data_config
from deeplab_ssl.configuration import fields
from deeplab_ssl.configuration import learning_rate
from deeplab_ssl.configuration import model_config
from deeplab_ssl.configuration import rules
from deeplab_ssl.configuration import runtime_config
from deeplab_ssl.experiment import loss_registry
from deeplab_ssl.experiment import trainer_config
from deeplab_ssl.modeling import discriminator as discriminator_lib
from deeplab_ssl.modeling import slim_checkpoint

_LUC = "Luc et al. (2016)"


# The parts of a configuration, by the names under which they are known.
DeepLabModel = model_config.DeepLabModel
DataConfig = data_config.DataConfig
RuntimeConfig = runtime_config.RuntimeConfig
TrainerConfig = trainer_config.TrainerConfig


@dataclasses.dataclass
class _LossType(hyperparams.Config):
  """Which loss."""

  type: str = fields.declared(
    "ssl", rules.choice(*loss_registry.ROWS), "which loss, see losses.md"
  )

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
  """Loss of a DeepLab experiment."""

  ignore_label: int = fields.declared(
    255,
    rules.integer(0, 255),
    "not chosen: it is the label of void of the data set",
  )
  l2_weight_decay: float = fields.declared(
    4e-5,
    rules.real(0),
    "factor of sum(w^2) / 2 over the decayed kernels",
    source="`weight_decay` of train.py",
  )


@dataclasses.dataclass
class Adversarial(hyperparams.Config):
  """Adversarial training, off by default; docs/adversarial.md."""

  discriminator: str = fields.declared(
    "",
    rules.choice("", *discriminator_lib.KINDS),
    'the network that judges; "" for none',
  )
  encoding: str = fields.declared(
    "scaling",
    rules.choice(*discriminator_lib.ENCODINGS),
    "what the discriminator sees",
    source=_LUC,
  )
  tau: float = fields.declared(
    0.9,
    rules.real(above=0.5, high=1),
    'least probability of the true class in the true maps of "scaling"',
    source=_LUC,
  )
  stride: int = fields.declared(
    8, rules.integer(1), "distance in pixels of the positions that it sees"
  )
  weight: float = fields.declared(
    0.01,
    rules.real(0),
    "lambda, the factor of the adversarial loss beside the pixel loss, which "
    "is a mean over pixels here and a sum in the source",
    source=_LUC,
  )
  learning_rate: float = fields.declared(
    1e-4, learning_rate.POSITIVE_RATE, "rate of the discriminator's Adam"
  )
  beta_1: float = fields.declared(
    0.5, rules.real(0, below=1), "decay of the first moment of that Adam"
  )
  alternation_steps: int = fields.declared(
    0,
    rules.integer(0),
    "0 trains the discriminator at every step; n lets it learn for n steps and "
    "rest for n steps by turns",
    source=_LUC,
  )


@dataclasses.dataclass
class SegmentationTask(cfg.TaskConfig):
  """A DeepLab on a data set.

  The validation data are evaluated at the images' own sizes; their source is
  that of the training data unless they name one.
  """

  dataset: str = fields.declared(
    "",
    rules.text(),
    'registered name or YAML file of the data set; "" takes the dataset.yaml '
    "beside the training shards, or the names that TFDS has",
  )
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
  init_checkpoint: str = fields.declared(
    "",
    rules.text(),
    "checkpoint to start from: a TF1 checkpoint of the original or one of ours",
    source="`tf_initial_checkpoint` of train.py",
  )
  init_checkpoint_modules: str = fields.declared(
    "all",
    rules.choice(*slim_checkpoint.SCOPES),
    "which part of it is loaded; logits of another number of classes are left "
    "out in any case",
    source="`initialize_last_layer` of train.py",
  )
  last_layer_gradient_multiplier: float = fields.declared(
    1.0,
    rules.real(0),
    "factor on the gradients of the head",
    source="`last_layer_gradient_multiplier` of train.py",
  )
  last_layers_contain_logits_only: bool = fields.declared(
    False,
    rules.flag(),
    "whether the head is `logits` alone",
    source="`last_layers_contain_logits_only` of train.py",
  )
  upsample_logits: bool = fields.declared(
    True,
    rules.flag(),
    "whether logits are compared with labels at the size of the labels; if "
    "not, the labels are reduced to that of the logits",
    source="`upsample_logits` of train.py",
  )
  allow_image_summary: bool = fields.declared(
    True,
    rules.flag(),
    "whether each validation draws sample predictions for TensorBoard",
  )
  name: str | None = fields.unused(
    None,
    "name of the task",
    "Leave it out: a run is known by its directory.",
  )
  differential_privacy_config: hyperparams.Config | None = fields.unused(
    None, "noise on the gradients", "Leave it out: it is not supported."
  )


@dataclasses.dataclass
class AtrousBackbone(hyperparams.Config):
  """Options of the original's ResNets and Xceptions."""

  output_stride: int = 16
  multi_grid: list[int] | None = None


@dataclasses.dataclass
class AtrousMobileNetV3(hyperparams.Config):
  """Options of the original's MobileNetV3 and EdgeTPU."""

  output_stride: int = 16
  depth_multiplier: float = 1.0


@dataclasses.dataclass
class AtrousMobileNet(AtrousMobileNetV3):
  """Options of the original's MobileNetV2."""

  divisible_by: int | None = None


@dataclasses.dataclass
class NasBackbone(hyperparams.Config):
  """Options of the original's NAS networks."""

  output_stride: int = 16
  nas_stem_output_num_conv_filters: int = 20
  nas_remove_os32_stride: bool = False
  nas_use_classification_head: bool = False


@dataclasses.dataclass
class AutoDeepLabBackbone(NasBackbone):
  """Options of Auto-DeepLab's network, which ends at stride 8."""

  output_stride: int = 8


def _options(config):
  return dataclasses.field(default_factory=config)


@dataclasses.dataclass
class GardenBackbone(garden_backbones.Backbone):
  """Model Garden's choice of backbones, and the original's with it."""

  resnet_v1_18: AtrousBackbone = _options(AtrousBackbone)
  resnet_v1_18_beta: AtrousBackbone = _options(AtrousBackbone)
  resnet_v1_50: AtrousBackbone = _options(AtrousBackbone)
  resnet_v1_50_beta: AtrousBackbone = _options(AtrousBackbone)
  resnet_v1_101: AtrousBackbone = _options(AtrousBackbone)
  resnet_v1_101_beta: AtrousBackbone = _options(AtrousBackbone)
  xception_41: AtrousBackbone = _options(AtrousBackbone)
  xception_65: AtrousBackbone = _options(AtrousBackbone)
  xception_71: AtrousBackbone = _options(AtrousBackbone)
  mobilenet_v2: AtrousMobileNet = _options(AtrousMobileNet)
  mobilenet_v3_large_seg: AtrousMobileNetV3 = _options(AtrousMobileNetV3)
  mobilenet_v3_small_seg: AtrousMobileNetV3 = _options(AtrousMobileNetV3)
  mobilenet_edgetpu: AtrousMobileNetV3 = _options(AtrousMobileNetV3)
  nas_pnasnet: NasBackbone = _options(NasBackbone)
  nas_hnasnet: AutoDeepLabBackbone = _options(AutoDeepLabBackbone)


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
class ExperimentConfig(cfg.ExperimentConfig):
  """A DeepLab experiment."""

  task: SegmentationTask = dataclasses.field(default_factory=SegmentationTask)
  trainer: TrainerConfig = dataclasses.field(default_factory=TrainerConfig)
  runtime: RuntimeConfig = dataclasses.field(default_factory=RuntimeConfig)


def check_crop_size(
  crop_size,
  output_stride: int,
  *,
  size_step: int | None = None,
  allow_unaligned: bool = False,
) -> None:
  """Refuses crops without a neighbourhood, or off the grid of the features.

  Args:
    crop_size: `[height, width]` in pixels.
    output_stride: stride of the features.
    size_step: what the sides are multiples of, plus one, if the backbone takes
      no others; None is the output stride, which it can do without.
    allow_unaligned: whether a side may be other than k * output_stride + 1.

  Raises:
    ValueError: naming the smallest side, or the nearest valid ones.
  """
  if len(crop_size) != 2 or not all(type(side) is int for side in crop_size):
    raise ValueError(
      "crop_size must be two integers, [height, width]. Received: "
      f"{crop_size!r}"
    )
  smallest = output_stride + 1
  if min(crop_size) < smallest:
    raise ValueError(
      f"task.train_data.crop_size must be {smallest} (output_stride + 1) or "
      "more on both sides, or the features are a single pixel high or wide and "
      f"have no neighbours to learn from. Received: {list(crop_size)}."
    )
  if size_step and size_step > output_stride:
    if any((side - 1) % size_step for side in crop_size):
      raise ValueError(
        f"task.train_data.crop_size must be multiples of {size_step} plus one "
        "with this backbone, which halves maps and enlarges them again. "
        f"Received: {list(crop_size)}."
      )
    return
  if allow_unaligned:
    return
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
