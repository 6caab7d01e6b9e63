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

"""Tests of settings that would do nothing beside the others."""

import pytest
import yaml

from deeplab_ssl.experiment import loss_registry
from deeplab_ssl.training import parsing

_OPTIMIZER = "trainer.optimizer_config.optimizer"
_RATE = "trainer.optimizer_config.learning_rate.deeplab"


def _parse(*overrides, files=()):
  return parsing.parse_experiment("deeplab_ssl", files, ",".join(overrides))


@pytest.mark.parametrize(
  "idle, needs",
  [
    ("task.losses.margin=2", "task.losses.type=affinity"),
    ("task.losses.form=contrast_structure", "task.losses.type=ssim"),
    ("task.adversarial.tau=0.8", "task.adversarial.discriminator=base"),
    ("task.adversarial.weight=0.1", "task.adversarial.discriminator=base"),
    ("task.model.decoder_filters=32", "task.model.decoder_output_stride=4"),
    (
      "task.model.decoder_use_sum_merge=true",
      "task.model.decoder_output_stride=8",
    ),
    ("task.model.merge_method=avg", "task.model.image_pyramid=[0.5,1.0]"),
    (
      "task.model.aspp_with_separable_conv=true",
      "task.model.dense_prediction_cell=",
    ),
    ("task.init_checkpoint_modules=backbone", "task.init_checkpoint=/a/ckpt"),
    (
      "task.last_layers_contain_logits_only=true",
      "task.last_layer_gradient_multiplier=10",
    ),
    ("task.model.aspp_convs_filters=9", "task.model.aspp_with_batch_norm=true"),
    ("task.train_data.tfds_image_key=photo", "task.train_data.tfds_name=pets"),
    ("task.train_data.tfds_split=train", "task.train_data.tfds_name=pets"),
    (
      "task.validation_data.tfds_label_map=[255,0]",
      "task.validation_data.tfds_name=pets",
    ),
    ("trainer.recovery_begin_steps=9", "trainer.recovery_max_trials=1"),
    (
      "runtime.worker_timeout=3",
      "runtime.distribution_strategy=multi_worker_mirrored",
    ),
    (f"{_RATE}.learning_rate_decay_step=5", f"{_RATE}.learning_policy=step"),
    (
      f"{_RATE}.learning_rate_decay_factor=0.5",
      f"{_RATE}.learning_policy=step",
    ),
    (f"{_RATE}.slow_start_learning_rate=0.1", f"{_RATE}.slow_start_step=2"),
    (f"{_OPTIMIZER}.adam.beta_1=0.5", f"{_OPTIMIZER}.type=adam"),
  ],
)
def test_what_does_nothing_is_refused_until_what_it_needs_is_there(idle, needs):
  key = idle.split("=")[0]
  cell = "dense_prediction_cell_branch5_top1_cityscapes"
  without = {
    "task.model.aspp_with_separable_conv": [
      f"task.model.dense_prediction_cell={cell}"
    ],
    "task.model.aspp_convs_filters": ["task.model.aspp_with_batch_norm=false"],
    "trainer.recovery_begin_steps": ["trainer.recovery_max_trials=-1"],
  }
  with pytest.raises(ValueError) as error:
    _parse(idle, *without.get(key, []))
  needed, _, value = needs.partition("=")
  # Of an optimizer, the group is named.
  assert key.startswith(str(error.value).split(" ")[0])
  assert needed in str(error.value)
  _parse(idle, needs)


@pytest.mark.parametrize("loss", loss_registry.TYPES)
def test_each_loss_takes_its_own_constants_alone(loss):
  own = {
    "ssl": "region_size=5",
    "ssim": "region_size=5",
    "affinity": "margin=2",
    "adaptive_affinity": "margin=2",
  }
  for constant in set(own.values()):
    settings = (f"task.losses.{constant}", f"task.losses.type={loss}")
    if own.get(loss) == constant:
      _parse(*settings)
    else:
      with pytest.raises(ValueError, match=f"task.losses.type is {loss!r}"):
        _parse(*settings)


def test_what_depends_on_a_policy_says_which():
  with pytest.raises(ValueError) as error:
    _parse(f"{_RATE}.learning_policy=step", f"{_RATE}.decay_steps=5")
  assert "decay_steps does nothing while" in str(error.value)
  assert "'step'. Set it to poly or cosine, or leave" in str(error.value)


def test_a_file_may_hold_settings_for_another_day(tmp_path):
  path = tmp_path / "ce.yaml"
  path.write_text("task: {losses: {type: ce, region_size: 5}}")
  assert _parse(files=[str(path)]).task.losses.region_size == 5
  with pytest.raises(ValueError, match="region_size is no constant of the"):
    _parse("task.losses.region_size=5", files=[str(path)])


def test_the_recorded_configuration_of_a_run_may_be_the_override(tmp_path):
  path = tmp_path / "params.yaml"
  params = _parse("task.losses.type=ce")
  path.write_text(yaml.safe_dump(params.as_dict()))
  assert _parse(str(path)).task.losses.type == "ce"


def test_what_is_switched_off_may_stand_beside_anything():
  _parse(
    "trainer.best_checkpoint_export_subdir=",
    "trainer.best_checkpoint_eval_metric=",
    "task.model.decoder_use_separable_conv=false",
    "task.losses.type=ce",
    "task.losses.log_statistics=false",
  )


@pytest.mark.parametrize(
  "idle, others, needed",
  [
    ("aspp_with_separable_conv=true", "atrous_rates=null", "atrous_rates"),
    ("merge_method=avg", "image_pyramid=[2.0]", "image_pyramid"),
    (
      "add_image_level_feature=true",
      "dense_prediction_cell=dense_prediction_cell_branch5_top1_cityscapes",
      "dense_prediction_cell",
    ),
  ],
)
def test_options_of_a_model_that_others_take_the_effect_of(
  idle, others, needed
):
  message = f"{idle.split('=')[0]} does nothing while task.model.{needed} is"
  with pytest.raises(ValueError, match=message):
    _parse(f"task.model.{idle}", f"task.model.{others}")


def test_a_best_checkpoint_has_a_folder_and_a_score():
  folder = "trainer.best_checkpoint_export_subdir"
  metric = "trainer.best_checkpoint_eval_metric"
  with pytest.raises(ValueError, match=f"^{folder} does nothing while"):
    _parse(f"{folder}=top", f"{metric}=")
  with pytest.raises(ValueError, match=f"^{metric} does nothing while"):
    _parse(f"{folder}=", f"{metric}=pixel_accuracy")
  _parse(f"{folder}=top", f"{metric}=pixel_accuracy")
