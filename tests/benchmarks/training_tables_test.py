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

"""Tables of trainings are those of their curves and logs."""

import numpy as np
import pytest

from benchmarks import training_tables
from deeplab_ssl.losses import structural_settings

_TRAIN = "python -m deeplab_ssl.train --params_override="


def _curve(steps, *values):
  return {"curve": {"step": steps, "mean_iou": list(values)}}


def test_a_curve_has_a_row_for_each_step_and_its_differences():
  ssl = {
    "seed 1": _curve([0, 10, 15, 20], 0.25, 0.5, 0.5, 0.75),
    "seed 2": _curve([0, 10, 20], 0.25, 0.25, 0.5),
    "seed 3": {"mean_iou": 0.5},
  }
  bce = {
    "seed 2": _curve([0, 10], 0.25, 0.125),
    "seed 1": _curve([0, 10], 0.25, 0.5),
  }
  suite = {"SSL": ssl, "BCE": bce, "old": {"seed 1": {"mean_iou": 0.5}}}
  # At step 10 0 and 12.5, at 15 one seed alone, at 20 no baseline.
  half = 12.706 * 6.25
  lines = training_tables.curve_table(suite, {"BCE": bce})
  assert lines == [
    "| step | SSL | SSL minus BCE | BCE |",
    "| --- | --- | --- | --- |",
    "| 0 | 25.00 | +0.00 ± 0.00 | 25.00 |",
    f"| 10 | 37.50 | +6.25 ± {half:.2f} | 31.25 |",
    "| 20 | 62.50 |  |  |",
  ]
  assert training_tables.curve_table({"SSL": ssl}, {})[0] == "| step | SSL |"
  assert not training_tables.curve_table({"old": suite["old"]}, {"BCE": bce})
  assert not training_tables.curve_table(suite, {}, "mean_boundary_iou")


# Gradients of the two terms, in a space of three logits.
_BCE, _STRUCTURAL = np.array([1.0, 2.0, 2.0]), np.array([-3.0, 0.0, 4.0])


def _degrees(weight):
  whole = weight * _BCE + (1 - weight) * _STRUCTURAL
  cosine = whole @ _BCE / np.linalg.norm(whole) / np.linalg.norm(_BCE)
  return np.degrees(np.arccos(cosine))


def _logged_run(**logged):
  norms = np.linalg.norm(_BCE), np.linalg.norm(_STRUCTURAL)
  return {
    "iou": {"a": 0.5},
    "curve": {"step": [0, 10, 20]},
    "logged": {
      "hard_fraction": [0.5, 0.5],
      "cross_entropy_gradient": [norms[0]] * 2,
      "structural_gradient": [norms[1]] * 2,
      "gradient_cosine": [_BCE @ _STRUCTURAL / norms[0] / norms[1]] * 2,
      **logged,
    },
  }


def _angle(**runs):
  return training_tables.log_table({"SSL": runs})[-1].split(" | ")[-1][:-2]


@pytest.mark.parametrize(
  "overrides, weight",
  [
    ("task.losses.type=ssl", 0.5),
    ("task.losses.type=ssl,task.losses.ce_weight=0.75", 0.75),
    ("task.train_data.crop_size=[9,9],task.losses.ce_weight=1e-1", 0.1),
  ],
)
def test_the_angle_is_that_of_the_gradients_themselves(overrides, weight):
  run = _logged_run()
  # The start had another weight.
  start = f"{_TRAIN}task.losses.ce_weight=0.9 --mode=train"
  scored = "python -m deeplab_ssl.evaluate --output=ce_weight=0.3"
  run["commands"] = [start, f"{_TRAIN}'{overrides}' --mode=train", scored]
  degrees = f"{_degrees(weight):.0f}"
  assert _angle(one=run) == f"{degrees} → {degrees}"


def test_a_weight_that_is_logged_comes_first():
  run = _logged_run(ce_weight=[1.0, 0.75])
  run["commands"] = [f"{_TRAIN}task.losses.ce_weight=0.25"]
  assert _angle(one=run) == f"0 → {_degrees(0.75):.0f}"


def test_without_weight_or_gradients_there_is_no_angle():
  assert not _angle(one=_logged_run())
  command = {"commands": ["python -m deeplab_ssl.train --mode=train"]}
  run = _logged_run() | command
  assert _angle(one=run) == _angle(one=run, two=_logged_run())
  for name in ("structural_gradient", "gradient_cosine"):
    assert not _angle(one=_logged_run(**{name: [None, None]}) | command)
  # Rounding may leave a cosine above 1.
  assert _angle(one=_logged_run(gradient_cosine=[1.00001] * 2) | command) == (
    "0 → 0"
  )


def test_the_weight_is_that_of_the_loss_where_nobody_gave_one():
  settings = structural_settings.StructuralSimilaritySettings()
  run = {"commands": ["python -m deeplab_ssl.train"]}
  assert training_tables._ce_weight(run) == settings.ce_weight
