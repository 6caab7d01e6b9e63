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

"""The suites that run rows, as read from YAML."""

from collections.abc import Mapping
import dataclasses
import os
import pathlib
from typing import Any

from deeplab_ssl.common import suggestions
from deeplab_ssl.reproduction import search as search_lib
from deeplab_ssl.reproduction import tables

_FOLDER = "suites"


@dataclasses.dataclass(frozen=True)
class Stage:
  """One training: what `deeplab_ssl.train` is given.

  Attributes:
    experiment: registered name of the experiment.
    config_files: YAML files on top of it.
    overrides: {configuration key: value} on top of these.
    shared: name of a training that all rows have in common, such as a start
      from which each of them goes on; it is trained once for each seed, and
      the overrides of a row are not for it. "" for a training of the row's own.
  """

  experiment: str = "deeplab_ssl"
  config_files: tuple[str, ...] = ()
  overrides: Mapping[str, Any] = dataclasses.field(default_factory=dict)
  shared: str = ""


@dataclasses.dataclass(frozen=True)
class Setting:
  """Data, start and stages of a training.

  Attributes:
    data: key of the suite's `data`.
    stages: trainings, each of which starts from the one before; shared ones
      come first, and the last one is of the row's own.
    checkpoint: key of the suite's `checkpoints`, from which the first stage
      starts; None for random weights.
    evaluation: {flag of `deeplab_ssl.evaluate`: value} of all its rows.
  """

  data: str
  stages: tuple[Stage, ...]
  checkpoint: str | None = None
  evaluation: Mapping[str, Any] = dataclasses.field(default_factory=dict)


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
  scenes: Mapping[str, Any] | None = None


@dataclasses.dataclass(frozen=True)
class Suite:
  """How rows are run: those of the paper's tables, or rows of its own.

  Attributes:
    name: name of the suite.
    seeds: a run is trained once for each.
    settings: {setting of a row: how it is trained}; "any" stands for all.
    data: {name: records}.
    checkpoints: {name: where to get it}; "{folder}" in it stands for the
      folder where it is looked for.
    crf: "window" or "dense", the CRF of the rows that have one.
    title: what the rows of its own ask, in a line.
    model: the network of these rows, in words.
    rows: the rows of its own; none for a suite that runs the paper's tables.
    curve: at how many points of each training its checkpoint is evaluated, the
      last step among them; 0 evaluates that alone.
    search: a search in which each of some rows finds the best value of a key;
      its rows are among `rows`. None without one.
  """

  name: str
  seeds: tuple[int, ...]
  settings: Mapping[str, Setting]
  data: Mapping[str, Data]
  checkpoints: Mapping[str, str] = dataclasses.field(default_factory=dict)
  crf: str = "window"
  title: str = ""
  model: str = ""
  rows: tuple[tables.Row, ...] = ()
  curve: int = 0
  search: search_lib.Search | None = None

  @property
  def miniature(self) -> bool:
    """Whether one setting stands for all of the paper's."""
    return "any" in self.settings

  def setting_of(self, row: tables.Row) -> Setting:
    """Returns how a row is trained in this suite."""
    return self.settings["any" if self.miniature else row.setting]

  def short_name(self, row: tables.Row) -> str:
    """Returns the name of a row, without its setting where there is one."""
    return row.name.split("/", 1)[1] if self.miniature else row.name


def names(configs_dir: str | os.PathLike) -> list[str]:
  """Returns the names of the suites of a folder of configurations, sorted."""
  files = pathlib.Path(configs_dir, _FOLDER).glob("*.yaml")
  return sorted(path.stem for path in files)


def load_suite(name: str, configs_dir: str | os.PathLike) -> Suite:
  """Reads a suite.

  Args:
    name: "paper", "camvid", "demo" or that of another file.
    configs_dir: folder with `suites/NAME.yaml`.

  Returns:
    The `Suite`.

  Raises:
    FileNotFoundError: if there is no folder of configurations.
    ValueError: if there is no such suite, a key is unknown or missing, or what
      it says does not go together.
  """
  path = pathlib.Path(configs_dir, _FOLDER, f"{name}.yaml")
  known = names(configs_dir)
  if known and name not in known:
    raise ValueError(
      f"There is no suite {name!r} in {path.parent}."
      f"{suggestions.did_you_mean(name, known)} There are {', '.join(known)}."
    )
  values = dict(tables.read(path)) | {"name": name}
  settings = {}
  for key, setting in values.get("settings", {}).items():
    where = f"{path}, setting {key}"
    stages = [tables.build(Stage, s, where) for s in setting.get("stages", ())]
    settings[key] = tables.build(Setting, setting | {"stages": stages}, where)
    _check_order(settings[key], where)
  data = {
    key: tables.build(Data, entry, f"{path}, data {key}")
    for key, entry in values.get("data", {}).items()
  }
  values |= {"settings": settings, "data": data}
  rows = _own_rows(values, settings, str(path))
  if "search" in values:
    where = f"{path}, search"
    values["search"] = tables.build(search_lib.Search, values["search"], where)
    rows += _search_rows(values["search"], rows, settings, where)
  _check_twice(rows, str(path))
  values["rows"] = rows
  suite = tables.build(Suite, values, str(path))
  _check_shared(suite, str(path))
  return suite


def _own_rows(values, settings, where):
  """Returns the rows of a suite's own, each in every setting that it has.

  A row names its `settings`, all of the suite's if it does not; the suite says
  the `model` once for all rows.
  """
  found = []
  for number, entry in enumerate(values.get("rows", ()), 1):
    place = f"{where}, row {number}"
    row = dict(entry)
    chosen = row.pop("settings", list(settings))
    for setting in chosen:
      if setting not in settings:
        raise ValueError(
          f"{place} has the unknown setting {setting!r}."
          f"{suggestions.did_you_mean(str(setting), settings)} The suite has "
          f"{', '.join(settings)}."
        )
      defaults = {"setting": setting, "model": values.get("model", "")}
      found.append(tables.build(tables.Row, defaults | row, place))
  return found


def _search_rows(searched, rows, settings, where):
  """Returns the rows of a search, for those that it is for."""
  found = []
  for name in searched.rows:
    chosen = [row for row in rows if row.run == name]
    if not chosen:
      raise ValueError(f"{where} is for the row {name!r}, which is not there.")
    for row in chosen:
      own = settings[row.setting].stages[-1].overrides | row.overrides
      if searched.key not in own:
        raise ValueError(
          f"{where}: setting {row.setting} must give {searched.key}, the value "
          "that is not searched."
        )
      found += search_lib.expand(searched, row, own[searched.key])
  return found


def _check_twice(rows, where):
  seen = set()
  for row in rows:
    if row.name in seen:
      raise ValueError(f"{where} has the row {row.name!r} twice.")
    seen.add(row.name)


def _check_order(setting, where):
  shared = [bool(stage.shared) for stage in setting.stages]
  if not shared or shared != sorted(shared, reverse=True) or shared[-1]:
    raise ValueError(
      f"{where} must have stages, shared ones first and one of the row's own "
      "at the end. Received: "
      f"{[stage.shared or 'own' for stage in setting.stages]}."
    )


def _check_shared(suite, where):
  """Refuses two trainings of one name, and names that are folders of others."""
  seen = {}
  for key, setting in suite.settings.items():
    before = (setting.data, setting.checkpoint)
    for stage in setting.stages:
      before = (*before, stage)
      if not stage.shared:
        continue
      if seen.setdefault(stage.shared, before) != before:
        raise ValueError(
          f"{where}, setting {key}: the shared stage {stage.shared!r} is "
          "another training than in a setting before. Give it another name."
        )
  folders = {*suite.settings, "data"}
  if suite.miniature:
    folders |= {row.run for row in suite.rows}
  for name in seen:
    if name in folders:
      raise ValueError(
        f"{where}: the shared stage {name!r} has the name of a row, of a "
        "setting or of the data, whose folder it would take. Give it another "
        "name."
      )
