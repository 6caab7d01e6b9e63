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

"""Tests of what keys say together."""

from official.core import exp_factory
import pytest

from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import consistency
from deeplab_ssl.training import experiments
from tests import digits


def _experiment(values):
  params = experiments.deeplab_ssl()
  for path, value in values.items():
    *groups, name = path.split(".")
    config = params
    for group in groups:
      config = getattr(config, group)
    config.override({name: value})
  return params


_DEEPLAB = "trainer.optimizer_config.learning_rate.deeplab"


def _stages(schedule, boundaries, values):
  rate = "trainer.optimizer_config.learning_rate"
  return {
    f"{rate}.type": schedule,
    f"{rate}.{schedule}.boundaries": boundaries,
    f"{rate}.{schedule}.values": values,
  }


@pytest.mark.parametrize(
  "values, message",
  [
    ({"task.train_data.crop_size": [100, 97]}, "nearest valid sides are 97"),
    ({"task.train_data.crop_size": [1, 1]}, "crop_size must be 17 "),
    (
      {"task.train_data.allow_unaligned_crop": True}
      | {"task.train_data.crop_size": [97, 16]},
      "crop_size must be 17 ",
    ),
    (
      {
        "task.model.backbone": "nas_hnasnet",
        "task.model.output_stride": 8,
        "task.train_data.crop_size": [97, 105],
        "task.train_data.allow_unaligned_crop": True,
      },
      r"multiples of 32 plus one with this .* Received: \[97, 105\]",
    ),
    ({"task.train_data.is_training": False}, "is_training must be true"),
    ({"task.validation_data.is_training": True}, "is_training must be false"),
    (
      {"task.train_data.min_scale_factor": 3.0},
      r"max_scale_factor must be at least min_scale_factor \(3.0\)",
    ),
    (
      {"task.train_data.scale_factor_step_size": 5},
      r"step_size must be 0, or at most .*\(1.5\). Received: 5",
    ),
    (
      {"task.train_data.max_resize_value": 500},
      "train_data.max_resize_value must be left out without min_resize_value",
    ),
    (
      {"task.validation_data.resize_factor": 16},
      "validation_data.resize_factor must be left out without min_resize",
    ),
    (
      {"task.train_data.keep_aspect_ratio": False},
      "train_data.keep_aspect_ratio must be left out without min_resize_value",
    ),
    (
      {
        "task.validation_data.min_resize_value": 500,
        "task.validation_data.max_resize_value": 400,
      },
      r"at least min_resize_value \(500\). Received: 400",
    ),
    (
      {
        "task.train_data.min_resize_value": 10,
        "task.train_data.max_resize_value": 16,
        "task.train_data.resize_factor": 16,
      },
      r"more than resize_factor \(16\), .* Received: 16",
    ),
    ({"task.validation_data.flip": False}, "validation_data.flip does nothing"),
    ({"task.validation_data.seed": 1}, "validation_data.seed does nothing"),
    ({"task.model.multi_grid": [1, 2, 4]}, "'mobilenet_v2' has no multi_grid"),
    (
      {"task.model.backbone": "xception_65", "task.model.depth_multiplier": 2},
      "no depth_multiplier. Received: depth_multiplier=2; leave it out",
    ),
    (
      {
        "task.model.backbone": "nas_pnasnet",
        "task.model.drop_path_keep_prob": 0.5,
        "task.model.fine_tune_batch_norm": False,
      },
      "must be 1 without `fine_tune_batch_norm`",
    ),
    ({"task.model.logits_kernel_size": 3}, "logits_kernel_size` must be 1"),
    ({"task.losses.beta": 2.0}, "In task.losses: .*beta"),
    (
      {"task.losses.top_k_percent_pixels": 0.0},
      "In task.losses: .*top_k_percent_pixels",
    ),
    (
      {
        "task.model.image_pyramid": [0.5, 1.0],
        "task.model.fine_tune_batch_norm": False,
        "trainer.accumulation_steps": 2,
      },
      "1 with several scales in task.model.image_pyramid",
    ),
    (
      {
        "task.upsample_logits": False,
        "task.adversarial.discriminator": "base",
      },
      "task.upsample_logits must be true for a training with an opponent",
    ),
    ({"task.adversarial.tau": 0.2}, "task.adversarial.tau must be"),
    ({"trainer.validation_summary_subdir": "train"}, "a folder of its own"),
    ({"trainer.validation_summary_subdir": "./train/"}, "a folder of its own"),
    ({"trainer.validation_summary_subdir": "best"}, "another folder than"),
    (
      {"trainer.validation_summary_subdir": "records.json"},
      "validation_summary_subdir must be a folder of its own: .*'records.json'",
    ),
    *(
      (
        {"trainer.best_checkpoint_export_subdir": name},
        "best_checkpoint_export_subdir must be a folder of its own",
      )
      for name in (
        "train",
        "train/best",
        "params.yaml",
        "./checkpoint",
        "training.lock",
        "ckpt-2.index",
      )
    ),
    ({f"{_DEEPLAB}.slow_start_step": 30000}, "slow_start_step must be smaller"),
    (
      {f"{_DEEPLAB}.learning_policy": "multi_steps"},
      "boundary_learning_rates must hold one rate more",
    ),
    (_stages("stepwise", [5, 3], [0.3, 0.2, 0.1]), "boundaries must be rising"),
    (_stages("stepwise", [5, 5], [0.3, 0.2, 0.1]), "boundaries must be rising"),
    (_stages("stepwise", [5], [0.1]), r"values must be one more than bound"),
    (
      _stages("step_cosine_with_offset", [5, 3], [0.3, 0.2]),
      "step_cosine_with_offset.boundaries must be rising",
    ),
    ({"runtime.all_reduce_alg": "ring"}, "'nccl' or 'hierarchical_copy' with"),
    (
      {
        "runtime.all_reduce_alg": "nccl",
        "runtime.distribution_strategy": "off",
      },
      "all_reduce_alg must be left out with distribution_strategy=off",
    ),
    (
      {
        "runtime.num_gpus": 1,
        "runtime.distribution_strategy": "multi_worker_mirrored",
      },
      "num_gpus must be left out with .*multi_worker_mirrored",
    ),
    ({"runtime.num_packs": 2}, "num_packs must be 1 unless"),
    ({"runtime.loss_scale": 128.0}, "loss_scale must be left out unless"),
    (
      {
        "runtime.mixed_precision_dtype": "float16",
        "trainer.optimizer_config.ema": {"average_decay": 0.9},
      },
      "mixed_precision_dtype must be bfloat16 or float32 with .*ema",
    ),
    ({"trainer.accumulation_steps": 2}, "1 with task.model.fine_tune_batch_n"),
    ({"task.model.recompute": True}, "`recompute` must be off with"),
    ({"runtime.tpu": "local"}, "runtime.tpu must be left out unless"),
  ],
)
def test_is_refused(values, message):
  with pytest.raises(ValueError, match=message):
    consistency.check(_experiment(values))


@pytest.mark.parametrize(
  "values",
  [
    {},
    {"task.train_data.allow_unaligned_crop": True}
    | {"task.train_data.crop_size": [100, 97]},
    {"task.train_data.min_scale_factor": 2.0},
    {"task.train_data.scale_factor_step_size": 0},
    {"task.train_data.scale_factor_step_size": 1.5},
    {"trainer.best_checkpoint_export_subdir": ""},
    {"trainer.best_checkpoint_export_subdir": "kept/trained"},
    _stages("stepwise", [3, 5], [0.3, 0.2, 0.1]),
    _stages("step_cosine_with_offset", [3, 5], [0.3, 0.2]),
    {"runtime.all_reduce_alg": "nccl", "runtime.num_packs": 2},
    {"trainer.train_tf_function": False},
    {"runtime.mixed_precision_dtype": "float16", "runtime.loss_scale": 128.0},
    {"runtime.mixed_precision_dtype": "bfloat16"},
    {
      "task.model.fine_tune_batch_norm": False,
      "task.model.recompute": True,
      "trainer.accumulation_steps": 2,
    },
  ],
)
def test_fits(values):
  consistency.check(_experiment(values))


def test_a_training_misses_what_a_description_leaves_out():
  params = configs.ExperimentConfig()
  consistency.check(params)
  with pytest.raises(ValueError, match="trainer.train_steps must be"):
    consistency.check(params, training=True)
  consistency.check(digits.experiment(), training=True)


def test_the_window_of_image_pooling_lies_in_a_crop():
  params = digits.experiment()
  height, width = params.task.train_data.crop_size
  params.task.model.image_pooling_crop_size = [height, width]
  consistency.check(params, training=True)
  params.task.model.image_pooling_crop_size = [height, width + 16]
  # A prediction has no crops: its images are padded.
  consistency.check(params)
  with pytest.raises(ValueError, match="image_pooling_crop_size must be at m"):
    consistency.check(params, training=True)


@pytest.mark.parametrize(
  "name",
  [
    "resnet_imagenet",
    "vit_imagenet_pretrain",
    "seg_deeplabv3_pascal",
    "ssl_seg_deeplabv3_pascal",
  ],
)
def test_experiments_of_model_garden_pass(name):
  params = exp_factory.get_exp_config(name)
  consistency.check(params, training=True)
  params.runtime.mixed_precision_dtype = "bfloat16"
  consistency.check(params)
  params.runtime.mixed_precision_dtype = "half"
  with pytest.raises(ValueError, match="mixed_precision_dtype must be null"):
    consistency.check(params)
