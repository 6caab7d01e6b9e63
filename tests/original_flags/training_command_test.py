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

"""Tests of the translation of trainings."""

import pytest

from deeplab_ssl.original_flags import training_command
from tests.original_flags import command_lines

_OPTIMIZATION = "trainer.optimizer_config"
_PLACES = ("--dataset_dir=data", "--train_logdir=run")


def _translate(*flags):
  return training_command.translate(command_lines.line("train", *flags))


def test_the_command_trains_without_a_validation():
  found = _translate(*_PLACES)
  assert found.commands == (
    "python -m deeplab_ssl.train --config_file=train.yaml --model_dir=run "
    "--mode=train",
  )
  assert found.keys["task.train_data.input_path"] == "data"
  assert found.keys["task.losses.type"] == "ce"
  assert not found.notes


def test_what_is_not_given_is_left_to_be_filled_in():
  found = _translate()
  assert "--model_dir=RUN" in found.commands[0]
  assert found.keys["task.train_data.input_path"] == "RECORDS"
  assert any(remark.startswith("RUN is") for remark in found.remarks)
  assert any(remark.startswith("RECORDS is") for remark in found.remarks)


def test_variables_of_a_shell_are_left_to_the_command():
  found = _translate(
    "--dataset_dir=${DATA}", "--train_logdir=$RUN", "--tf_initial_checkpoint=$C"
  )
  (command,) = found.commands
  assert '--model_dir="$RUN"' in command
  assert command.endswith(
    '--params_override="task.init_checkpoint=$C,'
    'task.train_data.input_path=${DATA}"'
  )
  assert "task.train_data.input_path" not in found.keys
  assert "$" not in str(found.keys)


@pytest.mark.parametrize(
  "flags, unaligned",
  [
    (["--train_crop_size=513,257"], False),
    (["--train_crop_size=513,500"], True),
    (["--train_crop_size=505,505", "--output_stride=8"], False),
    (["--train_crop_size=505,505"], True),
  ],
)
def test_a_crop_between_those_of_the_stride(flags, unaligned):
  keys = _translate(*flags).keys
  assert ("task.train_data.allow_unaligned_crop" in keys) is unaligned


def test_momentum():
  keys = _translate("--learning_policy=step", "--slow_start_step=5").keys
  rate = f"{_OPTIMIZATION}.learning_rate"
  assert keys[f"{_OPTIMIZATION}.optimizer.type"] == "momentum"
  assert keys[f"{_OPTIMIZATION}.optimizer.momentum.momentum"] == 0.9
  assert keys[f"{rate}.type"] == "deeplab"
  assert keys[f"{rate}.deeplab.learning_rate_decay_step"] == 2000
  assert keys[f"{rate}.deeplab.slow_start_learning_rate"] == 1e-4
  assert f"{rate}.deeplab.learning_power" not in keys


def test_adam_has_a_constant_rate():
  found = _translate("--optimizer=adam", "--base_learning_rate=0.1")
  assert found.keys[f"{_OPTIMIZATION}.optimizer.type"] == "adam"
  assert found.keys[f"{_OPTIMIZATION}.optimizer.adam.epsilon"] == 1e-8
  rate = f"{_OPTIMIZATION}.learning_rate"
  assert found.keys[f"{rate}.type"] == "constant"
  assert found.keys[f"{rate}.constant.learning_rate"] == 0.001
  assert not [path for path in found.keys if path.startswith(f"{rate}.deep")]
  (note,) = found.notes
  assert note.startswith("--base_learning_rate: it does nothing")


@pytest.mark.parametrize(
  "flags, modules, noted",
  [
    (["--tf_initial_checkpoint=c"], "all", False),
    (["--tf_initial_checkpoint=c", "--initialize_last_layer"], "all", False),
    (
      ["--tf_initial_checkpoint=c", "--noinitialize_last_layer"],
      "backbone",
      False,
    ),
    (
      [
        "--tf_initial_checkpoint=c",
        "--noinitialize_last_layer",
        "--last_layers_contain_logits_only",
      ],
      "all_but_logits",
      False,
    ),
    (["--noinitialize_last_layer"], None, True),
    ([], None, False),
  ],
)
def test_where_the_weights_come_from(flags, modules, noted):
  found = _translate(*flags)
  assert found.keys.get("task.init_checkpoint_modules") == modules
  assert found.keys.get("task.init_checkpoint") == (modules and "c")
  assert any("--initialize_last_layer" in n for n in found.notes) is noted
