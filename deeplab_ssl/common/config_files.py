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

"""Finds the configurations that come with the package, in any folder."""

import os
import pathlib

from deeplab_ssl.common import atomic_files
from deeplab_ssl.common import suggestions

_PACKAGE = pathlib.Path(__file__).parents[1]
_FOLDER = "configs"


def shipped_dir() -> pathlib.Path:
  """Returns the folder of the configurations, `tables` and `suites`.

  It is `configs` of a checkout, or the copy of it in an installed package. Its
  path is relative where it lies inside the working folder, so that commands
  which name it can be read, and passed on.
  """
  installed = _PACKAGE / _FOLDER
  folder = installed if installed.is_dir() else _PACKAGE.parent / _FOLDER
  here = pathlib.Path.cwd()
  return folder.relative_to(here) if folder.is_relative_to(here) else folder


def find_config(path_or_name: str) -> str:
  """Returns the path of a configuration file.

  A file of the user's comes first. A name ("camvid" or "camvid.yaml"), or
  "configs/camvid.yaml" as it stands in the documentation, is that of a shipped
  configuration where there is no such file.

  Args:
    path_or_name: path, name or address (gs://bucket/file.yaml).

  Returns:
    The path; an address as it is, whether or not there is a file.

  Raises:
    FileNotFoundError: if there is neither a file nor such a configuration.
  """
  path = pathlib.Path(path_or_name)
  if not atomic_files.is_local(path_or_name) or path.is_file():
    return path_or_name
  shipped = {file.stem: file for file in sorted(shipped_dir().glob("*.yaml"))}
  named = str(path.parent) in (os.curdir, _FOLDER)
  if named and path.suffix in ("", ".yaml") and path.stem in shipped:
    return str(shipped[path.stem])
  raise FileNotFoundError(
    f"There is no configuration file {path_or_name}."
    f"{suggestions.did_you_mean(path.stem, shipped)} The package has: "
    f"{', '.join(shipped)}."
  )
