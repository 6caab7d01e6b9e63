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

"""Draws a figure of the paper from your own runs: `... figure --help`.

The worked example, which needs no run:

  python -m deeplab_ssl.figure --number=2 --output=figure2.png

The share of hard examples of two runs:

  python -m deeplab_ssl.figure --number=4 --model_dir=runs/a \\
    --model_dir=runs/b --output=figure4.png
"""

from absl import app
from absl import flags

from deeplab_ssl.cli import environment
from deeplab_ssl.cli import runner

_NUMBER = flags.DEFINE_integer(
  "number",
  None,
  "1: image, truth and predictions of several runs; 2: the worked example; 3: "
  "statistics of the normalised maps of one run; 4: share of hard examples of "
  "several runs.",
  lower_bound=1,
  upper_bound=4,
)
_MODEL_DIR = flags.DEFINE_multi_string(
  "model_dir", [], "Directory of a run; may be repeated."
)
_OUTPUT = flags.DEFINE_string("output", None, "The PNG, or .pdf, .svg.")
runner.only_local(_OUTPUT)
_MAX_IMAGES = flags.DEFINE_integer(
  "max_images", 6, "How many images figure 1 shows.", lower_bound=1
)
_CHECKPOINT = flags.DEFINE_enum(
  "checkpoint", "best", ["best", "last"], "Checkpoint of the runs in figure 1."
)


def main():
  environment.prepare()
  from deeplab_ssl.runs import figures
  from deeplab_ssl.runs import trained_run

  model_dirs, path = _MODEL_DIR.value, _OUTPUT.value
  if _NUMBER.value == 1:
    runs = [
      trained_run.TrainedRun.open(model_dir, _CHECKPOINT.value)
      for model_dir in model_dirs
    ]
    figures.draw_comparison(runs, path, _MAX_IMAGES.value)
  elif _NUMBER.value == 2:
    print(figures.draw_worked_example(path))
  elif _NUMBER.value == 3:
    if len(model_dirs) != 1:
      raise app.UsageError(f"Figure 3 shows one run. Received: {model_dirs}")
    figures.draw_statistics(model_dirs[0], path)
  else:
    figures.draw_hard_fractions(model_dirs, path)
  print(f"Drew {path}")


if __name__ == "__main__":
  flags.mark_flags_as_required(["number", "output"])
  runner.run(main)
