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

"""Which validation of a run is done, for a process that comes later."""

import json
import os

from deeplab_ssl.common import atomic_files

PROGRESS_FILE = "progress.json"
_KEY = "validated_step"


class Progress:
  """Remembers the last step that was validated to its end.

  Args:
    directory: of the run, where it is written; None remembers it in memory.

  Raises:
    ValueError: if the file there is damaged.

  Attributes:
    step: the step that was validated last; None for none.
  """

  def __init__(self, directory: str | None = None):
    self._path = None
    self.step: int | None = None
    if directory is None or not atomic_files.is_local(directory):
      return
    self._path = os.path.join(directory, PROGRESS_FILE)
    if os.path.exists(self._path):
      with open(self._path, encoding="utf-8") as file:
        try:
          self.step = int(json.load(file)[_KEY])
        except (ValueError, LookupError, TypeError) as error:
          raise ValueError(
            f"{self._path} is damaged: {error}. Remove it; the last validation "
            "is then made again."
          ) from error

  def go_on_from(self, step: int | None) -> None:
    """Takes over what another process remembers, in memory alone."""
    self.step = step

  def is_validated(self, step: int) -> bool:
    """Returns whether the validation of a step is done."""
    return self.step == step

  def validated(self, step: int) -> None:
    """Remembers that a validation is done."""
    self.step = step
    if self._path:
      atomic_files.write_json(self._path, {_KEY: step})
