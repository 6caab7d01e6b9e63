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

"""What a suite needs of the user: records and checkpoints."""

from collections.abc import Sequence
from importlib import util
import os
import pathlib

import yaml

from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import suites
from deeplab_ssl.reproduction import tables


def missing(
  rows: Sequence[tables.Row], suite: suites.Suite, places: plan.Places
) -> list[str]:
  """Lists what is missing for rows, and where to put it.

  Args:
    rows: the rows.
    suite: how they are run.
    places: folders.

  Returns:
    One sentence or two per missing or wrong thing; empty if all is there.
  """
  settings = {id(s): s for s in map(suite.setting_of, rows)}.values()
  faults = []
  for setting in settings:
    faults += _data_faults(suite, setting, places)
    if setting.checkpoint:
      folder = pathlib.Path(places.checkpoint_dir, setting.checkpoint)
      if not list(folder.glob("*.index")):
        advice = suite.checkpoints[setting.checkpoint]
        advice = advice.replace("{folder}", str(folder))
        faults.append(f"There is no checkpoint in {folder}. {advice}")
  crf = any("crf_steps" in row.evaluation for row in rows)
  if crf and suite.crf == "dense" and not util.find_spec("pydensecrf"):
    faults.append(
      "The CRF rows need pydensecrf: pip install 'deeplab-ssl[crf]' (it is "
      "built with a C++ compiler), or leave these rows out with --rows."
    )
  faults += [
    f"{row.name} needs the module {row.runner}, which is part of the "
    "repository and not of an installed package: run it from a checkout, or "
    "leave the row out with --rows."
    for row in rows
    if row.runner and not _is_there(row.runner)
  ]
  return list(dict.fromkeys(faults))


def _is_there(module):
  try:
    return util.find_spec(module) is not None
  except ModuleNotFoundError:  # Not even the package around it.
    return False


def recorded_splits(records_dir: str | os.PathLike) -> dict[str, int]:
  """Returns the sizes of the splits that were converted into a folder.

  Args:
    records_dir: the folder; one that is not there has no splits.
  """
  facts = pathlib.Path(records_dir, "dataset.yaml")
  if not facts.exists():
    return {}
  recorded = yaml.safe_load(facts.read_text())
  return (recorded or {}).get("splits") or {}


def _data_faults(suite, setting, places):
  data = suite.data[setting.data]
  if data.scenes:
    return []
  folder = pathlib.Path(plan.records_dir(suite, setting, places))
  recorded = recorded_splits(folder)
  faults = []
  for split, count in data.splits.items():
    if not list(folder.glob(f"{split}-*.tfrecord")):
      faults.append(f"There are no records {folder}/{split}-*. {data.advice}")
    elif recorded.get(split, count) != count:
      faults.append(
        f"{folder} has {recorded[split]} records of {split}, the suite has "
        f"{count}. {data.advice}"
      )
  return faults
