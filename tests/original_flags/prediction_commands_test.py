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

"""Tests of the translation of evaluations, visualizations and exports."""

import pytest

from deeplab_ssl.original_flags import prediction_commands
from tests.original_flags import command_lines

_MULTI_SCALE = ("--eval_scales=0.5", "--eval_scales=1.25")


def _translate(program, *flags):
  return prediction_commands.translate(command_lines.line(program, *flags))


def test_an_evaluation():
  found = _translate(
    "eval",
    "--checkpoint_dir=run",
    "--eval_logdir=log",
    "--dataset_dir=data",
    "--eval_crop_size=1025,2049",
    "--eval_batch_size=2",
    "--dataset=cityscapes",
    "--min_resize_value=300",
  )
  assert found.commands == (
    "python -m deeplab_ssl.evaluate --config_file=eval.yaml --checkpoint=run "
    "--data_dir=data --split=val --batch_size=2 --eval_crop_size=1025,2049 "
    "--output=log/scores.json",
  )
  assert found.keys["task.dataset"] == "cityscapes"
  assert found.keys["task.model.output_stride"] == 16
  assert found.keys["task.validation_data.min_resize_value"] == 300
  assert not [path for path in found.keys if "train_data" in path]


@pytest.mark.parametrize("program", ["eval", "vis"])
def test_views(program):
  (command, *_) = _translate(
    program, *_MULTI_SCALE, "--add_flipped_images"
  ).commands
  assert "--eval_scales=0.5,1.25 --add_flipped_images" in command
  assert "upsample" not in command


def test_what_several_scales_take_the_place_of():
  found = _translate(
    "eval",
    *_MULTI_SCALE,
    "--image_pyramid=1.5",
    "--noprediction_with_upsampled_logits",
  )
  assert "task.model.image_pyramid" not in found.keys
  assert "upsample" not in found.commands[0]
  assert len(found.notes) == 2
  assert "several --eval_scales" in found.notes[0]


def test_one_scale():
  found = _translate(
    "eval",
    "--add_flipped_images",
    "--noprediction_with_upsampled_logits",
    "--image_pyramid=1.5",
  )
  (command,) = found.commands
  assert command.endswith("--eval_crop_size=513,513 --noupsample_logits")
  assert found.keys["task.model.image_pyramid"] == [1.5]
  (note,) = found.notes
  assert note.startswith("--add_flipped_images: it does nothing")


def test_a_visualization_and_its_raw_predictions():
  pictures, raw = _translate(
    "vis", "--vis_logdir=$VIS", "--also_save_raw_predictions"
  ).commands
  assert pictures.startswith("python -m deeplab_ssl.visualize ")
  assert '--output_dir="$VIS" --max_images=' in pictures
  assert raw.startswith("python -m deeplab_ssl.submit ")
  assert raw.endswith('--output_dir="$VIS/raw_segmentation_results"')
  assert len(_translate("vis").commands) == 1


@pytest.mark.parametrize(
  "path, folder",
  [
    ("out/graph.pb", "out"),
    ("graph.pb", "."),
    ("${OUT}/graph.pb", '"${OUT}"'),
    ("${PATH}", '"$(dirname ${PATH})"'),
  ],
)
def test_an_export(path, folder):
  found = _translate(
    "export_model",
    f"--export_path={path}",
    "--checkpoint_path=c",
    "--crop_size=513",
    "--crop_size=769",
  )
  assert found.commands == (
    "python -m deeplab_ssl.export --config_file=export_model.yaml "
    f"--checkpoint=c --export_dir={folder} --eval_crop_size=513,769",
  )
  assert found.keys["task.model.output_stride"] == 8
  assert found.keys["task.dataset"] == "voc2012"


def test_an_export_of_other_classes():
  found = _translate("export_model", "--num_classes=7")
  assert "task.dataset" not in found.keys
  assert found.commands[0].endswith("--dataset=DATASET.yaml")
  assert any("names the 7 classes" in remark for remark in found.remarks)


@pytest.mark.parametrize("program", ["eval", "vis", "export_model"])
def test_a_run_of_ours_is_named_as_another_way(program):
  assert "--model_dir=RUN instead" in _translate(program).remarks[-1]


def test_a_configuration_knows_no_variables():
  with pytest.raises(ValueError, match=r"written out here.*Received: \$CELL"):
    _translate("eval", "--dense_prediction_cell_json=$CELL")
