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

"""Draws predictions and the maps of the loss: `... visualize --help`.

python -m deeplab_ssl.visualize --model_dir=runs/camvid --output_dir=DIR

`--crf_steps=5` draws each prediction before and after a CRF; see docs/crf.md.
"""

from absl import app
from absl import flags

from deeplab_ssl import environment
from deeplab_ssl import prediction_flags
from deeplab_ssl import trained_flags

flags.adopt_module_key_flags(trained_flags)
flags.adopt_module_key_flags(prediction_flags)

_OUTPUT_DIR = flags.DEFINE_string("output_dir", None, "Folder for the PNGs.")
_MAX_IMAGES = flags.DEFINE_integer(
  "max_images", 20, "How many images to draw.", lower_bound=1
)


def main(argv):
  if len(argv) > 1:
    raise app.UsageError(f"Unexpected arguments {argv[1:]}: use --flag=value.")
  environment.prepare()
  from deeplab_ssl.training import trained

  params, checkpoint = trained_flags.load()
  drawn = trained.visualize_run(
    params,
    checkpoint,
    _OUTPUT_DIR.value,
    _MAX_IMAGES.value,
    prediction_flags.load(params),
  )
  print(f"Drew {drawn} images into {_OUTPUT_DIR.value}")


if __name__ == "__main__":
  flags.mark_flag_as_required("output_dir")
  app.run(main)
