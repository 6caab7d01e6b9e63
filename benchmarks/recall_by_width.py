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

"""Tells which of the lines of an image a network finds, thin or wide ones.

  python -m benchmarks.recall_by_width --model_dir=runs \\
    --output=benchmarks/results/widths.json \\
    vessels/stride_4/bce/seed1 vessels/stride_4/ssl_3/seed1

A pixel of the second class belongs to the widest disc that lies within the
class and covers it. Discs whose middle is less than 2 pixels from the
background stand for a width of 1 or 2 pixels, those of less than 3 for 3 or 4,
and so on. In wider lines the pixels less than 2 from the background are their
border, the others their inside. Of the last checkpoint of each run, on its
validation images, these are recorded:

- "mean_iou", which has to be that of the run's scores.json;
- "widths": {group: {"pixels": how many, "recall": share that is found}};
- "even_widths": the same at the threshold at which as many pixels are predicted
  as are labelled, so that no loss finds more by predicting more.

`benchmarks.suite_table --tables=widths,even_widths` shows them. Source of the
width: the local thickness of Hildebrand and Rueegsegger, Journal of Microscopy
185 (1997).
"""

from collections.abc import Iterable

import numpy as np
from scipy import ndimage

from benchmarks import finished_runs

# Least radius of the discs of each width, in pixels.
_RADII = {"1-2 px": 1, "3-4 px": 2, "5-6 px": 3, "7 px or more": 4}
_BORDER, _INSIDE = "border", "inside"


def groups(truth: np.ndarray) -> dict[str, np.ndarray]:
  """Parts the pixels of a class by the width of the line they are in.

  Args:
    truth: bool `[height, width]`.

  Returns:
    {group: bool `[height, width]`}; each pixel of the class is in one of them.
    What lies beyond the image, or has no label, is background. A bump or a
    corner of a wide line is as thin as the disc that fits into it.
  """
  depth = ndimage.distance_transform_edt(np.pad(truth, 1))[1:-1, 1:-1]
  level = np.zeros(truth.shape, int)
  for number, radius in enumerate(_RADII.values(), 1):
    middles = depth >= radius
    if middles.any():
      reached = ndimage.distance_transform_edt(~middles) < radius
      level[truth & reached] = number
  found = {}
  for number, (name, radius) in enumerate(_RADII.items(), 1):
    of_width = level == number
    if radius == 1:
      found[name] = of_width  # All of it is border.
    else:
      found[f"{name}, {_BORDER}"] = of_width & (depth < 2)
      found[f"{name}, {_INSIDE}"] = of_width & (depth >= 2)
  return found


def _even_threshold(images):
  """The margin above which as many pixels are as are labelled."""
  margins = np.concatenate([image.margin[image.valid] for image in images])
  labelled = sum(int(image.truth.sum()) for image in images)
  return np.partition(margins, -labelled - 1)[-labelled - 1]


def _recalls(images, parts, threshold):
  """{group: {"pixels": ..., "recall": ...}} of all images together."""
  counts = {}
  for image, part in zip(images, parts, strict=True):
    found = image.margin > threshold
    for name, pixels in part.items():
      hits = counts.get(name, 0) + np.array([pixels.sum(), found[pixels].sum()])
      counts[name] = hits
  missing = [name for name, (pixels, _) in counts.items() if not pixels]
  if missing or not counts:
    raise ValueError(
      f"No image has lines of {'; '.join(missing) or 'any kind'}."
    )
  return {
    name: {"pixels": int(pixels), "recall": round(float(hits / pixels), 5)}
    for name, (pixels, hits) in counts.items()
  }


def measure(images: Iterable[finished_runs.Image]) -> dict:
  """Returns what the module says of some images.

  Raises:
    ValueError: if no image has pixels of a group, or none has background.
  """
  images = list(images)
  matrix = np.zeros([2, 2], np.int64)
  for image in images:
    cells = 2 * image.truth[image.valid] + (image.margin[image.valid] > 0)
    matrix += np.bincount(cells, minlength=4).reshape(2, 2)
  parts = [groups(image.truth) for image in images]
  widths = _recalls(images, parts, 0)
  if not matrix[0].any():
    raise ValueError("No image has background.")
  return {
    "mean_iou": round(finished_runs.mean_iou(matrix), 5),
    "widths": widths,
    "even_widths": _recalls(images, parts, _even_threshold(images)),
  }


if __name__ == "__main__":
  finished_runs.run(measure)
