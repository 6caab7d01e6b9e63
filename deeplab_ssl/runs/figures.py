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

"""The figures of the paper, drawn from runs of one's own."""

from collections.abc import Sequence

from deeplab_ssl.common import names as names_lib
from deeplab_ssl.runs import logs
from deeplab_ssl.runs import pictures
from deeplab_ssl.runs import run_directory
from deeplab_ssl.runs import trained_run
from deeplab_ssl.visualization import images as images_lib
from deeplab_ssl.visualization import worked_example

# Names of Fig. 3 for the logged scalars.
_STATISTICS = {
  "error_max": "maximum of e",
  "truth_max": "maximum of y_nor",
  "prediction_max": "maximum of p_nor",
  "error_mean": "mean of e",
  "error_median": "median of e",
  "prediction_min": "minimum of p_nor",
  "truth_min": "minimum of y_nor",
}


def draw_comparison(
  runs: Sequence[trained_run.TrainedRun], path: str, max_images: int
) -> None:
  """Fig. 1: image, truth and the prediction of each run, row by row.

  Args:
    runs: two or more runs on the same data, those of the first.
    path: the PNG.
    max_images: how many images of the validation split to draw.

  Raises:
    ValueError: if there are fewer than two runs, or they have other classes.
  """
  if len(runs) < 2:
    raise ValueError(
      "Figure 1 compares the predictions of runs: give --model_dir at least "
      f"twice. Received: {[run.model_dir for run in runs]}"
    )
  subjects = {
    label: pictures.Subject.of(run)
    for label, run in trained_run.by_label(runs).items()
  }
  pictures.check_classes(subjects)
  rows = [
    pictures.comparison(example, subjects)
    for example in runs[0].examples().take(max_images)
  ]
  images_lib.save_grid(path, rows)


def draw_worked_example(path: str) -> str:
  """Fig. 2: draws the worked example and returns its numbers as text."""
  worked_example.save_worked_example(path)
  return worked_example.describe(worked_example.worked_example())


def draw_statistics(model_dir: str, path: str) -> None:
  """Fig. 3: extremes of the normalised maps, mean and median of e.

  Args:
    model_dir: a run with `task.losses.log_statistics`.
    path: the PNG.

  Raises:
    ValueError: if the run has not logged them.
  """
  curves = logs.read_scalars(model_dir)
  absent = [name for name in _STATISTICS if name not in curves]
  if absent:
    raise ValueError(
      f"{model_dir} has not logged {', '.join(absent)}. Train it with "
      "task.losses.type=ssl and task.losses.log_statistics=true."
    )
  images_lib.save_curves(
    path,
    {label: curves[name] for name, label in _STATISTICS.items()},
    "step",
    "mean over the steps of a loop",
    from_zero=False,
  )


def draw_hard_fractions(model_dirs: Sequence[str], path: str) -> None:
  """Fig. 4: share of hard examples over the training, a line per run.

  Args:
    model_dirs: runs with the structural similarity loss, of several beta.
    path: the PNG.

  Raises:
    ValueError: if there is no run, or one has not logged the share.
  """
  if not model_dirs:
    raise ValueError("Figure 4 needs at least one --model_dir.")
  labels, lines = [], []
  for model_dir in model_dirs:
    curves = logs.read_scalars(model_dir)
    if "hard_fraction" not in curves:
      raise ValueError(
        f"{model_dir} has not logged hard_fraction: it was not trained with "
        "task.losses.type=ssl."
      )
    steps, shares = curves["hard_fraction"]
    task = run_directory.load_configuration(model_dir).task
    labels.append(trained_run.label_of(task))
    lines.append((steps, [100 * share for share in shares]))
  names = names_lib.distinct(labels, model_dirs)
  images_lib.save_curves(
    path,
    dict(zip(names, lines, strict=True)),
    "step",
    "hard examples, % of the valid samples",
  )
