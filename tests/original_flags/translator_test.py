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

"""Tests that our programs take what command lines of the original become."""

import functools
import re
import shlex

import pytest

from deeplab_ssl.original_flags import translator
from deeplab_ssl.training import parsing
from tests.original_flags import command_lines

_XCEPTION = {
  "task.model.backbone": "xception_65",
  "task.model.atrous_rates": [6, 12, 18],
  "task.model.output_stride": 16,
  "task.model.decoder_output_stride": 4,
  "task.model.decoder_use_separable_conv": True,
  "task.model.aspp_with_separable_conv": True,
}
_MOBILENET = {
  "task.model.backbone": "mobilenet_v2",
  "task.model.atrous_rates": None,
  "task.model.decoder_output_stride": None,
}
# What holds for every training whose flags do not say otherwise.
_TRAINING = {
  "task.dataset": "voc2012",
  "task.losses.type": "ce",
  "task.losses.l2_weight_decay": 4e-5,
  "task.losses.top_k_percent_pixels": 1.0,
  "task.last_layer_gradient_multiplier": 1.0,
  "task.upsample_logits": True,
  "task.model.fine_tune_batch_norm": True,
  "task.init_checkpoint_modules": "all",
  "task.train_data.crop_size": [513, 513],
  "task.train_data.min_scale_factor": 0.5,
  "task.train_data.max_scale_factor": 2.0,
  "task.train_data.scale_factor_step_size": 0.25,
  "task.train_data.flip": True,
  "task.train_data.min_resize_value": None,
  "trainer.accumulation_steps": 1,
  "trainer.optimizer_config.optimizer.type": "momentum",
  "trainer.optimizer_config.optimizer.momentum.momentum": 0.9,
  "trainer.optimizer_config.learning_rate.type": "deeplab",
  "trainer.optimizer_config.learning_rate.deeplab.learning_policy": "poly",
  "trainer.optimizer_config.learning_rate.deeplab.learning_power": 0.9,
  "trainer.optimizer_config.learning_rate.deeplab.base_learning_rate": 1e-4,
  "trainer.optimizer_config.learning_rate.deeplab.slow_start_step": 0,
  "trainer.optimizer_config.warmup.type": None,
}
_CASES = [
  (
    "local_test.sh",
    "train",
    _TRAINING
    | _XCEPTION
    | {
      "task.train_data.split": "trainval",
      "task.train_data.global_batch_size": 4,
      "trainer.train_steps": 10,
    },
  ),
  ("local_test.sh", "eval", _XCEPTION | {"task.dataset": "voc2012"}),
  ("local_test.sh", "vis", _XCEPTION | {"task.dataset": "voc2012"}),
  ("local_test.sh", "export_model", _XCEPTION | {"task.dataset": "voc2012"}),
  (
    "local_test_mobilenetv2.sh",
    "train",
    _TRAINING
    | _MOBILENET
    | {
      "task.train_data.global_batch_size": 4,
      "trainer.train_steps": 10,
    },
  ),
  ("local_test_mobilenetv2.sh", "eval", _MOBILENET),
  ("local_test_mobilenetv2.sh", "vis", _MOBILENET),
  (
    "local_test_mobilenetv2.sh",
    "export_model",
    _MOBILENET | {"task.model.output_stride": 8},
  ),
  (
    "pascal.md",
    "train",
    _TRAINING
    | _XCEPTION
    | {
      "task.train_data.split": "train",
      "task.train_data.global_batch_size": 1,
      "trainer.train_steps": 30000,
    },
  ),
  ("pascal.md", "eval", _XCEPTION),
  ("pascal.md", "vis", _XCEPTION),
  (
    "cityscapes.md",
    "train",
    _TRAINING
    | _XCEPTION
    | {
      "task.dataset": "cityscapes",
      "task.train_data.crop_size": [769, 769],
      "trainer.train_steps": 90000,
    },
  ),
  ("cityscapes.md", "eval", _XCEPTION | {"task.dataset": "cityscapes"}),
  ("cityscapes.md", "vis", _XCEPTION | {"task.dataset": "cityscapes"}),
  (
    "ade20k.md",
    "train",
    _TRAINING
    | _XCEPTION
    | {
      "task.dataset": "ade20k",
      "task.train_data.min_resize_value": 513,
      "task.train_data.max_resize_value": 513,
      "task.train_data.resize_factor": 16,
      "trainer.train_steps": 150000,
    },
  ),
  ("export_model.md", "export_model", {"task.model.output_stride": 8}),
  (
    "quantize.md",
    "train",
    _TRAINING
    | _MOBILENET
    | {
      "task.train_data.global_batch_size": 8,
      "trainer.optimizer_config.learning_rate.deeplab.base_learning_rate": 3e-5,
      "trainer.train_steps": 3000,
    },
  ),
  ("quantize.md", "export_model", _MOBILENET),
  (
    "model_zoo.md",
    "eval",
    {
      "task.model.backbone": "mobilenet_v3_large_seg",
      "task.model.image_pooling_crop_size": [769, 769],
      "task.model.image_pooling_stride": [4, 5],
      "task.model.add_image_level_feature": True,
      "task.model.aspp_convs_filters": 128,
      "task.model.aspp_with_concat_projection": False,
      "task.model.aspp_with_squeeze_and_excitation": True,
      "task.model.decoder_use_sum_merge": True,
      "task.model.decoder_filters": 19,
      "task.model.decoder_output_is_logits": True,
      "task.model.decoder_use_separable_conv": False,
      "task.model.image_se_uses_qsigmoid": True,
      "task.model.decoder_output_stride": 8,
      "task.model.output_stride": 32,
    },
  ),
]


def _experiment(found, tmp_path):
  """Builds the configuration as `train` would, run by a shell."""
  path = tmp_path / found.file
  path.write_text(str(found))
  command = re.sub(r"\$\{\w+\}", "/a/path", found.commands[0])
  overrides = [
    word.partition("=")[2]
    for word in shlex.split(command)
    if word.startswith("--params_override=")
  ]
  return parsing.parse_experiment("deeplab_ssl", [str(path)], *overrides)


@pytest.mark.parametrize("page, program, expected", _CASES)
def test_command_lines_of_the_original(page, program, expected, tmp_path):
  found = translator.of_text(command_lines.text(page), program)
  params = _experiment(found, tmp_path)
  values = {
    path: functools.reduce(getattr, path.split("."), params)
    for path in expected
  }
  assert values == expected


def test_every_command_of_the_pages_is_tried():
  tried = {(page, program) for page, program, _ in _CASES}
  for page, commands in command_lines.COMMANDS.items():
    for command in commands:
      program = next(
        (
          p
          for p in ("train", "eval", "vis", "export_model")
          if f"/{p}.py" in command
        ),
        None,
      )
      assert not program or (page, program) in tried


def test_the_flags_of_the_dense_prediction_cell(tmp_path):
  (flags,) = [
    command
    for command in command_lines.COMMANDS["cityscapes.md"]
    if command.startswith("--")
  ]
  params = _experiment(translator.of_text(flags, "train"), tmp_path)
  model = params.task.model
  assert model.backbone == "xception_71"
  assert model.decoder_output_stride == 4
  assert model.dense_prediction_cell == (
    "dense_prediction_cell_branch5_top1_cityscapes"
  )


def test_words_and_text_say_the_same():
  words = ["train.py", "--train_batch_size=3", "--train_split=a b"]
  text = "python train.py --train_batch_size=3 \\\n --train_split='a b'"
  assert translator.of_words(words) == translator.of_text(text)


@pytest.mark.parametrize(
  "text, program, message",
  [
    ("echo", None, "no command that calls train.py or eval.py or vis.py or"),
    ("python eval.py", "train", "calls train.py of the original"),
    (
      "a/train.py\na/train.py",
      None,
      r"has 2 commands .*\(train.py, train.py\)",
    ),
    ("train.py\nvis.py", None, r"\(train.py, vis.py\).*--program"),
    ("", None, "no command"),
  ],
)
def test_a_text_has_one_command(text, program, message):
  with pytest.raises(ValueError, match=message):
    translator.of_text(text, program)
