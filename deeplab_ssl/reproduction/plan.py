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

"""What has to be run for rows of a table: commands and folders, nothing run."""

from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import fnmatch
import os
import pathlib
import re
from typing import Any

import yaml

from deeplab_ssl.reproduction import tables

# Would be taken for syntax within `--params_override`.
_UNFIT = re.compile(r"""[,\[\]{}'"=:#]|^\d+$""")


@dataclasses.dataclass(frozen=True)
class Places:
  """Folders of a reproduction.

  Attributes:
    model_dir: gets the runs, as SUITE/[SETTING/]RUN/seedN/.
    configs_dir: the configurations.
    data_dir: holds a folder of records per data set.
    checkpoint_dir: holds a folder per checkpoint.
  """

  model_dir: str
  configs_dir: str
  data_dir: str = "data"
  checkpoint_dir: str = "checkpoints"


@dataclasses.dataclass(frozen=True)
class Training:
  """One stage of one run.

  Attributes:
    directory: its `--model_dir`.
    steps: how many steps it takes.
    stage: the stage, for its experiment and files.
    overrides: {key: value}, all that is overridden.
  """

  directory: str
  steps: int
  stage: tables.Stage
  overrides: Mapping[str, Any]

  @property
  def command(self) -> list[str]:
    """Arguments of Python."""
    return [
      "-m",
      "deeplab_ssl.train",
      f"--experiment={self.stage.experiment}",
      *(f"--config_file={path}" for path in self.stage.config_files),
      f"--params_override={override_text(self.overrides)}",
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
  """

  seed: int
  trainings: tuple[Training, ...]
  evaluation: Mapping[str, Any]

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
      "-m",
      "deeplab_ssl.evaluate",
      f"--model_dir={self.directory}",
      "--checkpoint=last",
      "--boundary",
      *(f"--{flag}={value}" for flag, value in self.evaluation.items()),
      f"--output={self.scores}",
    ]


@dataclasses.dataclass(frozen=True)
class PlannedRow:
  """A row and its runs, one for each seed."""

  row: tables.Row
  runs: tuple[Run, ...]


def override_text(overrides: Mapping[str, Any]) -> str:
  """Returns overrides as `--params_override` takes them, `a.b=1,c=[2,3]`."""
  texts = []
  for key, value in overrides.items():
    if isinstance(value, (list, tuple)):
      value = f"[{','.join(map(str, value))}]"
    elif isinstance(value, bool):
      value = str(value).lower()
    elif value is None:
      value = "null"
    texts.append(f"{key}={value}")
  return ",".join(texts)


def parse_overrides(text: str) -> dict[str, Any]:
  """Reads `a.b=1,c=[2,3]`.

  Raises:
    ValueError: if a part is no key=value, or a key is given twice.
  """
  overrides = {}
  for part in re.split(r",(?![^\[]*\])", text) if text else ():
    key, separator, value = part.partition("=")
    if not separator:
      raise ValueError(f"Overrides must be key=value. Received: {part!r}")
    if key.strip() in overrides:
      raise ValueError(
        f"params_override gives {key.strip()} twice: leave one of them out."
      )
    overrides[key.strip()] = _scalar(value)
  return overrides


def _scalar(text):
  """Reads a value as the configurations do, where 1e-4 is a number."""
  if re.fullmatch(r"\s*[-+]?\d+(\.\d*)?[eE][-+]?\d+\s*", text):
    return float(text)
  return yaml.safe_load(text) if text else ""


def select_rows(
  table: tables.Table, patterns: Sequence[str]
) -> list[tables.Row]:
  """Returns the rows that one of the patterns names, all without a pattern.

  Args:
    table: the table.
    patterns: names or shell patterns of `Row.name` or of its part behind the
      setting, such as "ssl_*".

  Raises:
    ValueError: if a pattern names no row, listing the rows.
  """

  def named(row, pattern):
    return any(
      fnmatch.fnmatchcase(name, pattern)
      for name in (row.name, row.name.split("/", 1)[1])
    )

  for pattern in patterns:
    if not any(named(row, pattern) for row in table.rows):
      raise ValueError(
        f"Table {table.number} has no row {pattern!r}. Its rows are "
        f"{', '.join(row.name for row in table.rows)}."
      )
  return [
    row
    for row in table.rows
    if not patterns or any(named(row, pattern) for pattern in patterns)
  ]


def plan_rows(
  rows: Sequence[tables.Row],
  suite: tables.Suite,
  places: Places,
  *,
  seeds: Sequence[int] = (),
  overrides: Mapping[str, Any] | None = None,
) -> list[PlannedRow]:
  """Plans rows of a table.

  In a miniature suite all settings are one, so that rows that differ in the
  setting alone are the same runs; the first of them is planned.

  Args:
    rows: the rows.
    suite: how they are run.
    places: folders.
    seeds: seeds instead of those of the suite.
    overrides: {key: value} that win over everything.

  Returns:
    The planned rows, in order.
  """
  for folder in dataclasses.astuple(places):
    if _UNFIT.search(folder):
      raise ValueError(
        "A folder of a reproduction must have a name that an override can "
        "hold: no comma, bracket, quote, =, : or # and not only digits. "
        f"Received: {folder!r}"
      )
  planned, seen = [], set()
  for row in rows:
    runs = tuple(
      _plan_run(row, suite, places, seed, overrides or {})
      for seed in seeds or suite.seeds
    )
    if not (suite.miniature and runs[0].scores in seen):
      planned.append(PlannedRow(row, runs))
    seen.add(runs[0].scores)
  return planned


def _plan_run(row, suite, places, seed, overrides):
  setting = suite.setting_of(row)
  root = pathlib.Path(places.model_dir, suite.name)
  if not suite.miniature:
    root /= row.setting
  root = root / row.run / f"seed{seed}"
  start = setting.checkpoint and os.path.join(
    places.checkpoint_dir, setting.checkpoint
  )
  trainings = []
  for number, stage in enumerate(setting.stages, 1):
    several = len(setting.stages) > 1
    directory = str(root / f"stage{number}" if several else root)
    files = [os.path.join(places.configs_dir, f) for f in stage.config_files]
    stage = dataclasses.replace(stage, config_files=tuple(files))
    wanted = {
      **stage.overrides,
      **row.overrides,
      "task.train_data.input_path": records_dir(suite, setting, places),
      "task.train_data.seed": seed,
      **({"task.init_checkpoint": start} if start else {}),
      **overrides,
    }
    steps = _value(stage, wanted, "trainer.train_steps")
    if not isinstance(steps, int):
      raise ValueError(
        f"trainer.train_steps must be an integer. Received: {steps!r}"
      )
    trainings.append(Training(directory, steps, stage, wanted))
    start = directory
  evaluation = dict(row.evaluation)
  if "crf_steps" in evaluation and suite.crf != "window":
    evaluation["crf"] = suite.crf
  return Run(seed, tuple(trainings), evaluation)


def records_dir(
  suite: tables.Suite, setting: tables.Setting, places: Places
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
    value = nested(yaml.safe_load(pathlib.Path(path).read_text()), key)
    if value is not None:
      return value
  raise ValueError(
    f"{key} is neither overridden nor in {list(stage.config_files)}."
  )


def nested(tree: Mapping[str, Any], key: str) -> Any:
  """Returns `tree["a"]["b"]` for "a.b", None where there is none."""
  for part in key.split("."):
    if not isinstance(tree, Mapping) or part not in tree:
      return None
    tree = tree[part]
  return tree
