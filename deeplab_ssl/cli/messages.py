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
"""Which messages a command shows: its own, and no chatter of the libraries."""

import logging as python_logging
import os
import sys

from absl import logging

# Their warnings are about their internals, such as functions that are not
# traced, layers that are not built and code that AutoGraph leaves as it is.
_CHATTY = ("keras", "official", "orbit", "tensorflow", "tf_keras")


def _is_shown(record):
  if record.levelno >= python_logging.ERROR:
    return True
  folders = [
    os.path.dirname(sys.modules[name].__file__)
    for name in _CHATTY
    if name in sys.modules
  ]
  return not any(
    record.pathname.startswith(folder + os.sep) for folder in folders
  )


def hide_chatter() -> None:
  """Shows warnings and errors as a line of text, without those of _CHATTY.

  Errors of these libraries are shown. What absl puts in front of a message,
  such as the place in the code, is left out.
  """
  handler = logging.get_absl_handler()
  handler.addFilter(_is_shown)
  handler.setFormatter(python_logging.Formatter("%(levelname)s: %(message)s"))


def is_verbose() -> bool:
  """Returns whether more is wanted than `hide_chatter` shows."""
  return logging.get_verbosity() > logging.WARNING
