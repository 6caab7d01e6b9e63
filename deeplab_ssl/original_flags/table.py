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

"""Every flag of the original's programs, by program, and the table of them."""

from collections.abc import Iterable
from collections.abc import Mapping

from deeplab_ssl.original_flags import common_flags
from deeplab_ssl.original_flags import declaration
from deeplab_ssl.original_flags import kinds
from deeplab_ssl.original_flags import prediction_flags
from deeplab_ssl.original_flags import training_flags

_OF_ABSL = "messages go to the terminal; our commands have absl's flags, too"
# Of the flags that absl brings, those that are found in command lines.
ABSL = tuple(
  declaration.Flag(name, kind, default, reason=_OF_ABSL)
  for name, kind, default in (
    ("logtostderr", kinds.FLAG, False),
    ("alsologtostderr", kinds.FLAG, False),
    ("log_dir", kinds.TEXT, ""),
    ("stderrthreshold", kinds.TEXT, "fatal"),
    ("verbosity", kinds.INTEGER, -1),
    ("v", kinds.INTEGER, -1),
  )
)
_OWN = {
  declaration.TRAIN: training_flags.TRAIN,
  declaration.EVAL: prediction_flags.EVAL,
  declaration.VIS: prediction_flags.VIS,
  declaration.EXPORT: prediction_flags.EXPORT,
}
# What stands in the table for the beginnings of paths.
_SHORT = {
  "task.model.": "model.",
  "task.losses.": "losses.",
  f"{declaration.DATA}.": "data.",
  "trainer.optimizer_config.learning_rate.deeplab.": "rate.",
}
_HEAD = "| of | original flag | here |\n|---|---|---|\n"


def flags_of(program: str) -> Mapping[str, declaration.Flag]:
  """Returns {name: flag} of a program of the original.

  Args:
    program: one of `declaration.PROGRAMS`.
  """
  flags = (*common_flags.COMMON, *_OWN[program], *ABSL)
  return {flag.name: flag for flag in flags}


def page_table() -> str:
  """Returns the table of all flags, Markdown; a place has one row."""
  groups = {
    "common.py": common_flags.COMMON,
    "train.py": training_flags.TRAIN,
    "eval.py, vis.py": (*prediction_flags.EVAL, *prediction_flags.VIS),
    "export_model.py": prediction_flags.EXPORT,
    "absl": ABSL,
  }
  return _HEAD + "".join(
    row for group, flags in groups.items() for row in _rows(group, flags)
  )


def _rows(group: str, flags: Iterable[declaration.Flag]) -> Iterable[str]:
  names: dict[str, dict[str, None]] = {}
  for flag in flags:
    names.setdefault(_here(flag), {})[f"`{flag.name}`"] = None
  for here, found in names.items():
    yield f"| {group} | {', '.join(found)} | {here} |\n"
    group = ""


def _here(flag):
  """Returns what the table says of the place of a flag."""
  if flag.here:
    return flag.here
  if flag.reason:
    return f"no place: {flag.reason}"
  if flag.option:
    return "the same" if flag.option == flag.name else f"`--{flag.option}`"
  group, name = f"{flag.key.rpartition('.')[0]}.", flag.key.rpartition(".")[2]
  group = _SHORT.get(group, group)
  if name == flag.name:
    return f"`{group}` and the same name"
  return f"`{group}{name}`"
