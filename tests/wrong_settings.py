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

"""Settings with values that they cannot have."""

import random

_NUMBERS = ("nan", "inf", "-1", "null", "yes", "[1]", "'1'")
_COUNTS = (*_NUMBERS, "0", "2.5", "1e3", "true", "010", "1:30")
_TEXTS = ("null", "3", "[a]", "{a: b}")
_FLAGS = ("2", "null", "'yes'", "2.5")
_RATE = "trainer.optimizer_config.learning_rate.deeplab"

# Each key with all that it must refuse.
_WRONG = {
  "task.model.backbone": (*_TEXTS, "resnet_50", "''"),
  "task.model.output_stride": (*_COUNTS, "8.0", "12"),
  "task.model.depth_multiplier": (*_NUMBERS, "0"),
  "task.model.atrous_rates": ("3", "[0]", "[-1]", "[2.5]", "[a]"),
  "task.model.decoder_output_stride": ("0", "-1", "2.5", "a"),
  "task.model.aspp_convs_filters": _COUNTS,
  "task.model.decoder_filters": _COUNTS,
  "task.model.logits_kernel_size": _COUNTS,
  "task.model.batch_norm_decay": ("2", "-1", "nan", "a"),
  "task.model.logits_init_stddev": _NUMBERS,
  "task.model.fine_tune_batch_norm": _FLAGS,
  "task.model.num_classes": ("-1", "2.5", "null"),
  "task.losses.type": (*_TEXTS, "ssim2"),
  "task.losses.l2_weight_decay": _NUMBERS,
  "task.losses.ignore_label": ("3", "-1", "null"),
  "task.losses.beta": ("2", "-0.1", "nan", "null"),
  "task.losses.region_size": ("0", "-3", "2", "2.5", "null"),
  "task.losses.stability": ("-1", "nan", "null"),
  "task.adversarial.discriminator": ("big", "3", "[base]"),
  "task.adversarial.tau": ("0.5", "2", "nan"),
  "task.adversarial.beta_1": ("2", "-1", "nan"),
  "task.adversarial.learning_rate": _NUMBERS,
  "task.train_data.global_batch_size": ("-1", "2.5", "null", "true"),
  "task.train_data.crop_size": (
    *("33", "[33]", "[33, 33, 33]", "[0, 33]", "null", "[1, 1]", "[97, 16]"),
  ),
  "task.train_data.min_scale_factor": (*_NUMBERS, "0", "1e-9", "3"),
  "task.train_data.max_scale_factor": (*_NUMBERS, "0.1", "1e9"),
  "task.train_data.scale_factor_step_size": ("5", "-1", "nan"),
  "task.train_data.flip": _FLAGS,
  "task.train_data.seed": ("-1", "2.5", "a"),
  "task.train_data.cache": ("true",),
  "task.train_data.shuffle_buffer_size": ("10",),
  "task.validation_data.global_batch_size": ("0", "-1", "2.5", "null"),
  "task.init_checkpoint_modules": ("decoder", "3", "''"),
  "task.last_layer_gradient_multiplier": _NUMBERS,
  "trainer.train_steps": (
    *("-1", "2.5", "1e3", "true", "null", "010", "1:30"),
  ),
  "trainer.steps_per_loop": _COUNTS,
  "trainer.checkpoint_interval": _COUNTS,
  "trainer.validation_interval": _COUNTS,
  "trainer.summary_interval": _COUNTS,
  "trainer.max_to_keep": _COUNTS,
  "trainer.best_checkpoint_eval_metric": ("miou", "3", "loss"),
  "trainer.best_checkpoint_export_subdir": (
    "../../escape",
    "/etc",
    "best/../..",
  ),
  "trainer.validation_summary_subdir": ("../up", "/tmp/x"),
  "trainer.optimizer_config.optimizer.momentum.momentum": ("5", "-1", "nan"),
  f"{_RATE}.base_learning_rate": (
    *_NUMBERS,
    "-0.1",
    "1e30",
  ),
  "trainer.optimizer_config.learning_rate.deeplab.slow_start_step": (
    "-100",
    "a",
  ),
  "trainer.optimizer_config.learning_rate.deeplab.learning_power": (
    "-1",
    "nan",
  ),
  "runtime.num_gpus": ("-5", "2.5", "a"),
  "runtime.enable_xla": ("true",),
  "runtime.run_eagerly": ("true",),
  "runtime.distribution_strategy": ("mirror", "3"),
  "task.modle.backbone": ("mobilenet_v2",),
  "trainer.train_step": ("3",),
}


def all_of_them() -> list[str]:
  """Returns "key=value" of each."""
  return [
    f"{key}={value}" for key, values in _WRONG.items() for value in values
  ]


def sample(count: int, rng: random.Random) -> list[str]:
  """Returns some of them, all if that many are asked for."""
  settings = all_of_them()
  return rng.sample(settings, min(count, len(settings)))
