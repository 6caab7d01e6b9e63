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

"""The paper's tables and their rows, as read from YAML."""

from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import fnmatch
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
    runner: module that runs the commands of its own stages, `python -m RUNNER
      deeplab_ssl.train ...`, such as one that registers losses; "" for none.
    curve: whether it has the learning curve of its suite.
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
  runner: str = ""
  curve: bool = True

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


def build(cls: type, values: Mapping[str, Any], where: str) -> Any:
  """Makes a dataclass of a YAML mapping.

  Args:
    cls: the dataclass.
    values: {field: value}; lists become tuples.
    where: what the mapping is called in messages.

  Raises:
    ValueError: if it is no mapping, or a key is unknown or missing.
  """
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


def read(path: pathlib.Path) -> Any:
  """Reads a YAML file of a folder of configurations.

  Raises:
    FileNotFoundError: if there is no such file.
    ValueError: if a value is not what it seems, see `yaml_keys.check`.
  """
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
  values = read(path)
  rows = [
    build(Row, row, f"{path}, row {i}")
    for i, row in enumerate(values.get("rows", ()), 1)
  ]
  return build(Table, values | {"number": number, "rows": rows}, str(path))


def select_rows(
  rows: Sequence[Row], patterns: Sequence[str], where: str
) -> list[Row]:
  """Returns the rows that one of the patterns names, all without a pattern.

  Args:
    rows: the rows of one or more tables or of a suite.
    patterns: names or shell patterns of `Row.name` or of its part behind the
      setting, such as "ssl_*".
    where: what has these rows, for messages: "Table 2", "Tables 1, 3".

  Raises:
    ValueError: if a pattern names no row, listing the rows.
  """

  def named(row, pattern):
    return any(
      fnmatch.fnmatchcase(name, pattern)
      for name in (row.name, row.name.split("/", 1)[1])
    )

  for pattern in patterns:
    if not any(named(row, pattern) for row in rows):
      names = dict.fromkeys(row.name for row in rows)
      raise ValueError(
        f"{pattern!r} names no row of {where}. There are {', '.join(names)}."
      )
  return [
    row
    for row in rows
    if not patterns or any(named(row, pattern) for pattern in patterns)
  ]
