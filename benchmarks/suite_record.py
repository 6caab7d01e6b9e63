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

"""Reads the recorded runs of a suite, for its tables and figures."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import fnmatch
import json
from typing import Any

from deeplab_ssl.reproduction import search as search_lib
from deeplab_ssl.reproduction import statistics

# A record of `deeplab_ssl.reproduction.records`, or an older one with scores
# alone.
Run = dict[str, Any]
# {name of a method: {"seed N": run}}.
Methods = dict[str, dict[str, Run]]
# Which curve of a run: {step: value}.
Reader = Callable[[Mapping[str, Any]], dict[int, float]]

_SPLIT = "+split="
_TRIMAP = "trimap_"


def read(path: str) -> dict[str, Any]:
  """Returns the content of a file of results.

  Raises:
    ValueError: if it holds no runs.
  """
  with open(path, encoding="utf-8") as file:
    content = json.load(file)
  if not isinstance(content, dict) or not content:
    raise ValueError(f"{path} holds no recorded runs.")
  return content


def settings(content: Mapping[str, Any]) -> dict[str, Methods]:
  """Returns {setting: methods} of a file, without the rows of a search.

  Rows are compared within a setting. A suite without settings, and a file that
  has methods alone, has one that is called "".
  """
  if "rows" not in content:
    return {"": dict(content)}
  found: dict[str, Methods] = {}
  for name, row in content["rows"].items():
    setting, _, method = name.rpartition("/")
    if _SPLIT not in name:
      found.setdefault(setting, {})[method] = row["runs"]
  return found


def label_of(content: Mapping[str, Any], setting: str, method: str) -> str:
  """Returns how a figure calls a method: as its suite does, or its name."""
  name = f"{setting}/{method}" if setting else method
  row = content.get("rows", {}).get(name)
  return row["method"] if row else method


def is_named(method: str, patterns: Sequence[str]) -> bool:
  """Returns whether one of the names or shell patterns names a method."""
  return any(fnmatch.fnmatchcase(method, pattern) for pattern in patterns)


def matching(
  content: Mapping[str, Any], setting: str, patterns: Sequence[str]
) -> Methods:
  """Returns {label: runs} of the methods of a setting that a pattern names.

  Args:
    content: a file of results.
    setting: one of its settings.
    patterns: names or shell patterns of methods.

  Returns:
    The methods in the order of the file, each by its `label_of`.
  """
  return {
    label_of(content, setting, name): runs
    for name, runs in settings(content)[setting].items()
    if is_named(name, patterns)
  }


def score(run: Mapping[str, Any], name: str) -> float:
  """Returns a score in percent.

  Args:
    run: a run, or one of `at_points`.
    name: "mean_iou", "mean_boundary_iou", "pixel_accuracy" or "trimap_W", the
      mean IoU within W pixels of a boundary.

  Raises:
    ValueError: if the run does not have it.
  """
  try:
    if name.startswith(_TRIMAP):
      return 100 * run["trimap_mean_iou"][name.removeprefix(_TRIMAP)]
    return 100 * run[name]
  except KeyError as error:
    raise ValueError(
      f"A run has no score {name!r} ({error}); mean_iou, pixel_accuracy, "
      "mean_boundary_iou and trimap_1 are such."
    ) from error


def scores(runs: Mapping[str, Run], name: str) -> dict[str, float]:
  """Returns {seed: score in percent} of a method."""
  return {seed: score(run, name) for seed, run in runs.items()}


def curve(run: Mapping[str, Any], name: str) -> dict[int, float]:
  """Returns {step: score in percent} of a run; empty without a curve.

  Raises:
    ValueError: if the curve does not have the score.
  """
  if "curve" not in run:
    return {}
  points = run["curve"]
  return {
    step: score(_point(points, number), name)
    for number, step in enumerate(points["step"])
  }


def _point(points, number):
  """The scores of one point of a curve, as those of a run."""
  trimaps = points.get("trimap_mean_iou", {})
  return {
    name: values[number]
    for name, values in points.items()
    if name != "trimap_mean_iou"
  } | {"trimap_mean_iou": {w: values[number] for w, values in trimaps.items()}}


def logged(run: Mapping[str, Any], name: str) -> dict[int, float]:
  """Returns {step: mean since the point before} of a scalar of the log."""
  if name not in run.get("logged", {}):
    return {}
  # The log begins behind the start, which is at step 0.
  steps = [step for step in run["curve"]["step"] if step]
  values = zip(steps, run["logged"][name], strict=True)
  return {step: value for step, value in values if value is not None}


def by_step(runs: Mapping[str, Run], reader: Reader) -> dict[int, list[float]]:
  """Returns {step: values of the seeds} of a curve, steps rising.

  Args:
    runs: {seed: run}; those without the curve are left out.
    reader: returns the curve of a run, such as `curve` or `logged` of a name.

  Returns:
    The steps that all the others have; empty if none has the curve.
  """
  curves = [found for found in map(reader, runs.values()) if found]
  if not curves:
    return {}
  steps = sorted(set.intersection(*(set(found) for found in curves)))
  return {step: [found[step] for found in curves] for step in steps}


def differences(
  values: Mapping[str, float], others: Mapping[str, float]
) -> tuple[float, float, int]:
  """Returns mean, half of the 95 % interval and number of the pairs.

  Args:
    values: {seed: score}.
    others: {seed: score}, of what is subtracted.

  Raises:
    ValueError: if they have no seed in common.
  """
  pairs = statistics.common_seeds(values, others)
  if not pairs[0]:
    raise ValueError("There is no seed that both methods have.")
  return *statistics.paired_difference(*pairs), len(pairs[0])


@dataclasses.dataclass(frozen=True)
class Choice:
  """What a search chose for a method.

  Attributes:
    value: the value that was chosen.
    tried: {value: mean score on the split of the choice}, in percent.
    reported: {value: {seed: run}} on the other split.
  """

  value: str
  tried: Mapping[str, float]
  reported: Mapping[str, Mapping[str, Run]]

  @property
  def runs(self) -> Mapping[str, Run]:
    """{seed: run} of the value that was chosen, on the other split."""
    return self.reported[self.value]


def tuned(
  content: Mapping[str, Any], setting: str, name: str
) -> dict[str, Choice]:
  """Makes the choices of a search.

  Args:
    content: a file of results.
    setting: one of its settings.
    name: the score by which is chosen.

  Returns:
    {method: choice} of the methods of which all values have a run; empty
    without a search. The choice is by the mean over the seeds that all values
    have.
  """
  search = content.get("search")
  found = {}
  for row, trainings in (search["rows"] if search else {}).items():
    of_row, _, method = row.rpartition("/")
    if of_row != setting:
      continue
    tried, reported = {}, {}
    for value, training in trainings.items():
      on_chosen, reported[value] = (
        content["rows"].get(f"{training}{_SPLIT}{split}", {"runs": {}})["runs"]
        for split in (search["choose_on"], search["report_on"])
      )
      tried[value] = scores(on_chosen, name)
    seeds = sorted(set.intersection(*(set(of) for of in tried.values())))
    if seeds:
      value = search_lib.choose(tried, seeds)
      means = {
        v: statistics.spread([of[seed] for seed in seeds])[0]
        for v, of in tried.items()
      }
      found[method] = Choice(value, means, reported)
  return found
