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

"""Overrides as `--params_override` takes them, written and read."""

from collections.abc import Mapping
import re
from typing import Any

import yaml


def text_of(overrides: Mapping[str, Any]) -> str:
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


def parse(text: str) -> dict[str, Any]:
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


def nested(tree: Mapping[str, Any], key: str) -> Any:
  """Returns `tree["a"]["b"]` for "a.b", None where there is none."""
  for part in key.split("."):
    if not isinstance(tree, Mapping) or part not in tree:
      return None
    tree = tree[part]
  return tree
