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

"""The paper's tables and the suites that run them, as read from YAML."""

from collections.abc import Mapping
import dataclasses
import os
import pathlib
from typing import Any

import yaml

from deeplab_ssl.common import suggestions
from deeplab_ssl.common import yaml_keys

TABLES = (1, 2, 3, 4, 5, 6)


@dataclasses.dataclass(frozen=True)
class Row:
  """One row of a table.

  Attributes:
    run: name of the training; rows of one name and setting share it.
    setting: which of the paper's experimental setups it has (Sec. 4.1).
    model: as the table calls it.
    method: as the table calls it.
    overrides: {configuration key: value} on top of the setting.
    size: region or kernel size as the table shows it.
    evaluation: {flag of `deeplab_ssl.evaluate`: value}.
    paper: mean IoU in percent, None if the row is ours.
    paper_classes: IoU per class in percent.
    note: what a reader has to know of the row.
  """

  run: str
  setting: str
  model: str
  method: str
  overrides: Mapping[str, Any]
  size: int | str | None = None
  evaluation: Mapping[str, Any] = dataclasses.field(default_factory=dict)
  paper: float | None = None
  paper_classes: tuple[float, ...] = ()
  note: str = ""

  @property
  def name(self) -> str:
    """What `--rows` calls it, e.g. "voc2012_v3/ce+crf_steps=5"."""
    options = "".join(f"+{k}={v}" for k, v in self.evaluation.items())
    return f"{self.setting}/{self.run}{options}"


@dataclasses.dataclass(frozen=True)
class Table:
  """A table of the paper.

  Attributes:
    number: its number.
    title: what it shows.
    dataset: registered name, for the names of the classes.
    rows: in the paper's order.
  """

  number: int
  title: str
  dataset: str
  rows: tuple[Row, ...]


@dataclasses.dataclass(frozen=True)
class Stage:
  """One training: what `deeplab_ssl.train` is given."""

  experiment: str = "deeplab_ssl"
  config_files: tuple[str, ...] = ()
  overrides: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Setting:
  """Data, start and stages of a training.

  Attributes:
    data: key of the suite's `data`.
    stages: trainings, each of which starts from the one before.
    checkpoint: key of the suite's `checkpoints`, from which the first stage
      starts; None for random weights.
  """

  data: str
  stages: tuple[Stage, ...]
  checkpoint: str | None = None


@dataclasses.dataclass(frozen=True)
class Data:
  """Records that a suite needs.

  Attributes:
    splits: {split: number of records}.
    advice: how to make them, for an error message.
    scenes: {argument of `digit_scenes.make_records`: value} of data that are
      made on the spot; then nothing is needed.
  """

  splits: Mapping[str, int] = dataclasses.field(default_factory=dict)
  advice: str = ""
  scenes: Mapping[str, int] | None = None


@dataclasses.dataclass(frozen=True)
class Suite:
  """How the rows are run: on the paper's data, or in miniature.

  Attributes:
    name: name of the suite.
    seeds: a run is trained once for each.
    settings: {setting of a row: how it is trained}; "any" stands for all.
    data: {name: records}.
    checkpoints: {name: where to get it}; "{folder}" in it stands for the
      folder where it is looked for.
    crf: "window" or "dense", the CRF of the rows that have one.
  """

  name: str
  seeds: tuple[int, ...]
  settings: Mapping[str, Setting]
  data: Mapping[str, Data]
  checkpoints: Mapping[str, str] = dataclasses.field(default_factory=dict)
  crf: str = "window"

  @property
  def miniature(self) -> bool:
    """Whether one setting stands for all of the paper's."""
    return "any" in self.settings

  def setting_of(self, row: Row) -> Setting:
    """Returns how a row is trained in this suite."""
    return self.settings["any" if self.miniature else row.setting]


def _build(cls, values, where):
  """Makes a dataclass of a YAML mapping; refuses unknown and missing keys."""
  if not isinstance(values, Mapping):
    raise ValueError(f"{where} must be a mapping. Received: {values!r}")
  fields = {field.name: field for field in dataclasses.fields(cls)}
  for key in values:
    if key not in fields:
      hint = suggestions.did_you_mean(str(key), fields)
      raise ValueError(f"{where} has the unknown key {key!r}.{hint}")
  needed = [
    name
    for name, field in fields.items()
    if field.default is dataclasses.MISSING
    and field.default_factory is dataclasses.MISSING
    and name not in values
  ]
  if needed:
    raise ValueError(f"{where} lacks {', '.join(needed)}")
  return cls(
    **{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
  )


def _read(path):
  if not path.exists():
    raise FileNotFoundError(
      f"There is no {path}. Give a --configs_dir that holds `tables` and "
      "`suites`, or leave it out for those of the package."
    )
  text = path.read_text()
  yaml_keys.check(text, str(path))
  return yaml.safe_load(text)


def load_table(number: int, configs_dir: str | os.PathLike) -> Table:
  """Reads a table of the paper.

  Args:
    number: 1 to 6.
    configs_dir: folder with `tables/tableN.yaml`.

  Returns:
    The `Table`.

  Raises:
    FileNotFoundError: if there is no such file.
    ValueError: if a key is unknown or missing.
  """
  path = pathlib.Path(configs_dir, "tables", f"table{number}.yaml")
  values = _read(path)
  rows = [
    _build(Row, row, f"{path}, row {i}")
    for i, row in enumerate(values.get("rows", ()), 1)
  ]
  return _build(Table, values | {"number": number, "rows": rows}, str(path))


def load_suite(name: str, configs_dir: str | os.PathLike) -> Suite:
  """Reads a suite.

  Args:
    name: "paper", "camvid" or "demo".
    configs_dir: folder with `suites/NAME.yaml`.

  Returns:
    The `Suite`.

  Raises:
    FileNotFoundError: if there is no such file.
    ValueError: if a key is unknown or missing.
  """
  path = pathlib.Path(configs_dir, "suites", f"{name}.yaml")
  values = dict(_read(path)) | {"name": name}
  settings = {}
  for key, setting in values.get("settings", {}).items():
    where = f"{path}, setting {key}"
    stages = [_build(Stage, s, where) for s in setting.get("stages", ())]
    settings[key] = _build(Setting, setting | {"stages": stages}, where)
  data = {
    key: _build(Data, entry, f"{path}, data {key}")
    for key, entry in values.get("data", {}).items()
  }
  return _build(Suite, values | {"settings": settings, "data": data}, str(path))
