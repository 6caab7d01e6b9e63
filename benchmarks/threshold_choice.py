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

import numpy as np

from benchmarks import finished_runs

_THRESHOLDS = np.linspace(-20.0, 20.0, 801)


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


def _best(counts):
  """Number of the best threshold, the middle one of those equally good."""
  if not counts[0].sum(1).all():
    raise ValueError("Half of the images has pixels of one class alone.")
  found = np.array(list(map(finished_runs.mean_iou, counts)))
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
    "mean_iou": round(finished_runs.mean_iou(counts[:, zero].sum(0)), 5),
    "mean_iou_chosen": round(finished_runs.mean_iou(matrix), 5),
    "thresholds": [round(float(_THRESHOLDS[i]), 2) for i in chosen],
    "average_precision": round(float(average_precision), 5),
  }


def measure(images: Iterable[finished_runs.Image]) -> dict:
  """Returns the `scores` of the labelled pixels of some images."""
  return scores((i.truth[i.valid], i.margin[i.valid]) for i in images)


if __name__ == "__main__":
  finished_runs.run(measure)
