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

"""Opens finished runs of suites, for what is measured beside their scores.

A run is named as its suite has it, "vessels/stride_4/bce/seed1", below the
folder that `deeplab_ssl.reproduce --model_dir` was given. Its last checkpoint
is asked about its validation images at the scales of the suite.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import functools
import json
import pathlib
from typing import Any
from typing import NamedTuple

from absl import app
from absl import flags
import numpy as np

from benchmarks import suite_record
from deeplab_ssl.cli import environment
from deeplab_ssl.common import atomic_files
from deeplab_ssl.common import config_files

_MODEL_DIR, _OUTPUT = "model_dir", "output"
# By which the scores of a run may differ; they are rounded here.
_SAME = 1e-5


class Image(NamedTuple):
  """What a network of two classes says of an image.

  Attributes:
    truth: bool `[height, width]`, whether a pixel is of the second class.
    margin: float32 `[height, width]`, the second logit minus the first.
    valid: bool `[height, width]`, whether a pixel has a label.
  """

  truth: np.ndarray
  margin: np.ndarray
  valid: np.ndarray


Measurement = Callable[[Iterable[Image]], Mapping[str, Any]]


def mean_iou(matrix: np.ndarray) -> float:
  """Returns the mean IoU of two classes.

  Args:
    matrix: int64 `[2, 2]`, rows are the truth, columns the prediction.
  """
  from deeplab_ssl.evaluation import metrics

  return metrics.Scores(matrix, ("first", "second")).mean_iou


class _Place(NamedTuple):
  """Where a run and its scores are, and what its suite says of it."""

  folder: str
  scores: str
  row: str
  seed: str
  method: str
  scales: tuple[float, ...]

  @classmethod
  def of(cls, model_dir, name):
    from deeplab_ssl.reproduction import plan
    from deeplab_ssl.reproduction import suites

    row_name, _, seed = name.rpartition("/seed")
    suite_name, _, short_name = row_name.partition("/")
    if not short_name or not seed.isdecimal():
      raise ValueError(f"{name}: SUITE/SETTING/ROW/seedN is expected.")
    configs_dir = str(config_files.shipped_dir())
    suite = suites.load_suite(suite_name, configs_dir)
    rows = {suite.short_name(row): row for row in suite.rows}
    if short_name not in rows:
      raise ValueError(f"{name}: the suite has only {list(rows)}.")
    row = rows[short_name]
    places = plan.Places(model_dir, configs_dir)
    # The start of a row, if it has one, is planned before it.
    *_, planned = plan.plan_rows([row], suite, places, seeds=[int(seed)])
    (run,) = planned.runs
    if not pathlib.Path(run.scores).exists():
      raise ValueError(f"There is no {run.scores}: reproduce it first.")
    scales = _scales(run.evaluation)
    return cls(run.directory, run.scores, row_name, seed, row.method, scales)


def _scales(evaluation):
  """The scales at which a suite evaluates."""
  unknown = set(evaluation) - {"eval_scales"}
  if unknown:
    raise ValueError(
      f"Runs evaluated with {', '.join(sorted(unknown))} are not known here, "
      "only with eval_scales."
    )
  scales = str(evaluation.get("eval_scales", 1.0)).split(",")
  return tuple(map(float, scales))


def images_of(run, scales: Sequence[float] = (1.0,)) -> Iterator[Image]:
  """Yields the validation images of a run.

  Args:
    run: a `trained_run.TrainedRun`.
    scales: at which they are shown to the model.

  Raises:
    ValueError: if the run has more than two classes.
  """
  from deeplab_ssl.prediction import views

  classes, ignored = run.dataset.num_classes, run.dataset.ignore_label
  if classes != 2:
    raise ValueError(f"{run.label} has {classes} classes; two are expected.")
  model = run.model()
  rule = views.Views(scales=tuple(scales), activation=run.activation)
  for example in run.examples():
    logits = rule(model, example["image"]).numpy()[0]
    labels = example["label"].numpy()[0, ..., 0]
    yield Image(labels == 1, logits[..., 1] - logits[..., 0], labels != ignored)


def _measured(place, measurement):
  from deeplab_ssl.runs import trained_run

  run = trained_run.TrainedRun.open(place.folder, "last")
  found = measurement(images_of(run, place.scales))
  evaluated = json.loads(pathlib.Path(place.scores).read_text())["mean_iou"]
  if abs(evaluated - found["mean_iou"]) > _SAME:
    raise ValueError(
      f"{place.folder} was evaluated otherwise, or at another checkpoint: "
      f"mean IoU {evaluated:.5f} instead of {found['mean_iou']:.5f}."
    )
  print(f"{place.folder}: {found}", flush=True)
  return found


def measure(
  model_dir: str, names: Sequence[str], measurement: Measurement
) -> Iterator[dict]:
  """Yields the record of each run, of the form of a suite's.

  Args:
    model_dir: the folder above their directories.
    names: of the runs, such as "vessels/stride_4/ce/seed1".
    measurement: what is recorded of the images of a run; its "mean_iou" has to
      be that of the run's scores.

  Raises:
    ValueError: for a name of another form or one that is given twice, a row of
      no suite, a run that is not there, has more than two classes or was
      evaluated otherwise, and as `measurement` does.
  """
  # All names are looked at before the first run, which takes its time.
  places = [_Place.of(model_dir, name) for name in names]
  for name in names:
    if names.count(name) > 1:
      raise ValueError(f"{name} is given twice.")
  for place in places:
    runs = {f"seed {place.seed}": _measured(place, measurement)}
    yield {"rows": {place.row: {"method": place.method, "runs": runs}}}


def merged(record: Mapping[str, Any], other: Mapping[str, Any]) -> dict:
  """Returns a record with the runs of another one as well.

  Raises:
    ValueError: if both have a run, with other values.
  """
  rows = {name: dict(row) for name, row in record["rows"].items()}
  for name, row in other["rows"].items():
    kept = rows.setdefault(name, row | {"runs": {}})
    for seed, run in row["runs"].items():
      if kept["runs"].get(seed, run) != run:
        raise ValueError(
          f"{name}, {seed} is recorded with other values: "
          f"{kept['runs'][seed]}. Record it elsewhere, or remove it first."
        )
    kept["runs"] = kept["runs"] | row["runs"]
  return {"rows": rows}


def main(argv: Sequence[str], measurement: Measurement) -> None:
  """Adds the runs that a command was given to its record, one after the other.

  Args:
    argv: the command and its arguments, names of runs.
    measurement: as in `measure`.

  Raises:
    app.UsageError: if there is no name, or as `measure` and `merged` do.
  """
  if len(argv) < 2:
    raise app.UsageError("Give runs below --model_dir, as SUITE/.../seedN.")
  environment.prepare(training=False)
  from deeplab_ssl.reproduction import records

  path = pathlib.Path(flags.FLAGS[_OUTPUT].value)
  try:
    record = suite_record.read(str(path)) if path.exists() else {"rows": {}}
    if "rows" not in record:
      raise ValueError(f"{path} is no record of runs by their rows.")
    model_dir = flags.FLAGS[_MODEL_DIR].value
    for found in measure(model_dir, argv[1:], measurement):
      record = merged(record, found)
      atomic_files.write(path, records.as_text(record).encode())
  except (OSError, ValueError) as error:
    raise app.UsageError(str(error)) from error


def run(measurement: Measurement) -> None:
  """Defines the flags of a command and runs `main` with its measurement.

  The flags are not defined before: a test that imports a command has the flags
  of others.
  """
  flags.DEFINE_string(_MODEL_DIR, None, "Folder above the runs.", required=True)
  flags.DEFINE_string(_OUTPUT, None, "JSON file to write.", required=True)
  app.run(functools.partial(main, measurement=measurement))
