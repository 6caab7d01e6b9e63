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

"""The page of all keys of a configuration, written from their declarations."""

from collections.abc import Iterator
import textwrap
from typing import Any

from official.modeling.hyperparams import oneof

from deeplab_ssl.configuration import fields
from deeplab_ssl.configuration import rules
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import settings

_INTRODUCTION = """# Configuration

<!-- Written by `python -m tests.configuration_page_update`; do not edit. -->

All keys of the experiment `deeplab_ssl`, as `--config_file` and
`--params_override` of `python -m deeplab_ssl.train` take them
([training.md](training.md)). They are checked before anything is written: an
unknown key, a key that is given twice, and a value that is not what stands here
are errors which name the key, the value and what it may be. `null` is no value,
and may stand only where it is listed; the empty value of a text is `''`.

What is said of "the original" is TensorFlow's research/deeplab; keys without a
source are Model Garden's or ours.
"""
_UNUSED = """
## Keys of Model Garden that a training does not read

They may be there, with their default, so that its files can be read. Any other
value is refused.
"""
_VALIDATION = """
## `task.validation_data`

The keys of `task.train_data`, without its augmentation (`{names}`), which is
refused here. `split` is `val` and `global_batch_size` 1 by default. What names
the source is taken from `task.train_data` where both `input_path` and
`tfds_name` are empty.
"""
_CHOICE = """
## `{place}`

`{place}.type` is {types}; the keys of the one that is chosen follow below its
name, as in `{place}.{example}`.
"""
_NO_MEANING = "Model Garden's"


def page() -> str:
  """Returns the page, Markdown."""
  params = configs.ExperimentConfig()
  parts = [_INTRODUCTION]
  unused: dict[str, fields.Key] = {}
  for place, config in _groups(params):
    if place == "task.validation_data":
      parts.append(_validation(config))
      continue
    table = []
    for name, key in settings.keys_of(config).items():
      if key.is_fixed:
        unused[f"{place}.{name}"] = key
      elif not isinstance(config, oneof.OneOfConfig):
        table.append(_row(name, key, getattr(config, name)))
    if isinstance(config, oneof.OneOfConfig):
      parts.append(_choice(place, config))
    elif table:
      parts.append(f"\n## `{place}`\n\n{_summary(config)}\n\n{_table(table)}")
  lines = [
    f"| `{path}` | {_cell(key.meaning)} | {_cell(key.instead)} |"
    for path, key in unused.items()
  ]
  head = "| key | what it would be | instead |\n|---|---|---|\n"
  parts.append(f"{_UNUSED}\n{head}" + "\n".join(lines) + "\n")
  return "".join(parts)


def _groups(config: Any, place: str = "") -> Iterator[tuple[str, Any]]:
  """Yields (place, group) of a configuration, but not of its choices."""
  if place:
    yield place, config
  if isinstance(config, oneof.OneOfConfig):
    for name in settings.keys_of(config)["type"].rule.names:
      yield f"{place}.{name}", getattr(config, name)
    return
  keys = settings.keys_of(config)
  for name, value in settings.members_of(config).items():
    group = settings.group_of(config, name, value)
    if group is not None and name not in keys:
      yield from _groups(group, f"{place}.{name}" if place else name)


def _summary(config):
  """Returns the first sentence of the docstring of a group."""
  return (type(config).__doc__ or "").strip().partition("\n")[0]


def _choice(place, config):
  types = settings.keys_of(config)["type"].rule.expected
  default = rules.yaml_text(config.type)
  text = _CHOICE.format(
    place=place,
    types=f"{_cell(types)}; by default {default}",
    example=config.type or settings.keys_of(config)["type"].rule.names[0],
  )
  head, _, rest = text.strip("\n").partition("\n\n")
  return f"\n{head}\n\n{textwrap.fill(rest, 80, break_on_hyphens=False)}\n"


def _validation(config):
  names = [
    name for name, key in settings.keys_of(config).items() if key.training_only
  ]
  head, _, rest = (
    _VALIDATION.strip("\n").format(names="`, `".join(names)).partition("\n\n")
  )
  return f"\n{head}\n\n{textwrap.fill(rest, 80, break_on_hyphens=False)}\n"


def _row(name, key, default):
  needed = " (must be given)" if key.required and not default else ""
  shown = "" if needed else f"`{rules.yaml_text(default)}`"
  meaning = _cell(key.meaning) or _NO_MEANING
  return (
    f"| `{name}` | {shown}{needed.strip()} | {_cell(key.rule.expected)} | "
    f"{meaning} | {_cell(key.source)} |"
  )


def _table(rows):
  head = (
    "| key | default | may be | meaning | source |\n|---|---|---|---|---|\n"
  )
  return head + "\n".join(rows) + "\n"


def _cell(text):
  """Returns text for a cell, where no bracket begins a link."""
  parts = text.replace("|", "\\|").split("`")
  # What stands between two backticks is code, and shown as it is.
  parts[::2] = [
    part.replace("[", "\\[").replace("]", "\\]") for part in parts[::2]
  ]
  return "`".join(parts)
