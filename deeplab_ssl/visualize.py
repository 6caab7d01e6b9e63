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

  python -m deeplab_ssl.visualize --model_dir=runs/ssl --output_dir=DIR

writes DIR/index.html, a page of images, truths, predictions, errors, the
structural error and the hard examples, and all pictures as files, with
palette PNGs of the predicted classes. Give `--model_dir` several times to see
several runs side by side.

`--crf_steps=5` draws each prediction before and after a CRF; the views of
`evaluate` (`--eval_scales` and so on) are there, too.
"""

import os

from absl import flags

from deeplab_ssl.cli import environment
from deeplab_ssl.cli import predictor_flags
from deeplab_ssl.cli import run_flags
from deeplab_ssl.cli import runner

flags.adopt_module_key_flags(run_flags)
flags.adopt_module_key_flags(predictor_flags)

_OUTPUT_DIR = flags.DEFINE_string("output_dir", None, "Folder for the PNGs.")
_MAX_IMAGES = flags.DEFINE_integer(
  "max_images", 20, "How many images to draw.", lower_bound=1
)
_COMPARE_WITH = flags.DEFINE_multi_string(
  "compare_with", [], "The same as a further --model_dir."
)


def main():
  environment.prepare()
  from deeplab_ssl.runs import gallery

  subjects = gallery.subjects_of(
    run_flags.open_runs(_COMPARE_WITH.value), predictor_flags.load
  )
  drawn = gallery.draw_gallery(subjects, _OUTPUT_DIR.value, _MAX_IMAGES.value)
  page = os.path.join(_OUTPUT_DIR.value, "index.html")
  print(f"Drew {drawn} images; look at {page}")


if __name__ == "__main__":
  flags.mark_flag_as_required("output_dir")
  runner.run(main)
