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

"""What a command line of the original is here: keys, commands and remarks."""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
from typing import Any

import yaml

from deeplab_ssl.original_flags import command_line
from deeplab_ssl.original_flags import declaration
from deeplab_ssl.original_flags import shell_text

# The groups of a configuration in the order in which they are read.
_ORDER = (
  "task.dataset",
  "task.model.",
  "task.losses.",
  "task.train_data.",
  "task.validation_data.",
  "task.",
  "trainer.",
)
# {name of the original: name here} of data sets.
_DATASETS = {
  "pascal_voc_seg": "voc2012",
  "cityscapes": "cityscapes",
  "ade20k": "ade20k",
}
# What does not change a training; our default is the better one for our own
# way of doing it.
_ONLY_IF_GIVEN = ("log_steps",)


@dataclasses.dataclass(frozen=True)
class Translation:
  """What does here what a command line does in the original.

  Attributes:
    file: name of the file for the configuration, "train.yaml".
    keys: {path of a key: value}.
    commands: command lines of ours, to be read by a shell.
    remarks: sentences for whoever runs them.
    notes: lines on the given flags that have no place here, or do nothing.
  """

  file: str
  keys: Mapping[str, Any]
  commands: tuple[str, ...]
  remarks: tuple[str, ...]
  notes: tuple[str, ...]

  def __str__(self):
    """Returns the configuration, YAML, below the rest as comments."""
    lines = [
      f"Save this as {self.file}, then run:",
      *(f"  {command}" for command in self.commands),
      *self.remarks,
    ]
    comments = "".join(f"# {line}\n" for line in lines)
    config = yaml.dump(
      _nested(self.keys), Dumper=_Dumper, sort_keys=False, width=80
    )
    return comments + config


class _Dumper(yaml.SafeDumper):
  """Writes lists in brackets, as the configurations of the package have it."""


_Dumper.add_representer(
  list,
  lambda dumper, value: dumper.represent_sequence(
    "tag:yaml.org,2002:seq", value, flow_style=True
  ),
)


def _nested(keys):
  """Returns {path: value} as groups in groups, in the usual order."""

  def group_of(path):
    return next(i for i, start in enumerate(_ORDER) if path.startswith(start))

  root: dict[str, Any] = {}
  for path in sorted(keys, key=group_of):
    *groups, name = path.split(".")
    group = root
    for part in groups:
      group = group.setdefault(part, {})
    group[name] = keys[path]
  return root


def keys_of(
  line: command_line.CommandLine, data: str
) -> tuple[dict[str, Any], list[str]]:
  """Translates the flags that stand for keys of the configuration.

  Args:
    line: the command line.
    data: name of the group of the data that are read, "train_data".

  Returns:
    {path: value} with the original's defaults of what was not given, and a line
    for each given flag that has no place here or does nothing.
  """
  keys, notes = {}, []
  for name, flag in line.flags.items():
    note = idle(line, flag) or (flag.reason and f"no place: {flag.reason}")
    if note:
      if name in line.given:
        notes.append(f"--{name}: {note}.")
    elif flag.key and (name in line.given or name not in _ONLY_IF_GIVEN):
      keys[flag.key.format(data=data)] = flag.convert(line.values[name])
  return keys, notes


def idle(line: command_line.CommandLine, flag: declaration.Flag) -> str:
  """Returns why a flag does nothing in the original; "" if it does something.

  Args:
    line: the command line.
    flag: of its program.
  """
  if flag.read_by and line.program not in flag.read_by:
    return f"{line.program}.py of the original does not read it"
  for need in flag.needs:
    if not need.met(line.values):
      return f"it does nothing in the original {need.unmet}"
  return ""


def dataset_keys(
  line: command_line.CommandLine,
) -> tuple[dict[str, str], list[str]]:
  """Returns the key of the data set, and a line if we do not know it.

  Args:
    line: the command line of a program with a flag `dataset`.
  """
  name = line.values["dataset"]
  if name in _DATASETS:
    return {"task.dataset": _DATASETS[name]}, []
  note = (
    f"--dataset={name}: none that comes with the original; the classes are "
    "those of the dataset.yaml beside the records, unless task.dataset names a "
    "YAML file of them."
  )
  return {}, [note]


def size(line: command_line.CommandLine, name: str) -> list[int]:
  """Returns the value of a flag that must be a height and a width.

  Args:
    line: the command line.
    name: of the flag.

  Raises:
    ValueError: if it is not two positive integers.
  """
  value = line.values[name]
  if len(value) != 2 or min(value) < 1:
    raise ValueError(
      f"--{name} must be a height and a width in pixels. Received: {value}."
    )
  return value


def command(name: str, options: Iterable[tuple[str, str]]) -> str:
  """Returns a command line of ours.

  Args:
    name: of the command, "train".
    options: (flag, value) of each of its flags; a flag without a value has
      None.
  """
  words = [
    f"--{flag}" if value is None else f"--{flag}={shell_text.quoted(value)}"
    for flag, value in options
  ]
  return " ".join([f"python -m deeplab_ssl.{name}", *words])
