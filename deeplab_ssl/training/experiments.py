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

"""Experiments by name, for Model Garden's `--experiment` flag."""

from official.core import config_definitions as cfg
from official.core import exp_factory
from official.vision.configs import semantic_segmentation as garden_cfg

from deeplab_ssl.experiment import configs
from deeplab_ssl.training import task  # noqa: F401  registers the tasks

# Model Garden's own segmentation experiments that train with our losses under
# the name "ssl_" + theirs.
_GARDEN_EXPERIMENTS = (
  "seg_deeplabv3_pascal",
  "seg_deeplabv3plus_pascal",
  "seg_deeplabv3plus_cityscapes",
)


NAMES = (
  "deeplab_ssl",
  "deeplab_ssl_demo",
  *(f"ssl_{name}" for name in _GARDEN_EXPERIMENTS),
)


@exp_factory.register_config_factory("deeplab_ssl")
def deeplab_ssl() -> configs.ExperimentConfig:
  """DeepLabv3 with the structural similarity loss; data come from the user."""
  return configs.ExperimentConfig(
    trainer=configs.TrainerConfig(
      train_steps=30000,
      steps_per_loop=100,
      summary_interval=100,
      checkpoint_interval=1000,
      validation_interval=1000,
      best_checkpoint_export_subdir="best",
      best_checkpoint_eval_metric="mean_iou",
    ),
  )


@exp_factory.register_config_factory("deeplab_ssl_demo")
def deeplab_ssl_demo() -> configs.ExperimentConfig:
  """A small DeepLabv3+ that learns scenes of digits in a minute on a CPU.

  Adam, because it starts from random weights and has no time for a slow start.
  """
  config = deeplab_ssl()
  config.override(
    {
      "task": {
        "model": {
          "backbone": "mobilenet_v2_mini",
          "output_stride": 8,
          "atrous_rates": [2, 4],
          "aspp_convs_filters": 64,
          "aspp_with_separable_conv": True,
          "decoder_output_stride": 4,
          "decoder_filters": 64,
          "decoder_use_separable_conv": True,
          # The original's averages span thousands of steps.
          "batch_norm_decay": 0.95,
          "logits_init_stddev": 0.15,
        },
        "train_data": {
          "global_batch_size": 12,
          "crop_size": [97, 97],
          "min_scale_factor": 0.75,
          "max_scale_factor": 1.25,
          "flip": False,  # A mirrored digit is another sign.
        },
      },
      "trainer": {
        "steps_per_loop": 20,
        "summary_interval": 20,
        "optimizer_config": {
          "optimizer": {"type": "adam"},
          "learning_rate": {"deeplab": {"base_learning_rate": 0.004}},
        },
      },
    }
  )
  return config


def with_structural_loss(
  experiment: cfg.ExperimentConfig,
) -> cfg.ExperimentConfig:
  """Returns a Model Garden segmentation experiment under our task and loss.

  Args:
    experiment: configuration whose task is Model Garden's
      `SemanticSegmentationTask`.

  Returns:
    The same experiment; the types of the task and of its losses changed, and
    it takes all GPUs there are.
  """
  if not isinstance(experiment.task, garden_cfg.SemanticSegmentationTask):
    raise ValueError(
      "Only an experiment with Model Garden's SemanticSegmentationTask can "
      f"change its loss. Received a task of type {type(experiment.task)}."
    )
  options = experiment.task.as_dict()
  losses = configs.GardenLosses(**options.pop("losses"))
  experiment.task = configs.GardenSegmentationTask()
  experiment.task.override(options)
  experiment.task.losses = losses
  experiment.runtime.num_gpus = -1
  # Model Garden's image summary writes pictures as scalars and fails.
  experiment.task.allow_image_summary = False
  return experiment


def _register_garden_experiment(name):
  @exp_factory.register_config_factory(f"ssl_{name}")
  def build():
    return with_structural_loss(exp_factory.get_exp_config(name))


for _name in _GARDEN_EXPERIMENTS:
  _register_garden_experiment(_name)
