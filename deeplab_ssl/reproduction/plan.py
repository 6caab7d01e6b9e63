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

"""What has to be run for rows: commands and folders, nothing run."""

from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import os
import pathlib
import re
from typing import Any

import yaml

from deeplab_ssl.reproduction import override_text
from deeplab_ssl.reproduction import suites
from deeplab_ssl.reproduction import tables

# Would be taken for syntax within `--params_override`.
_UNFIT = re.compile(r"""[,\[\]{}'"=:#]|^\d+$""")

# So that the checkpoints of all points are there when they are evaluated.
_SET_BY_CURVE = ("trainer.checkpoint_interval", "trainer.max_to_keep")


@dataclasses.dataclass(frozen=True)
class Places:
  """Folders of a reproduction.

  Attributes:
    model_dir: gets the runs, as SUITE/[SETTING/]RUN/seedN/, and the trainings
      that rows share, as SUITE/NAME/seedN/.
    configs_dir: the configurations.
    data_dir: holds a folder of records per data set.
    checkpoint_dir: holds a folder per checkpoint.
  """

  model_dir: str
  configs_dir: str
  data_dir: str = "data"
  checkpoint_dir: str = "checkpoints"


def _module(command, runner):
  return ["-m", runner, command] if runner else ["-m", command]


@dataclasses.dataclass(frozen=True)
class Training:
  """One stage of one run.

  Attributes:
    directory: its `--model_dir`.
    steps: how many steps it takes.
    stage: the stage, for its experiment and files.
    overrides: {key: value}, all that is overridden.
    runner: module that runs the command; "" for none.
  """

  directory: str
  steps: int
  stage: suites.Stage
  overrides: Mapping[str, Any]
  runner: str = ""

  @property
  def command(self) -> list[str]:
    """Arguments of Python."""
    return [
      *_module("deeplab_ssl.train", self.runner),
      f"--experiment={self.stage.experiment}",
      *(f"--config_file={path}" for path in self.stage.config_files),
      f"--params_override={override_text.text_of(self.overrides)}",
      "--mode=train",
      f"--model_dir={self.directory}",
    ]


@dataclasses.dataclass(frozen=True)
class Run:
  """One seed of one row.

  Attributes:
    seed: the seed.
    trainings: its stages.
    evaluation: {flag of `deeplab_ssl.evaluate`: value}.
    curve: whether all checkpoints of the last stage are evaluated.
    start: the shared training from which the last stage starts, as a run of
      its own; None without one.
  """

  seed: int
  trainings: tuple[Training, ...]
  evaluation: Mapping[str, Any]
  curve: bool = False
  start: "Run | None" = None

  @property
  def directory(self) -> str:
    """Directory of the last stage."""
    return self.trainings[-1].directory

  @property
  def scores(self) -> str:
    """File of the scores."""
    options = "".join(f"_{k}_{v}" for k, v in self.evaluation.items())
    return os.path.join(self.directory, f"scores{options}.json")

  @property
  def evaluation_command(self) -> list[str]:
    """Arguments of Python."""
    return [
      *_module("deeplab_ssl.evaluate", self.trainings[-1].runner),
      f"--model_dir={self.directory}",
      "--curve" if self.curve else "--checkpoint=last",
      "--boundary",
      *(f"--{flag}={value}" for flag, value in self.evaluation.items()),
      f"--output={self.scores}",
    ]


@dataclasses.dataclass(frozen=True)
class PlannedRow:
  """A row and its runs, one for each seed."""

  row: tables.Row
  runs: tuple[Run, ...]


@dataclasses.dataclass(frozen=True)
class Part:
  """Rows of one suite that are planned together.

  Attributes:
    title: what they are.
    suite: how they are run.
    planned: the rows, and the starts that they have in common.
  """

  title: str
  suite: suites.Suite
  planned: tuple[PlannedRow, ...]


def plan_rows(
  rows: Sequence[tables.Row],
  suite: suites.Suite,
  places: Places,
  *,
  seeds: Sequence[int] = (),
  overrides: Mapping[str, Any] | None = None,
) -> list[PlannedRow]:
  """Plans rows.

  In a miniature suite all settings are one, so that rows that differ in the
  setting alone are the same runs; the first of them is planned. A training that
  rows share and that is their start is a row of its own, before them.

  Args:
    rows: the rows.
    suite: how they are run.
    places: folders.
    seeds: seeds instead of those of the suite.
    overrides: {key: value} that win over everything.

  Returns:
    The planned rows, in order.

  Raises:
    ValueError: if a folder or a number of steps cannot be planned with.
  """
  for folder in dataclasses.astuple(places):
    if _UNFIT.search(folder):
      raise ValueError(
        "A folder of a reproduction must have a name that an override can "
        "hold: no comma, bracket, quote, =, : or # and not only digits. "
        f"Received: {folder!r}"
      )
  planned, seen = [], set()

  def add(row, runs, once):
    if not (once and runs[0].scores in seen):
      planned.append(PlannedRow(row, runs))
    seen.add(runs[0].scores)

  for row in rows:
    runs = tuple(
      _plan_run(row, suite, places, seed, overrides or {})
      for seed in seeds or suite.seeds
    )
    starts = tuple(run.start for run in runs if run.start)
    if starts:
      add(_start_row(row, suite), starts, once=True)
    add(row, runs, once=suite.miniature)
  return planned


def _start_row(row, suite):
  """The row of the shared training from which a row goes on."""
  shared = [s.shared for s in suite.setting_of(row).stages if s.shared]
  return tables.Row(shared[-1], row.setting, row.model, "start", {})


def _plan_run(row, suite, places, seed, overrides):
  setting = suite.setting_of(row)
  trainings, start = [], None
  checkpoint = setting.checkpoint and os.path.join(
    places.checkpoint_dir, setting.checkpoint
  )
  for number, stage in enumerate(setting.stages, 1):
    own = not stage.shared
    training = _plan_training(
      stage,
      _directory(row, suite, places, seed, number),
      {
        **stage.overrides,
        **(row.overrides if own else {}),
        "task.train_data.input_path": records_dir(suite, setting, places),
        "task.train_data.seed": seed,
        **({"task.init_checkpoint": checkpoint} if checkpoint else {}),
        **overrides,
      },
      [os.path.join(places.configs_dir, f) for f in stage.config_files],
      suite.curve if row.curve or not own else 0,
      row.runner if own else "",
    )
    trainings.append(training)
    checkpoint = training.directory
    if stage.shared:
      evaluation = dict(setting.evaluation)
      start = Run(seed, tuple(trainings), evaluation, bool(suite.curve))
  evaluation = {**setting.evaluation, **row.evaluation}
  if "crf_steps" in evaluation and suite.crf != "window":
    evaluation["crf"] = suite.crf
  # With an evaluation of its own, a row is another look at a training.
  curve = bool(suite.curve) and row.curve and not row.evaluation
  return Run(seed, tuple(trainings), evaluation, curve, start)


def _directory(row, suite, places, seed, number):
  """Returns where a stage of a row is trained; the first has number 1."""
  stages = suite.setting_of(row).stages
  root = pathlib.Path(places.model_dir, suite.name)
  shared = stages[number - 1].shared
  if shared:
    return str(root / shared / f"seed{seed}")
  if not suite.miniature:
    root /= row.setting
  root = root / row.run / f"seed{seed}"
  several = sum(not stage.shared for stage in stages) > 1
  return str(root / f"stage{number}" if several else root)


def _plan_training(stage, directory, wanted, config_files, curve, runner):
  """Returns the `Training`, which keeps the checkpoints of its curve."""
  stage = dataclasses.replace(stage, config_files=tuple(config_files))
  steps = _value(stage, wanted, "trainer.train_steps")
  if not isinstance(steps, int):
    raise ValueError(
      f"trainer.train_steps must be an integer. Received: {steps!r}"
    )
  if curve:
    for key in _SET_BY_CURVE:
      if key in wanted:
        raise ValueError(
          f"{key} is set by the curve of the suite. Received: {wanted[key]!r}; "
          "leave it out."
        )
    if steps % curve:
      raise ValueError(
        f"trainer.train_steps must be a multiple of {curve}, the points of the "
        f"suite's curve. Received: {steps}."
      )
    wanted |= dict(zip(_SET_BY_CURVE, (steps // curve, curve), strict=True))
  return Training(directory, steps, stage, wanted, runner)


def records_dir(
  suite: suites.Suite, setting: suites.Setting, places: Places
) -> str:
  """Returns the folder of a setting's records."""
  if suite.data[setting.data].scenes:
    made = pathlib.Path(places.model_dir, suite.name, "data", "records")
    return str(made)
  return os.path.join(places.data_dir, setting.data)


def _value(stage, overrides, key):
  """Looks a key up in the overrides, then in the files, the last one first."""
  if key in overrides:
    return overrides[key]
  for path in reversed(stage.config_files):
    value = override_text.nested(
      yaml.safe_load(pathlib.Path(path).read_text()), key
    )
    if value is not None:
      return value
  raise ValueError(
    f"{key} is neither overridden nor in {list(stage.config_files)}."
  )
