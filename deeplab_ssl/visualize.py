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
palette PNGs of the predicted classes. Other runs stand beside it with
`--compare_with=runs/ce`.

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
  "compare_with",
  [],
  "Directory of another run, to be drawn beside the first.",
)


def _load_runs():
  """Returns {name: run} of the first run and those it is compared with."""
  from deeplab_ssl.runs import figures
  from deeplab_ssl.runs import pictures
  from deeplab_ssl.runs import trained_run

  loaded = [("", run_flags.load())]
  for model_dir in _COMPARE_WITH.value:
    loaded.append((model_dir, run_flags.load_other(model_dir)))
  runs = {}
  for model_dir, (params, checkpoint) in loaded:
    name = figures.run_label(params.task)
    runs[f"{name} ({model_dir})" if name in runs else name] = pictures.Run(
      params,
      trained_run.restored_model(params, checkpoint),
      predictor_flags.load(params),
    )
  return runs


def main():
  environment.prepare()
  from deeplab_ssl.runs import pictures

  drawn = pictures.draw_gallery(
    _load_runs(), _OUTPUT_DIR.value, _MAX_IMAGES.value
  )
  page = os.path.join(_OUTPUT_DIR.value, "index.html")
  print(f"Drew {drawn} images; look at {page}")


if __name__ == "__main__":
  flags.mark_flag_as_required("output_dir")
  runner.run(main)
