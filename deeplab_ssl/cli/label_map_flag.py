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

"""The flag of commands that read masks: what the values in them stand for."""

import dataclasses

from absl import flags

_LABEL_MAP = flags.DEFINE_list(
  "label_map",
  [],
  "VALUE:LABEL,...: the class (number or name), or void, that a value in the "
  "masks stands for, such as 255:1; others stand for themselves. Instead of "
  "the label_map of the data set.",
)


def flag() -> flags.FlagHolder:
  """Returns the flag, for `runner.refuse_idle`."""
  return _LABEL_MAP


def apply(info):
  """Returns a data set with the label map of the flag, if it is given.

  Args:
    info: `input.dataset_info.DatasetInfo` of the data set.

  Raises:
    ValueError: if the flag is no label map, or names labels that are not there.
  """
  from deeplab_ssl.input import label_maps

  if not _LABEL_MAP.value:
    return info
  return dataclasses.replace(info, label_map=label_maps.parse(_LABEL_MAP.value))
