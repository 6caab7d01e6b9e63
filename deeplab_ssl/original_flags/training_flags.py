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

"""The flags of the original's train.py."""

from deeplab_ssl.original_flags import declaration
from deeplab_ssl.original_flags import kinds

_OPTIMIZATION = "trainer.optimizer_config"
_RATE = f"{_OPTIMIZATION}.learning_rate.deeplab"
QUANTIZE = declaration.Flag(
  "quantize_delay_step",
  kinds.INTEGER,
  -1,
  reason="no training with fake quantisation: `export --tflite --int8` "
  "quantises a trained model",
)
_WHO_TRAINS = (
  "`runtime.distribution_strategy`, `runtime.num_gpus` and TF_CONFIG say who "
  "trains together, and all wait for each other"
)
MASTER = declaration.Flag("master", kinds.TEXT, "", reason=_WHO_TRAINS)


def _is_optimizer(name):
  return declaration.Need(
    f"with another --optimizer than {name}",
    lambda values: values["optimizer"] == name,
  )


def _is_policy(name):
  return declaration.Need(
    f"with another --learning_policy than {name}",
    lambda values: values["learning_policy"] == name,
  )


_MOMENTUM = (_is_optimizer("momentum"),)
_ADAM = (_is_optimizer("adam"),)
_POLY = (*_MOMENTUM, _is_policy("poly"))
_STEP = (*_MOMENTUM, _is_policy("step"))


def _same(group, name, kind, default, **options):
  key = f"{group}.{name}"
  return declaration.Flag(name, kind, default, key=key, **options)


def _known(name, kind, default, here, **options):
  """A flag that the translation knows by its name."""
  return declaration.Flag(name, kind, default, here=here, **options)


def _alone(name, kind, default):
  return declaration.Flag(name, kind, default, reason=_WHO_TRAINS)


TRAIN = (
  _same("task.model", "atrous_rates", kinds.INTEGERS, None),
  _same("task.model", "output_stride", kinds.INTEGER, 16),
  _same("task.model", "fine_tune_batch_norm", kinds.FLAG, True),
  _same(
    "task.model",
    "drop_path_keep_prob",
    kinds.NUMBER,
    1.0,
    needs=(
      declaration.network("nas_"),
      declaration.given("fine_tune_batch_norm"),
    ),
  ),
  _known(
    "dataset", kinds.NAME, "pascal_voc_seg", "`task.dataset`; `voc2012` is VOC"
  ),
  declaration.Flag(
    "train_split", kinds.TEXT, "train", key=f"{declaration.DATA}.split"
  ),
  _known("dataset_dir", kinds.TEXT, None, "`data.input_path`"),
  _known(
    "train_crop_size",
    kinds.COMMA_LIST,
    [513, 513],
    "`data.crop_size`, and `data.allow_unaligned_crop` for sides between "
    "those of the stride",
  ),
  declaration.Flag(
    "train_batch_size",
    kinds.INTEGER,
    8,
    key=f"{declaration.DATA}.global_batch_size",
  ),
  _same(declaration.DATA, "min_scale_factor", kinds.NUMBER, 0.5),
  _same(declaration.DATA, "max_scale_factor", kinds.NUMBER, 2.0),
  _same(declaration.DATA, "scale_factor_step_size", kinds.NUMBER, 0.25),
  _known("train_logdir", kinds.TEXT, None, "`--model_dir` of `train`"),
  declaration.Flag(
    "training_number_of_steps",
    kinds.INTEGER,
    30000,
    key="trainer.train_steps",
  ),
  _known(
    "optimizer",
    kinds.choice("momentum", "adam"),
    "momentum",
    f"`{_OPTIMIZATION}.optimizer.type`, and "
    f"`{_OPTIMIZATION}.learning_rate.type`, which is `constant` for Adam",
  ),
  declaration.Flag(
    "momentum",
    kinds.NUMBER,
    0.9,
    key=f"{_OPTIMIZATION}.optimizer.momentum.momentum",
    needs=_MOMENTUM,
  ),
  declaration.Flag(
    "adam_learning_rate",
    kinds.NUMBER,
    0.001,
    key=f"{_OPTIMIZATION}.learning_rate.constant.learning_rate",
    needs=_ADAM,
  ),
  declaration.Flag(
    "adam_epsilon",
    kinds.NUMBER,
    1e-8,
    key=f"{_OPTIMIZATION}.optimizer.adam.epsilon",
    needs=_ADAM,
  ),
  _same(
    _RATE,
    "learning_policy",
    kinds.choice("poly", "step"),
    "poly",
    needs=_MOMENTUM,
  ),
  _same(_RATE, "base_learning_rate", kinds.NUMBER, 0.0001, needs=_MOMENTUM),
  _same(_RATE, "learning_power", kinds.NUMBER, 0.9, needs=_POLY),
  _same(_RATE, "decay_steps", kinds.NUMBER, 0.0, needs=_POLY),
  _same(_RATE, "end_learning_rate", kinds.NUMBER, 0.0, needs=_POLY),
  _same(_RATE, "learning_rate_decay_step", kinds.INTEGER, 2000, needs=_STEP),
  _same(_RATE, "learning_rate_decay_factor", kinds.NUMBER, 0.1, needs=_STEP),
  _same(_RATE, "slow_start_step", kinds.INTEGER, 0, needs=_MOMENTUM),
  _same(
    _RATE,
    "slow_start_learning_rate",
    kinds.NUMBER,
    1e-4,
    needs=(*_MOMENTUM, declaration.given("slow_start_step")),
  ),
  declaration.Flag(
    "weight_decay", kinds.NUMBER, 0.00004, key="task.losses.l2_weight_decay"
  ),
  _same("task", "last_layer_gradient_multiplier", kinds.NUMBER, 1.0),
  _known(
    "last_layers_contain_logits_only",
    kinds.FLAG,
    False,
    "`task.last_layers_contain_logits_only`",
  ),
  _same("task", "upsample_logits", kinds.FLAG, True),
  _same("task.losses", "top_k_percent_pixels", kinds.NUMBER, 1.0),
  _same(
    "task.losses",
    "hard_example_mining_step",
    kinds.INTEGER,
    0,
    needs=(
      declaration.Need(
        "while --top_k_percent_pixels is 1",
        lambda values: values["top_k_percent_pixels"] != 1,
      ),
    ),
  ),
  _known("tf_initial_checkpoint", kinds.TEXT, None, "`task.init_checkpoint`"),
  _known(
    "initialize_last_layer",
    kinds.FLAG,
    True,
    '`task.init_checkpoint_modules`: "all"; if it is off "backbone", or '
    '"all_but_logits" with `last_layers_contain_logits_only`',
    needs=(declaration.given("tf_initial_checkpoint"),),
  ),
  declaration.Flag(
    "log_steps",
    kinds.INTEGER,
    10,
    key="trainer.steps_per_loop",
  ),
  declaration.Flag(
    "save_interval_secs",
    kinds.INTEGER,
    1200,
    reason="`trainer.checkpoint_interval` counts steps, not seconds",
  ),
  declaration.Flag(
    "save_summaries_secs",
    kinds.INTEGER,
    600,
    reason="`trainer.summary_interval` counts steps, not seconds",
  ),
  _known(
    "save_summaries_images",
    kinds.FLAG,
    False,
    "`task.allow_image_summary`, of each validation",
  ),
  declaration.Flag(
    "profile_logdir",
    kinds.TEXT,
    None,
    reason="TensorBoard's profiler is asked from outside",
  ),
  _alone("num_clones", kinds.INTEGER, 1),
  _alone("clone_on_cpu", kinds.FLAG, False),
  _alone("num_replicas", kinds.INTEGER, 1),
  _alone("startup_delay_steps", kinds.INTEGER, 15),
  _alone("num_ps_tasks", kinds.INTEGER, 0),
  MASTER,
  _alone("task", kinds.INTEGER, 0),
  QUANTIZE,
)
