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

"""What the values in mask files stand for, where they are not the classes."""

from collections.abc import Mapping
from collections.abc import Sequence

VOID = "void"


def is_byte(value) -> bool:
  """Says whether a value is an integer that a mask can hold, in 0..255."""
  return type(value) is int and 0 <= value <= 255


def resolve(
  label_map: Mapping[int, int | str],
  class_names: Sequence[str],
  ignore_label: int,
) -> dict[int, int]:
  """Turns the names in a label map into labels.

  Args:
    label_map: {value in a mask file: its class, by number or name, or void, by
      the ignore label or as "void"}.
    class_names: the names; one that is called "void" is meant by it.
    ignore_label: the label of void.

  Returns:
    {value: label}, by value.

  Raises:
    ValueError: for a value or a label that does not exist.
  """
  if not isinstance(label_map, Mapping):
    raise ValueError(
      "`label_map` must map values of masks to classes, such as {255: 1}. "
      f"Received: {label_map!r}"
    )
  names = {VOID: ignore_label}
  names |= {name: label for label, name in enumerate(class_names)}
  labels = {*range(len(class_names)), ignore_label}
  resolved = {}
  for value, target in label_map.items():
    if not is_byte(value):
      raise ValueError(
        "`label_map` must map values in 0..255, the numbers that a mask "
        f"can hold. Received: {value!r}"
      )
    label = names.get(target, target) if isinstance(target, str) else target
    if type(label) is not int or label not in labels:
      raise ValueError(
        f"`label_map` must lead to a class (0..{len(class_names) - 1}, "
        f"{', '.join(class_names)}) or {VOID} ({ignore_label}). Received: "
        f"{value}: {target!r}"
      )
    resolved[value] = label
  return dict(sorted(resolved.items()))


def parse(items: Sequence[str]) -> dict[int, int | str]:
  """Reads a label map as a flag has it.

  Args:
    items: "VALUE:LABEL" each, such as "255:1" or "128:void".

  Returns:
    {value: label}, for `resolve`.

  Raises:
    ValueError: for an item of another form, or a value that is there twice.
  """
  label_map: dict[int, int | str] = {}
  for item in items:
    value, colon, label = map(str.strip, item.partition(":"))
    if not (colon and label and value.isascii() and value.isdigit()):
      raise ValueError(
        "A label map must be VALUE:LABEL, several separated by commas, such as "
        f"255:1 or 128:{VOID}. Received: {item!r}"
      )
    if int(value) in label_map:
      raise ValueError(f"The label map names the value {value} twice: {item!r}")
    is_number = label.isascii() and label.isdigit()
    label_map[int(value)] = int(label) if is_number else label
  return label_map
