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

"""Runs are resumed, checked and rendered; the commands are stand-ins here."""

import dataclasses
import functools
import pathlib

import pytest

from deeplab_ssl.preparation import conversion
from deeplab_ssl.reproduction import execution
from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import reproduction
from deeplab_ssl.reproduction import requirements
from deeplab_ssl.reproduction import suites
from tests.reproduction import stand_ins


@pytest.fixture
def place(tmp_path):
  return plan.Places(str(tmp_path), stand_ins.CONFIGS)


def _part(suite):
  return plan.Part("T", suite, ())


def test_scenes_that_were_cut_short_are_completed(place, monkeypatch):
  suite = suites.load_suite("demo", stand_ins.CONFIGS)
  small = {"num_train": 4, "num_val": 4, "seed": 1}
  data = dataclasses.replace(suite.data["digits"], scenes=small)
  parts = [_part(dataclasses.replace(suite, data={"digits": data}))]
  convert, converted = conversion.convert_split, []

  def cut_short(pairs, output_dir, split, info, **kwargs):
    if split == "val" and "val" not in converted:
      converted.append("val")
      raise KeyboardInterrupt
    converted.append(split)
    return convert(pairs, output_dir, split, info, **kwargs)

  monkeypatch.setattr(conversion, "convert_split", cut_short)
  with pytest.raises(KeyboardInterrupt):
    reproduction.make_scenes(parts, place)
  reproduction.make_scenes(parts, place)
  folder = pathlib.Path(place.model_dir, "demo", "data", "records")
  assert len(list(folder.glob("val-*.tfrecord"))) == 4
  assert requirements.recorded_splits(folder) == {"train": 4, "val": 4}
  reproduction.make_scenes(parts, place)
  assert converted == ["train", "val", "train", "val"]
  data = dataclasses.replace(data, scenes=small | {"halves": True})
  parts = [_part(dataclasses.replace(suite, data={"digits": data}))]
  reproduction.make_scenes(parts, place)
  assert requirements.recorded_splits(folder)["val_b"] == 2
  (folder / "dataset.yaml").write_text("")
  assert not requirements.recorded_splits(folder)


def test_nothing_goes_on_from_a_start_that_has_failed(monkeypatch, capsys):
  def run(directory, start=None):
    training = plan.Training(directory, 5, suites.Stage(), {})
    return plan.Run(1, (training,), {}, start=start)

  bad, good = run("bad"), run("good")
  runs = [bad, good, run("from_bad", bad), run("from_good", good)]
  tried, told = [], []

  def execute(run, say=print):
    tried.append(run.directory)
    if run is bad:
      raise execution.CommandError("no memory")

  monkeypatch.setattr(execution, "execute", execute)
  errors = reproduction.run_all(
    [
      reproduction.Job(
        f"of {run.directory}", run, functools.partial(told.append, run)
      )
      for run in runs
    ]
  )
  assert tried == ["bad", "good", "from_good"]
  assert errors == [
    "of bad: no memory",
    "of from_bad: its start bad has failed, see above.",
  ]
  assert told == runs
