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

from official.core import exp_factory

from deeplab_ssl.common import config_files as config_files_lib
from deeplab_ssl.common import suggestions
from deeplab_ssl.configuration import overrides
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import consistency
from deeplab_ssl.experiment import idle_settings
from deeplab_ssl.experiment import resolution
from deeplab_ssl.experiment import settings
from deeplab_ssl.training import experiments


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
    ValueError: if a name or a key is unknown, naming the nearest one, a key is
      given twice in one place, a value is not what it may be, or an override
      would do nothing.
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
  for path in map(config_files_lib.find_config, config_files):
    settings.apply(params, overrides.read_file(path), path)
  if params_override:
    given = overrides.read_text(params_override)
    settings.apply(params, given, "params_override")
    if not overrides.names_file(params_override):
      idle_settings.check(params, given)
  consistency.check(params)
  if isinstance(params.task, configs.SegmentationTask):
    resolution.check_ignore_label(params.task)
  params.validate()
  return params
