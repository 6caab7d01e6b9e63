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

"""Tests of the command export."""

import pytest

from tests import commands

# A run that tells what would be exported.
_STAND_IN = """
from deeplab_ssl.cli import run_flags
class Run:
  activation, checkpoint = "sigmoid", "ckpt-4"
  def export(self, path, predictor, tflite, onnx):
    print(path, predictor, predictor.logits.activation, tflite, onnx)
run_flags.open_run = lambda reads_records: Run()
"""
# The same with integers; it tells its settings.
_QUANTIZED = (
  _STAND_IN
  + """
from deeplab_ssl.runs import quantized_export
def export(run, path, predictor, settings):
  print(path, predictor, settings)
  return "It costs 1.00"
quantized_export.export = export
"""
)


def _run(folder, *args, **options):
  command = ("-m", "deeplab_ssl.export", *args)
  return commands.run(*command, folder=folder, **options)


@pytest.mark.parametrize(
  "args, expected",
  [
    ((), "scale 1 sigmoid None False"),
    (
      ("--tflite", "--image_size=65,33", "--float16"),
      "scale 1 sigmoid {'image_size': (65, 33), 'float16': True} False",
    ),
    (("--onnx",), "scale 1 sigmoid None True"),
    (
      ("--eval_scales=0.5,1", "--crf_steps=2"),
      "scales 0.5, 1, 2 CRF steps (window) sigmoid None False",
    ),
  ],
)
def test_the_model_is_exported_as_it_is_asked(args, expected, tmp_path):
  result = _run(tmp_path, "--export_dir=x", *args, before=_STAND_IN)
  assert result.returncode == 0, result.stderr
  assert result.stdout == f"x {expected}\nExported ckpt-4 to x\n"


_INT8 = ["--export_dir=x", "--tflite", "--image_size=65,33", "--int8"]


@pytest.mark.parametrize(
  "args, expected",
  [
    (
      [],
      "calibration_data=None, calibration_split=None, calibration_images=100, "
      "evaluation_images=None, integer_io=False",
    ),
    (
      ["--data_dir=records", "--evaluation_images=5", "--integer_io"],
      "calibration_data='records', calibration_split=None, "
      "calibration_images=100, evaluation_images=5, integer_io=True",
    ),
    (
      [
        *("--data_dir=records", "--calibration_data=other"),
        *("--calibration_split=all", "--calibration_images=7"),
      ],
      "calibration_data='other', calibration_split='all', "
      "calibration_images=7, evaluation_images=None, integer_io=False",
    ),
  ],
)
def test_a_model_of_integers_tells_its_price(args, expected, tmp_path):
  result = _run(tmp_path, *_INT8, *args, before=_QUANTIZED)
  assert result.returncode == 0, result.stderr
  assert result.stdout == (
    f"x scale 1 Settings(image_size=(65, 33), {expected})\n"
    "It costs 1.00\nExported ckpt-4 to x\n"
  )


@pytest.mark.parametrize(
  "args, message",
  [
    (["--export_dir=x", "--int8"], "--float16 and --int8 belong to --tflite"),
    ([*_INT8, "--float16"], "are two types of weights"),
    (["--export_dir=x", "--onnx", "--int8"], "belong to --tflite"),
    (["--export_dir=x", "--integer_io"], "does nothing without --tflite --i"),
    (["--export_dir=x", "--calibration_images=3"], "_images does nothing with"),
    (["--export_dir=x", "--calibration_data=y"], "_data does nothing without"),
    (
      ["--export_dir=x", "--calibration_split=y"],
      "_split does nothing without",
    ),
    (["--export_dir=x", "--evaluation_images=3"], "_images does nothing with"),
    ([*_INT8, "--calibration_images=0"], "calibration_images"),
    ([*_INT8[:2], "--int8"], "e.g. --image_size=513,513. Received: ''"),
    (["--export_dir=x", "--split=val"], "--split does nothing here"),
    (["--export_dir=x"], "Give --model_dir of a training run"),
    ([], "--export_dir must have a value"),
    (["--export_dir=x", "--float16"], "belong to --tflite"),
    (["--export_dir=x", "--image_size=9,9"], "belong to --tflite"),
    (["--export_dir=x", "--onnx", "--float16"], "belong to --tflite"),
    (["--export_dir=x", "--onnx", "--image_size=9,9"], "belong to --tflite"),
    (["--export_dir=x", "--onnx", "--tflite"], "are two formats"),
    (["--export_dir=gs://x/y"], "only local files are written"),
    (["--export_dir=x", "--tflite"], "e.g. --image_size=513,513. Received: ''"),
    (["--export_dir=x", "--tflite", "--image_size=513"], "Received: '513'"),
    (["--export_dir=x", "--tflite", "--image_size=9,0"], "Received: '9,0'"),
    (["--export_dir=x", "--tflite", "--image_size=9,a"], "Received: '9,a'"),
  ],
)
def test_wrong_arguments_are_told(args, message, tmp_path):
  result = _run(tmp_path, *args)
  assert result.returncode == 1
  assert message in result.stderr
  assert "Traceback" not in result.stderr
