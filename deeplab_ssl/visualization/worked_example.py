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

"""The worked example of Fig. 2, as numbers and as a picture."""

import os
from typing import NamedTuple

import matplotlib.figure
import numpy as np

from deeplab_ssl.visualization import images

# Ground truth and prediction of one class in a window of 3x3 (Fig. 2).
_TRUTH = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
_PREDICTION = np.array([[0.1, 0.1, 0.1], [0.8, 0.8, 0.9], [0.8, 0.9, 0.8]])


class WorkedExample(NamedTuple):
  """The maps of the example, float64 `[3, 3]`.

  Attributes:
    truth: y.
    prediction: p.
    truth_normalized: (y - mu_y) / sigma_y over the whole window.
    prediction_normalized: the same of p.
    cross_entropy: binary cross entropy of each pixel.
    reweighted: the same, weighted by e = |y_nor - p_nor|.
  """

  truth: np.ndarray
  prediction: np.ndarray
  truth_normalized: np.ndarray
  prediction_normalized: np.ndarray
  cross_entropy: np.ndarray
  reweighted: np.ndarray


def worked_example() -> WorkedExample:
  """Computes the example: uniform weights over the window, C4 = 0."""
  y, p = _TRUTH, _PREDICTION
  normalized = [(x - x.mean()) / x.std() for x in (y, p)]
  bce = -(y * np.log(p) + (1 - y) * np.log(1 - p))
  error = np.abs(normalized[0] - normalized[1])
  return WorkedExample(y, p, *normalized, bce, error * bce)


def centre_share(values: np.ndarray) -> float:
  """Returns the share of the centre pixel in the sum of a `[3, 3]` map."""
  return float(values[1, 1] / values.sum())


def describe(example: WorkedExample) -> str:
  """Returns the two sentences below Fig. 2, with numbers computed here."""
  return "\n".join(
    f"{name}: total {values.sum():.4f}, centre pixel "
    f"{100 * centre_share(values):.2f} %"
    for name, values in (
      ("binary cross entropy", example.cross_entropy),
      ("reweighted by e", example.reweighted),
    )
  )


def save_worked_example(path: str | os.PathLike) -> None:
  """Draws the six maps of the example with their numbers."""
  example = worked_example()
  titles = {
    "truth": "ground truth y",
    "truth_normalized": "normalised y",
    "cross_entropy": _title("cross entropy", example.cross_entropy),
    "prediction": "prediction p",
    "prediction_normalized": "normalised p",
    "reweighted": _title("reweighted", example.reweighted),
  }
  figure = matplotlib.figure.Figure(figsize=(8.4, 5.8), layout="constrained")
  axes = figure.subplots(2, 3).flat
  for axis, (name, title) in zip(axes, titles.items(), strict=True):
    values = getattr(example, name)
    axis.imshow(values, cmap="Blues", vmin=min(0, values.min()))
    middle = (values.max() + min(0, values.min())) / 2
    for (i, j), value in np.ndenumerate(values):
      axis.text(
        j,
        i,
        f"{value:.2f}",
        ha="center",
        va="center",
        color="white" if value > middle else "black",
        weight="bold" if (i, j) == (1, 1) else "normal",
      )
    axis.set_title(title, fontsize=10)
    axis.set_xticks([])
    axis.set_yticks([])
  images.save_figure(path, figure)


def _title(name, values):
  share = 100 * centre_share(values)
  return f"{name}: {values.sum():.3f}, centre {share:.0f} %"
