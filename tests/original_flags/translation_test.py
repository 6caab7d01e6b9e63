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

"""Tests of what programs have in common: keys, idle flags, sizes, commands."""

import re

import pytest
import yaml

from deeplab_ssl.original_flags import translation
from tests.original_flags import command_lines


def _keys(*flags, program="train"):
  return translation.keys_of(
    command_lines.line(program, *flags), "validation_data"
  )


def test_defaults_of_the_original_are_written_out():
  keys, notes = _keys()
  assert keys["task.model.backbone"] == "mobilenet_v2"
  assert keys["task.model.atrous_rates"] is None
  assert keys["task.model.aspp_with_separable_conv"] is True
  assert keys["task.losses.l2_weight_decay"] == 4e-5
  assert keys["task.validation_data.min_scale_factor"] == 0.5
  assert "trainer.steps_per_loop" not in keys
  assert not notes


@pytest.mark.parametrize(
  "flag, note",
  [
    ("--multi_grid=1", "--multi_grid: it does nothing .* another network than"),
    ("--decoder_filters=9", "nothing in the original without --decoder_outpu"),
    ("--nokeep_aspect_ratio", "--keep_aspect_ratio: no place: .* nowhere"),
    ("--num_clones=2", "--num_clones: no place: `runtime"),
    ("--logtostderr", "--logtostderr: no place: messages"),
    ("--noprediction_with_upsampled_logits", "train.py .* does not read it"),
  ],
)
def test_a_given_flag_without_a_place_is_told(flag, note):
  keys, notes = _keys(flag)
  assert len(notes) == 1
  assert re.search(note, notes[0])
  name = flag.partition("=")[0].removeprefix("--").removeprefix("no")
  assert not [path for path in keys if path.endswith(f".{name}")]


def test_the_same_flags_act_elsewhere():
  keys, notes = _keys(
    "--model_variant=resnet_v1_50_beta",
    *(f"--multi_grid={factor}" for factor in (1, 2, 4)),
    "--decoder_output_stride=4",
    "--decoder_filters=9",
    "--log_steps=20",
  )
  assert not notes
  assert keys["task.model.multi_grid"] == [1, 2, 4]
  assert keys["task.model.decoder_output_stride"] == 4
  assert keys["task.model.decoder_filters"] == 9
  assert keys["trainer.steps_per_loop"] == 20


@pytest.mark.parametrize(
  "name, expected",
  [
    ("pascal_voc_seg", {"task.dataset": "voc2012"}),
    ("cityscapes", {"task.dataset": "cityscapes"}),
    ("ade20k", {"task.dataset": "ade20k"}),
    ("pets", {}),
  ],
)
def test_the_data_set(name, expected):
  keys, notes = translation.dataset_keys(
    command_lines.line("eval", f"--dataset={name}")
  )
  assert keys == expected
  assert bool(notes) == (not expected)
  assert all("--dataset=pets: none that comes" in note for note in notes)


@pytest.mark.parametrize("sides", ["513", "513,513,3", "0,513"])
def test_a_size_has_two_sides(sides):
  line = command_lines.line("train", f"--train_crop_size={sides}")
  with pytest.raises(ValueError, match="--train_crop_size must be a height"):
    translation.size(line, "train_crop_size")


def test_a_command_leaves_variables_to_the_shell():
  options = {"a": "b c", "d": "${E}/f", "g": None}
  assert translation.command("train", options.items()) == (
    "python -m deeplab_ssl.train --a='b c' --d=\"${E}/f\" --g"
  )


def test_the_text_is_a_configuration_below_comments():
  found = translation.Translation(
    file="train.yaml",
    keys={
      "trainer.train_steps": 3,
      "task.init_checkpoint": "a",
      "task.train_data.crop_size": [9, 9],
      "task.model.backbone": "xception_65",
    },
    commands=("first", "second"),
    remarks=("A remark.",),
    notes=(),
  )
  assert str(found) == (
    "# Save this as train.yaml, then run:\n"
    "#   first\n#   second\n# A remark.\n"
    "task:\n"
    "  model:\n    backbone: xception_65\n"
    "  train_data:\n    crop_size: [9, 9]\n"
    "  init_checkpoint: a\n"
    "trainer:\n  train_steps: 3\n"
  )
  assert yaml.safe_load(str(found))["trainer"] == {"train_steps": 3}
