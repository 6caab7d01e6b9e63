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


def _tflite_options():
  """Returns arguments of `serving.ServingModule.save_tflite`, or None."""
  if _TFLITE.value and _ONNX.value:
    raise app.UsageError(
      "--tflite and --onnx are two formats: export each into a folder of its "
      "own."
    )
  if not _TFLITE.value:
    if _IMAGE_SIZE.value or _FLOAT16.value:
      raise app.UsageError(
        "--image_size and --float16 belong to --tflite; a SavedModel and "
        "an ONNX model take images of any size."
      )
    return None
  size = _IMAGE_SIZE.value or []
  if len(size) != 2 or not all(s.isdigit() and int(s) for s in size):
    raise app.UsageError(
      "--tflite needs --image_size=HEIGHT,WIDTH, e.g. --image_size=513,513. "
      f"Received: {','.join(size)!r}"
    )
  return {"image_size": tuple(map(int, size)), "float16": _FLOAT16.value}


def main():
  environment.prepare()
  tflite = _tflite_options()
  run = run_flags.open_run(reads_records=False)
  predictor = predictor_flags.load(run.activation)
  run.export(_EXPORT_DIR.value, predictor, tflite, onnx=_ONNX.value)
  print(f"Exported {run.checkpoint} to {_EXPORT_DIR.value}")


if __name__ == "__main__":
  flags.mark_flag_as_required("export_dir")
  runner.run(main)
