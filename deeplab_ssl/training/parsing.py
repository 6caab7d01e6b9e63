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

"""From a name, YAML files and overrides to an experiment's configuration."""

from collections.abc import Sequence
import re

from official.core import exp_factory
from official.modeling import hyperparams
import tensorflow as tf
import yaml

from deeplab_ssl.common import config_files as config_files_lib
from deeplab_ssl.common import suggestions
from deeplab_ssl.training import experiments
from deeplab_ssl.training import field_types

# What YAML tags begin with that stand for objects, functions and modules.
_PYTHON_TAG = "tag:yaml.org,2002:python/"


def parse_experiment(
  experiment: str,
  config_files: Sequence[str] = (),
  params_override: str = "",
):
  """Builds the configuration of an experiment.

  Args:
    experiment: registered name, e.g. "deeplab_ssl".
    config_files: YAML files, or names of configurations that come with the
      package ("camvid"), applied in order.
    params_override: YAML text or file, or "a.b=1,c=2", applied last.

  Returns:
    The `ExperimentConfig`, checked for consistency.

  Raises:
    ValueError: if a name or a key is unknown, naming the nearest one, or a
      value is of another kind than its default.
    FileNotFoundError: if a configuration file is missing.
  """
  try:
    params = exp_factory.get_exp_config(experiment)
  except LookupError as error:
    raise ValueError(
      f"Unknown experiment {experiment!r}."
      f"{suggestions.did_you_mean(experiment, experiments.NAMES)} Known are "
      f"{experiments.NAMES} and those of Model Garden."
    ) from error
  defaults = params.as_dict()
  files = [config_files_lib.find_config(path) for path in config_files]
  for override in filter(None, (*files, params_override)):
    _refuse_objects(override)
    try:
      hyperparams.override_params_dict(params, override, is_strict=True)
    except yaml.YAMLError as error:
      raise ValueError(f"{override} is not valid YAML: {error}") from error
    except KeyError as error:
      key = re.search(r"key `?'?([\w.]+)`?'?", str(error))
      known = _keys(params.as_dict())
      hint = ""
      if key:
        last = key.group(1).rsplit(".", 1)[-1]
        hint = suggestions.did_you_mean(last, known)
      raise ValueError(
        f"Unknown configuration key in {override}: {error}.{hint}"
      ) from error
  field_types.check(defaults, params.as_dict())
  params.validate()
  return params


def _refuse_objects(override):
  """Refuses tags that make Python objects, which Model Garden's reader knows.

  A configuration of somebody else's is data and names no functions.
  """
  text = override
  if tf.io.gfile.exists(override):
    with tf.io.gfile.GFile(override) as file:
      text = file.read()
  try:
    tags = [getattr(event, "tag", None) for event in yaml.parse(text)]
  except (yaml.YAMLError, UnicodeDecodeError):
    return  # "a.b=1,c=2", or what the reader will refuse.
  for tag in filter(None, tags):
    if tag.startswith(_PYTHON_TAG):
      raise ValueError(
        f"{override} holds the tag {tag!r}, which stands for an object of "
        "Python; a configuration may hold plain values only. Remove it."
      )


def _keys(tree):
  keys = []
  for key, value in tree.items():
    keys += [key, *(_keys(value) if isinstance(value, dict) else [])]
  return keys
