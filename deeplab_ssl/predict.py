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


"""Segments image files with an exported model: `... predict --help`.

  python -m deeplab_ssl.predict --model=EXPORT_DIR --output_dir=DIR \\
    photo.jpg folder

writes DIR/masks/NAME.png, palette PNGs of class indices, and
DIR/overlays/NAME.png. The model is a folder that `python -m deeplab_ssl.export`
wrote, or a TFLite or ONNX file.
"""

import sys

from absl import app
from absl import flags

from deeplab_ssl.cli import environment
from deeplab_ssl.cli import runner

_MODEL = flags.DEFINE_string(
  "model", None, "Folder of an exported model, or a TFLite or ONNX file."
)
_OUTPUT_DIR = flags.DEFINE_string("output_dir", None, "Folder for the masks.")
_DATASET = flags.DEFINE_string(
  "dataset",
  None,
  "Name or YAML of the data set, for the colours, if none lies beside the "
  "model.",
)
_OVERLAYS = flags.DEFINE_bool(
  "overlays", True, "Whether the masks are laid over the images, too."
)
_EXISTING = flags.DEFINE_enum(
  "existing",
  "refuse",
  ["refuse", "skip", "overwrite"],
  "What to do if masks or overlays are there already: refuse, skip the images "
  "that have a mask, of whichever model (to continue what was interrupted), or "
  "replace them.",
)


def main(paths):
  if not paths:
    raise app.UsageError("Give images or folders of images to segment.")
  environment.prepare()
  from deeplab_ssl.input import dataset_info
  from deeplab_ssl.prediction import exported_model
  from deeplab_ssl.prediction import image_folder

  files, others = image_folder.find_images(paths, _OUTPUT_DIR.value)
  if others:
    print(others)
  model = exported_model.load(_MODEL.value)
  info = (
    dataset_info.get_dataset_info(_DATASET.value)
    if _DATASET.value
    else exported_model.dataset_of(_MODEL.value)
  )
  exported_model.check_classes(model, info)
  outcome = image_folder.predict_files(
    model,
    files,
    _OUTPUT_DIR.value,
    info,
    overlays=_OVERLAYS.value,
    existing=_EXISTING.value,
  )
  kept = f"; {outcome.skipped} had one" if outcome.skipped else ""
  print(
    f"Wrote masks of {outcome.written} of {len(files)} images to "
    f"{_OUTPUT_DIR.value}{kept}"
  )
  if outcome.turned:
    print(
      f"Viewers turn {len(outcome.turned)} of the images after their EXIF "
      f"data, such as {outcome.turned[0]}. Their masks are of the pixels as "
      "they are stored."
    )
  if outcome.failures:
    sys.exit("Not predicted:\n  " + "\n  ".join(outcome.failures))


if __name__ == "__main__":
  flags.mark_flags_as_required(["model", "output_dir"])
  runner.run_with_names(main)
