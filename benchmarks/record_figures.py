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

"""The figures of the recorded runs of a suite."""

from collections.abc import Mapping
import fnmatch
import statistics
from typing import Any

from benchmarks import suite_record
from deeplab_ssl.visualization import comparison

_START = "start"  # How a suite labels a start.
LABELS = {
  "mean_iou": "mean IoU, %",
  "mean_boundary_iou": "Boundary IoU, %",
  "pixel_accuracy": "pixel accuracy, %",
  "hard_fraction": "share of hard samples",
  "error_mean": "mean of e",
  "cross_entropy_gradient": "gradient of the cross entropy, norm",
  "structural_gradient": "gradient of the structural term, norm",
  "structural_gradient_max": "largest gradient of a sample",
  "gradient_cosine": "cosine between the gradients of both terms",
}
SHARES = ("hard_fraction",)  # Their axes are not cut above 0.


def select(
  content: Mapping[str, Any], setting: str, patterns: list[str]
) -> dict[str, dict[str, suite_record.Run]]:
  """Returns {label: runs} of the methods that one of the patterns names.

  Args:
    content: a file of results.
    setting: one of its settings.
    patterns: names or shell patterns; without one all methods but the starts,
      whose steps are others.

  Raises:
    ValueError: if there is no such setting, or a pattern names no method.
  """
  found = suite_record.settings(content)
  if setting not in found:
    raise ValueError(
      f"There is no setting {setting!r}, only {', '.join(map(repr, found))}."
    )
  methods = found[setting]
  for pattern in patterns:
    if not fnmatch.filter(methods, pattern):
      raise ValueError(
        f"No method is called {pattern!r}. There are {', '.join(methods)}."
      )
  if patterns:
    return suite_record.matching(content, setting, patterns)
  found = suite_record.matching(content, setting, ["*"])
  return {label: runs for label, runs in found.items() if label != _START}


def bands(
  methods: Mapping[str, Mapping[str, suite_record.Run]],
  reader: suite_record.Reader,
) -> dict[str, comparison.Band]:
  """Returns a band for each method: mean, least and greatest of the seeds.

  Methods without a curve are left out; a point needs all seeds of its method.
  """
  found = {}
  for label, runs in methods.items():
    points = suite_record.by_step(runs, reader)
    if not points:
      continue
    values = points.values()
    found[label] = comparison.Band(
      list(points),
      list(map(statistics.mean, values)),
      list(map(min, values)),
      list(map(max, values)),
    )
  return found


def difference_bands(
  methods: Mapping[str, Mapping[str, suite_record.Run]],
  baseline: Mapping[str, suite_record.Run],
  reader: suite_record.Reader,
) -> dict[str, comparison.Band]:
  """Returns the paired differences to a baseline with their 95 % intervals.

  A point needs all seeds that a method and the baseline have; with one seed,
  the band has no width.
  """
  others = {seed: reader(run) for seed, run in baseline.items()}
  found = {}
  for label, runs in methods.items():
    own = {seed: reader(run) for seed, run in runs.items() if seed in others}
    own = {seed: curve for seed, curve in own.items() if curve}
    if not own or runs is baseline:
      continue
    steps = sorted(
      set.intersection(*(set(own[s]) & set(others[s]) for s in own))
    )
    points = [
      suite_record.differences(
        {seed: curve[step] for seed, curve in own.items()},
        {seed: others[seed][step] for seed in own},
      )
      for step in steps
    ]
    means = [mean for mean, _, _ in points]
    halves = [half if half == half else 0.0 for _, half, _ in points]
    found[label] = comparison.Band(
      steps,
      means,
      [mean - half for mean, half in zip(means, halves, strict=True)],
      [mean + half for mean, half in zip(means, halves, strict=True)],
    )
  return found


def forest(
  methods: Mapping[str, Mapping[str, suite_record.Run]],
  baseline: Mapping[str, suite_record.Run],
  score: str,
) -> list[comparison.Difference]:
  """Returns the paired difference of each method to a baseline.

  Methods that share no seed with it are left out, and so is the baseline.
  """
  others = suite_record.scores(baseline, score)
  rows = []
  for label, runs in methods.items():
    own = suite_record.scores(runs, score)
    if runs is baseline or not set(own) & set(others):
      continue
    rows.append(
      comparison.Difference(label, *suite_record.differences(own, others))
    )
  return rows


def titled(
  rows: list[comparison.Difference], title: str
) -> list[comparison.Difference]:
  """Returns rows of a forest with a title before their labels, if it is one."""
  if not title:
    return rows
  return [
    row._replace(label=f"{title}: {row.label}", method=row.label)
    for row in rows
  ]


def axis_label(score: str) -> str:
  """Returns how an axis calls a score, or a scalar of the training log."""
  if score.startswith("trimap_"):
    return f"mean IoU within {score.removeprefix('trimap_')} px, %"
  return LABELS.get(score, score)
