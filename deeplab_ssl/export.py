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

"""Exports a SavedModel, a TFLite or an ONNX model: `... export --help`.

  python -m deeplab_ssl.export --model_dir=runs/camvid --export_dir=DIR

The input `ImageTensor` is a uint8 image batch of any size; the outputs are
`SemanticPredictions` and `SemanticProbabilities` at that size. With `--onnx`
DIR holds the same as `model.onnx` instead of a SavedModel. With
`--tflite --image_size=513,513` it is one image of that size, and DIR holds a
`model.tflite`.

With `--int8` weights and activations of a TFLite model are integers of 8 bits,
calibrated on images of the training (`--calibration_images`). The mean IoU that
this costs on the validation split is told and written into
`quantization.json`. `--integer_io` computes with nothing but integers.

The views and the CRF that the flags ask for become part of the model. An ONNX
or a TFLite model can have no CRF, a TFLite model no tiles.
"""

from absl import app
from absl import flags

from deeplab_ssl.cli import environment
from deeplab_ssl.cli import predictor_flags
from deeplab_ssl.cli import run_flags
from deeplab_ssl.cli import runner

flags.adopt_module_key_flags(run_flags)
flags.adopt_module_key_flags(predictor_flags)

_EXPORT_DIR = flags.DEFINE_string("export_dir", None, "Folder for the model.")
runner.only_local(_EXPORT_DIR)
_ONNX = flags.DEFINE_bool(
  "onnx",
  False,
  "Whether to write an ONNX model instead of a SavedModel; needs `pip install "
  "'deeplab-ssl[onnx]'`.",
)
_TFLITE = flags.DEFINE_bool(
  "tflite", False, "Whether to write a TFLite model instead of a SavedModel."
)
_IMAGE_SIZE = flags.DEFINE_list(
  "image_size", None, "HEIGHT,WIDTH of the image that a TFLite model takes."
)
_FLOAT16 = flags.DEFINE_bool(
  "float16", False, "Whether a TFLite model stores its weights with 16 bits."
)
_INT8 = flags.DEFINE_bool(
  "int8",
  False,
  "Whether a TFLite model computes with integers of 8 bits; the mean IoU that "
  "this costs is measured on the validation split.",
)
_INTEGER_IO = flags.DEFINE_bool(
  "integer_io",
  False,
  "Whether images go into it and probabilities come out of it as integers, "
  "too, so that nothing is computed with floats.",
)
_CALIBRATION_DATA = flags.DEFINE_string(
  "calibration_data",
  None,
  "Folder of the records that --int8 is calibrated on, if not --data_dir or "
  "that of the training.",
)
_CALIBRATION_SPLIT = flags.DEFINE_string(
  "calibration_split", None, "Their split, if not that of the training."
)
_CALIBRATION_IMAGES = flags.DEFINE_integer(
  "calibration_images",
  100,
  "How many of them, at even distances in the split.",
  lower_bound=1,
)
_EVALUATION_IMAGES = flags.DEFINE_integer(
  "evaluation_images",
  None,
  "How many images of the validation split --int8 is scored on, the first "
  "ones; all if left out.",
  lower_bound=1,
)
_OF_INT8 = (
  *(_INTEGER_IO, _CALIBRATION_DATA, _CALIBRATION_SPLIT, _CALIBRATION_IMAGES),
  _EVALUATION_IMAGES,
)


def _tflite_options():
  """Returns arguments of `serving.ServingModule.save_tflite`, or None."""
  if _TFLITE.value and _ONNX.value:
    raise app.UsageError(
      "--tflite and --onnx are two formats: export each into a folder of its "
      "own."
    )
  for flag in _OF_INT8:
    runner.refuse_idle(flag, not _INT8.value, "without --tflite --int8")
  if not _TFLITE.value:
    if _IMAGE_SIZE.value or _FLOAT16.value or _INT8.value:
      raise app.UsageError(
        "--image_size, --float16 and --int8 belong to --tflite; a SavedModel "
        "and an ONNX model take images of any size."
      )
    return None
  if _FLOAT16.value and _INT8.value:
    raise app.UsageError(
      "--float16 and --int8 are two types of weights: give one of them."
    )
  size = _IMAGE_SIZE.value or []
  if len(size) != 2 or not all(s.isdigit() and int(s) for s in size):
    raise app.UsageError(
      "--tflite needs --image_size=HEIGHT,WIDTH, e.g. --image_size=513,513. "
      f"Received: {','.join(size)!r}"
    )
  return {"image_size": tuple(map(int, size)), "float16": _FLOAT16.value}


def _export_quantized(run, predictor, image_size):
  """Exports with --int8 and tells what it costs."""
  from deeplab_ssl.runs import quantized_export

  settings = quantized_export.Settings(
    image_size,
    calibration_data=_CALIBRATION_DATA.value or run_flags.data_dir(),
    calibration_split=_CALIBRATION_SPLIT.value,
    calibration_images=_CALIBRATION_IMAGES.value,
    evaluation_images=_EVALUATION_IMAGES.value,
    integer_io=_INTEGER_IO.value,
  )
  print(quantized_export.export(run, _EXPORT_DIR.value, predictor, settings))


def main():
  environment.prepare()
  tflite = _tflite_options()
  run = run_flags.open_run(reads_records=_INT8.value)
  predictor = predictor_flags.load(run.activation)
  if _INT8.value:
    _export_quantized(run, predictor, tflite["image_size"])
  else:
    run.export(_EXPORT_DIR.value, predictor, tflite, onnx=_ONNX.value)
  print(f"Exported {run.checkpoint} to {_EXPORT_DIR.value}")


if __name__ == "__main__":
  flags.mark_flag_as_required("export_dir")
  runner.run(main)
