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

"""Reads settings from YAML files and from the text of a flag.

Model Garden's library reads both, too, but takes the last of two values for a
key, an empty file for no settings, and a file with "=" in its name for text.
"""

from collections.abc import Mapping
import contextlib
import re
from typing import Any

from official.modeling.hyperparams import params_dict
import tensorflow as tf
import yaml

from deeplab_ssl.common import atomic_files
from deeplab_ssl.common import yaml_keys

# What YAML tags begin with that stand for objects, functions and modules.
_PYTHON_TAG = "tag:yaml.org,2002:python/"


class _Loader(yaml.SafeLoader):
  """Reads plain values; 1e-5 is a number, which needs 1.0e-5 in YAML 1.1."""


_Loader.add_implicit_resolver(
  "tag:yaml.org,2002:float",
  re.compile(r"[-+]?[0-9]+[eE][-+]?[0-9]+$"),
  list("-+0123456789"),
)


def read_file(path: str) -> dict[str, Any]:
  """Reads a YAML file of settings.

  Args:
    path: of the file; an address (gs://bucket/file.yaml) will do.

  Returns:
    Nested {key: value}.

  Raises:
    ValueError: if it is empty, no YAML or no group of keys, gives a key twice
      or has an octal number or one of base 60, naming the file.
    OSError: if it cannot be read.
  """
  try:
    if atomic_files.is_local(path):
      with open(path, encoding="utf-8") as file:
        text = file.read()
    else:
      text = tf.io.gfile.GFile(path).read()
  except UnicodeDecodeError as error:
    raise ValueError(f"{path} is no text, so it is no YAML: {error}") from error
  values = _load(text, path)
  if values is None:
    raise ValueError(
      f"{path} is empty. A configuration has keys, such as task: and trainer:."
    )
  return _group(values, path)


def names_file(text: str) -> bool:
  """Says whether `read_text` takes a text for the path of a file.

  Args:
    text: "a.b=1,c=2", or YAML, or the path of a YAML file.
  """
  try:
    params_dict.nested_csv_str_to_json_str(text)
  except ValueError:
    return tf.io.gfile.exists(text)
  return False


def read_text(text: str, where: str = "params_override") -> dict[str, Any]:
  """Reads settings as a flag gives them.

  Args:
    text: "a.b=1,c=2", or YAML, or the path of a YAML file.
    where: what the text is called in messages.

  Returns:
    Nested {key: value}.

  Raises:
    ValueError: if it is none of these, gives a key twice, or has an octal
      number or one of base 60.
    OSError: if the file cannot be read.
  """
  if names_file(text):
    return read_file(text)
  with contextlib.suppress(ValueError):  # It is YAML.
    text = params_dict.nested_csv_str_to_json_str(text)
  values = _load(text, where)
  if isinstance(values, str):
    raise ValueError(
      f"{where} must be KEY=VALUE,KEY=VALUE, or YAML, or a YAML file that is "
      f"there. Received: {values}"
    )
  return _group(values, where)


def _load(text, where):
  """Returns the value of a YAML text in which every key is there once."""
  try:
    yaml_keys.check(text, where, _Loader)
    _refuse_objects(text, where)
    return _Loader(text).get_single_data()
  except yaml.YAMLError as error:
    raise ValueError(f"{where} is not valid YAML: {error}") from error


def _refuse_objects(text, where):
  """Refuses tags that make Python objects, which Model Garden's reader knows.

  A configuration of somebody else's is data and names no functions.
  """
  for event in yaml.parse(text):
    tag = getattr(event, "tag", None) or ""
    if tag.startswith(_PYTHON_TAG):
      raise ValueError(
        f"{where} holds the tag {tag!r}, which stands for an object of Python; "
        "a configuration may hold plain values only. Remove it."
      )


def _group(values, where):
  if not isinstance(values, Mapping):
    raise ValueError(
      f"{where} must hold keys and their values, such as task: and trainer:. "
      f"Received: {values!r:.100}"
    )
  return dict(values)
