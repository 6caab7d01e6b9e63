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

"""Tells how much of what two losses differ by is a matter of the threshold.

  python -m benchmarks.threshold_choice --model_dir=runs \\
    --output=benchmarks/results/thresholds.json \\
    vessels/stride_4/bce/seed1 vessels/stride_4/ssl_3/seed1

Of two classes a network gives a pixel the second where the second logit is the
larger. A loss whose optimum is not the probability of the classes moves that
border, and another threshold moves it back; what then is left is in the order
of the pixels. Of the last checkpoint of each run, on its validation images,
these are recorded:

- "mean_iou" of the larger logit, which has to be that of the run's scores.json;
- "mean_iou_chosen": half of the images chooses by how much the second logit has
  to be larger, the best in mean IoU, for the other half, and the other way
  round; the pixels of both are counted together;
- "thresholds": what they chose, those with an even number first;
- "average_precision" of the second class over all thresholds, the area under
  the curve of precision and recall.

`benchmarks.suite_table --tables=thresholds` shows them.
"""

from collections.abc import Iterable
from collections.abc import Sequence
import json
import pathlib
from typing import NamedTuple

from absl import app
from absl import flags
import numpy as np

from deeplab_ssl.cli import environment
from deeplab_ssl.common import atomic_files
from deeplab_ssl.common import config_files

# Defined where this is run: a test that imports it has the flags of others.
_MODEL_DIR, _OUTPUT = "model_dir", "output"
_THRESHOLDS = np.linspace(-20.0, 20.0, 801)
# By which the scores of a run may differ; they are rounded here.
_SAME = 1e-5


def confusions(truth: np.ndarray, margin: np.ndarray) -> np.ndarray:
  """Counts the pixels of an image at each threshold.

  Args:
    truth: bool, any shape; whether a pixel is of the second class.
    margin: the second logit minus the first, of the same shape.

  Returns:
    int64 `[thresholds, 2, 2]`: rows are the truth, columns the prediction.
  """
  counts = []
  for is_class in (~truth, truth):
    ranked = np.sort(margin[is_class])
    # A pixel is of the second class above the threshold, not at it.
    first = np.searchsorted(ranked, _THRESHOLDS, side="right")
    counts.append(np.stack([first, ranked.size - first], -1))
  return np.stack(counts, 1)


def _mean_iou(matrix):
  from deeplab_ssl.evaluation import metrics

  return metrics.Scores(matrix, ("first", "second")).mean_iou


def _best(counts):
  """Number of the best threshold, the middle one of those equally good."""
  if not counts[0].sum(1).all():
    raise ValueError("Half of the images has pixels of one class alone.")
  found = np.array(list(map(_mean_iou, counts)))
  (equal,) = np.nonzero(found == found.max())
  if equal[0] == 0 or equal[-1] == found.size - 1:
    raise ValueError(
      f"The best threshold may be beyond {_THRESHOLDS[[0, -1]]}: the margins "
      "are too large."
    )
  return int(equal[equal.size // 2])


def scores(images: Iterable[tuple[np.ndarray, np.ndarray]]) -> dict:
  """Returns what the module says, of (truth, margin) of each image.

  Args:
    images: at least two, as `confusions` takes them.

  Raises:
    ValueError: if there are less than two images, half of them lacks a class,
      or the best threshold is not among those that are tried.
  """
  from sklearn import metrics as sklearn_metrics

  images = list(images)
  if len(images) < 2:
    raise ValueError("Two images are needed: one chooses for the other.")
  counts = np.stack([confusions(*image) for image in images])
  halves = [counts[0::2].sum(0), counts[1::2].sum(0)]
  chosen = list(map(_best, halves))
  matrix = halves[0][chosen[1]] + halves[1][chosen[0]]
  (zero,) = np.flatnonzero(_THRESHOLDS == 0)
  truth, margin = (
    np.concatenate([field.ravel() for field in fields])
    for fields in zip(*images, strict=True)
  )
  average_precision = sklearn_metrics.average_precision_score(truth, margin)
  return {
    "mean_iou": round(_mean_iou(counts[:, zero].sum(0)), 5),
    "mean_iou_chosen": round(_mean_iou(matrix), 5),
    "thresholds": [round(float(_THRESHOLDS[i]), 2) for i in chosen],
    "average_precision": round(float(average_precision), 5),
  }


def _images_of(run):
  """Yields (truth, margin) of the validation images of a run."""
  from deeplab_ssl.prediction import predictor

  classes, ignored = run.dataset.num_classes, run.dataset.ignore_label
  if classes != 2:
    raise ValueError(f"{run.label} has {classes} classes; two are expected.")
  model = run.model()
  for example in run.examples():
    logits = predictor.predict_logits(model, example["image"]).numpy()
    labels = example["label"].numpy()[..., 0]
    valid = labels != ignored
    yield labels[valid] == 1, (logits[..., 1] - logits[..., 0])[valid]


class _Place(NamedTuple):
  """Where a run is, and what its suite calls it."""

  folder: pathlib.Path
  row: str
  seed: str
  method: str

  @classmethod
  def of(cls, model_dir, name):
    from deeplab_ssl.reproduction import suites

    row, _, seed = name.rpartition("/seed")
    suite_name, _, setting_and_row = row.partition("/")
    if not setting_and_row or not seed.isdecimal():
      raise ValueError(f"{name}: SUITE/SETTING/ROW/seedN is expected.")
    suite = suites.load_suite(suite_name, str(config_files.shipped_dir()))
    methods = {suite.short_name(r): r.method for r in suite.rows}
    if setting_and_row not in methods:
      raise ValueError(f"{name}: the suite has only {list(methods)}.")
    folder = pathlib.Path(model_dir, name)
    if not (folder / "scores.json").exists():
      raise ValueError(f"{folder} has no scores.json: reproduce it first.")
    return cls(folder, row, seed, methods[setting_and_row])


def _measure(place):
  from deeplab_ssl.runs import trained_run

  found = scores(
    _images_of(trained_run.TrainedRun.open(str(place.folder), "last"))
  )
  evaluated = json.loads((place.folder / "scores.json").read_text())["mean_iou"]
  if abs(evaluated - found["mean_iou"]) > _SAME:
    raise ValueError(
      f"{place.folder} was evaluated otherwise, or at another checkpoint: "
      f"mean IoU {evaluated:.5f} instead of {found['mean_iou']:.5f}."
    )
  print(f"{place.folder}: {found}", flush=True)
  return found


def measure(model_dir: str, names: Sequence[str]) -> dict:
  """Returns the record of some runs, of the form of a suite's.

  Args:
    model_dir: the folder above their directories.
    names: of the runs, such as "vessels/stride_4/ce/seed1".

  Raises:
    ValueError: for a name of another form, a row of no suite, a run that is
      not there, has more than two classes or was evaluated otherwise, and as
      `scores` does.
  """
  rows = {}
  # All names are looked at before the first run, which takes its time.
  for place in [_Place.of(model_dir, name) for name in names]:
    kept = rows.setdefault(place.row, {"method": place.method, "runs": {}})
    kept["runs"][f"seed {place.seed}"] = _measure(place)
  return {"rows": rows}


def main(argv):
  """Writes the record."""
  if len(argv) < 2:
    raise app.UsageError("Give runs below --model_dir, as SUITE/.../seedN.")
  environment.prepare(training=False)
  from deeplab_ssl.reproduction import records

  try:
    record = measure(flags.FLAGS[_MODEL_DIR].value, argv[1:])
  except (OSError, ValueError) as error:
    raise app.UsageError(str(error)) from error
  text = records.as_text(record)
  atomic_files.write(pathlib.Path(flags.FLAGS[_OUTPUT].value), text.encode())


if __name__ == "__main__":
  flags.DEFINE_string(_MODEL_DIR, None, "Folder above the runs.", required=True)
  flags.DEFINE_string(_OUTPUT, None, "JSON file to write.", required=True)
  app.run(main)
