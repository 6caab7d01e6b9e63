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

"""Tests of the reading of command lines."""

import pytest

from deeplab_ssl.original_flags import command_line
from tests.original_flags import command_lines


def _parse(*words, **options):
  return command_line.parse(words, **options)


@pytest.mark.parametrize(
  "words, program",
  [
    (["python", "deeplab/train.py"], "train"),
    (["python", "-u", "${WORK_DIR}/eval.py"], "eval"),
    (["python3", "-m", "deeplab.vis"], "vis"),
    (["CUDA_VISIBLE_DEVICES=0", "nohup", "export_model.py"], "export_model"),
    (["srun", "--gres=gpu:1", "python", "train.py", "--v=1"], "train"),
    (["python", "C:\\deeplab\\vis.py"], "vis"),
    (["mkdir", "-p", "exp/train"], None),
    (["python", "model_test.py"], None),
    (["--train_split", "train.py"], None),
    ([], None),
  ],
)
def test_the_program_is_named_before_its_flags(words, program):
  assert command_line.program_of(words) == program


def test_flags_are_read_as_absl_reads_them():
  line = _parse(
    "python",
    "train.py",
    "--logtostderr",
    "--train_split",
    "trainval",
    "--nofine_tune_batch_norm",
    "-train_batch_size=4",
    "--atrous_rates=6",
    "--atrous_rates",
    "12",
    "--train_crop_size=321,513",
    "--upsample_logits=F",
    "--base_learning_rate=3e-5",
    "--train_logdir=${DIR}",
  )
  assert line.program == "train"
  assert line.values["train_split"] == "trainval"
  assert line.values["fine_tune_batch_norm"] is False
  assert line.values["train_batch_size"] == 4
  assert line.values["atrous_rates"] == [6, 12]
  assert line.values["train_crop_size"] == [321, 513]
  assert line.values["upsample_logits"] is False
  assert line.values["base_learning_rate"] == 3e-5
  assert line.values["train_logdir"] == "${DIR}"
  assert line.values["weight_decay"] == 4e-5
  assert line.given[:2] == ("logtostderr", "train_split")
  assert "weight_decay" not in line.given


def test_the_last_of_several_values_counts():
  line = command_lines.line("train", "--momentum=0.8", "--momentum=0.7")
  assert line.values["momentum"] == 0.7


@pytest.mark.parametrize(
  "words, options, program",
  [
    (["--model_variant=xception_65", "--train_crop_size=9,9"], {}, "train"),
    (["--inference_scales=1"], {}, "export_model"),
    (["--model_variant=xception_65"], {"program": "vis"}, "vis"),
  ],
)
def test_the_program_follows_from_the_flags_or_is_given(
  words, options, program
):
  assert _parse(*words, **options).program == program


def test_variables_stand_for_numbers_and_stay_in_texts():
  line = _parse(
    "train.py",
    "--train_batch_size=${N}",
    "--train_logdir=$N",
    variables={"N": "12"},
  )
  assert line.values["train_batch_size"] == 12
  assert line.values["train_logdir"] == "$N"


@pytest.mark.parametrize(
  "words, message",
  [
    (
      ["train.py", "--modelvariant=x"],
      "no flag --modelvariant. Did you mean 'm",
    ),
    (["train.py", "--modelvariant", "x"], "no flag --modelvariant. Did you"),
    (["--modelvariant=x"], "The original has no flag --modelvariant. Did you"),
    (["eval.py", "--train_crop_size=9,9"], "has no flag .*; train.py has"),
    (["train.py", "--train_batch_size=4.5"], "must be an integer. Rec.*'4.5'"),
    (["train.py", "--model_variant=vgg"], "must be one of mobilenet_v2, .*vgg"),
    (["train.py", "--merge_method=sum"], "must be one of max, avg"),
    (["train.py", "--atrous_rates=6,12"], "once for each element.*'6,12'"),
    (["train.py", "--train_crop_size=513x513"], "with commas between them"),
    (["train.py", "--fine_tune_batch_norm", "False"], "'False' belongs to no"),
    (["train.py", " ", "--momentum=1"], "remove the blanks behind it"),
    (["train.py", "--flagfile=f"], "write the flags of the file into the"),
    (["train.py", "--nomomentum"], "--momentum is none that is true or false"),
    (["train.py", "--train_logdir"], "--train_logdir stands last"),
    (["train.py", "--momentum=$M"], r"Received: \$M, a variable of a shell"),
    (["python", "run.py", "--momentum=1"], "Which program is 'python run.py'"),
    (["--model_variant=xception_65"], "say with --program which"),
    (["--eval_split=a", "--vis_split=b"], "No program .* has all of these"),
  ],
)
def test_what_is_wrong_is_told(words, message):
  with pytest.raises(ValueError, match=message):
    _parse(*words)


def test_two_programs_are_refused():
  with pytest.raises(ValueError, match="calls eval.py, but --program is train"):
    _parse("eval.py", program="train")
