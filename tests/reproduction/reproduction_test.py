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
import json
import os
import pathlib

import pytest

from deeplab_ssl.preparation import conversion
from deeplab_ssl.reproduction import execution
from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import reproduction
from deeplab_ssl.reproduction import requirements
from deeplab_ssl.reproduction import results
from deeplab_ssl.reproduction import tables
from tests import commands

_CONFIGS = str(pathlib.Path(__file__).parents[2] / "configs")
_CLASSES = ("background", *"0123456789")


@pytest.fixture
def place(tmp_path):
  return plan.Places(str(tmp_path), _CONFIGS)


def _planned(place, table, rows, seeds=(1, 2)):
  table = tables.load_table(table, _CONFIGS)
  suite = tables.load_suite("demo", _CONFIGS)
  rows = plan.select_rows(table, rows)
  return table, suite, plan.plan_rows(rows, suite, place, seeds=seeds)


def _score(run, mean_iou):
  content = {
    "mean_iou": mean_iou,
    "pixel_accuracy": 0.9,
    "classes": {n: {"iou": mean_iou, "pixels": 5} for n in _CLASSES},
  }
  path = pathlib.Path(run.scores)
  path.parent.mkdir(parents=True, exist_ok=True)
  path.write_text(json.dumps(content))


def _checkpoint(run, step, params=""):
  folder = pathlib.Path(run.directory)
  folder.mkdir(parents=True, exist_ok=True)
  (folder / "checkpoint").write_text(
    f'model_checkpoint_path: "ckpt-{step}"\n'
    'all_model_checkpoint_paths: "ckpt-1"\n'
  )
  (folder / "params.yaml").write_text(params)


def _recorded(run):
  """params.yaml as a training with the run's own overrides writes it."""
  tree = {}
  for key, value in run.trainings[0].overrides.items():
    *parents, leaf = key.split(".")
    node = tree
    for parent in parents:
      node = node.setdefault(parent, {})
    node[leaf] = value
  return json.dumps(tree)


def test_only_what_is_missing_is_called(place, monkeypatch):
  _, _, (planned,) = _planned(place, 2, ["ce"], seeds=(1, 2, 3, 4))
  calls = []

  def call(command, log, say):
    calls.append(command[1])
    if "evaluate" in command[1]:
      _score(run, 0.5)

  monkeypatch.setattr(execution, "_call", call)
  scored, trained, half, fresh = planned.runs
  _score(scored, 0.5)
  _checkpoint(scored, 700, _recorded(scored))
  _checkpoint(trained, 700, _recorded(trained))
  _checkpoint(half, 300, _recorded(half))
  train, evaluate = "deeplab_ssl.train", "deeplab_ssl.evaluate"
  for run, expected in (
    (scored, []),
    (trained, [evaluate]),
    (half, [train, evaluate]),
    (fresh, [train, evaluate]),
  ):
    calls.clear()
    execution.execute(run, lambda line: None)
    assert calls == expected
    assert execution.finished(run)


def test_half_written_scores_are_not_finished(place):
  _, _, (planned,) = _planned(place, 2, ["ce"])
  run = planned.runs[0]
  _score(run, 0.5)
  path = pathlib.Path(run.scores)
  path.write_text(path.read_text()[:-5])
  assert not execution.finished(run)


def test_a_directory_of_another_training_is_refused(place):
  _, _, (planned,) = _planned(place, 2, ["ssl_3"])
  run = planned.runs[0]
  other = _recorded(run).replace('"region_size": 3', '"region_size": 5')
  _checkpoint(run, 700, other)
  with pytest.raises(ValueError, match="region_size=5, not 3.*--model_dir"):
    execution.execute(run)
  # Without a step there is nothing to protect.
  _checkpoint(run, 0, other)
  execution.check_same(run.trainings[0])


def test_dropped_overrides_are_noticed(place, monkeypatch):
  table = tables.load_table(2, _CONFIGS)
  suite = tables.load_suite("demo", _CONFIGS)
  rows = plan.select_rows(table, ["ce"])
  tiny = {"task.losses.l2_weight_decay": 9.0}
  (small,) = plan.plan_rows(rows, suite, place, seeds=[1], overrides=tiny)
  (real,) = plan.plan_rows(rows, suite, place, seeds=[1])

  def call(command, log, say):
    _checkpoint(small.runs[0], 700)
    _score(small.runs[0], 0.5)

  monkeypatch.setattr(execution, "_call", call)
  execution.execute(small.runs[0], lambda line: None)
  execution.execute(small.runs[0], lambda line: None)
  with pytest.raises(ValueError, match="of other overrides.*recipe.json"):
    execution.execute(real.runs[0])


def test_a_stopped_reproduction_stops_its_command(tmp_path):
  number = tmp_path / "pid"
  program = (
    "import os, pathlib, time; "
    f"pathlib.Path({str(number)!r}).write_text(str(os.getpid())); "
    "print('ETA', flush=True); time.sleep(60)"
  )

  def stop(line):
    raise KeyboardInterrupt

  with pytest.raises(KeyboardInterrupt):
    execution._call(["-c", program], str(tmp_path / "log"), stop)
  with pytest.raises(ProcessLookupError):
    os.kill(int(number.read_text()), 0)


def test_scenes_that_were_cut_short_are_completed(place, monkeypatch):
  suite = tables.load_suite("demo", _CONFIGS)
  small = {"num_train": 4, "num_val": 4, "seed": 1}
  data = dataclasses.replace(suite.data["digits"], scenes=small)
  suite = dataclasses.replace(suite, data={"digits": data})
  convert, converted = conversion.convert_split, []

  def cut_short(pairs, output_dir, split, info):
    if split == "val" and "val" not in converted:
      converted.append("val")
      raise KeyboardInterrupt
    converted.append(split)
    return convert(pairs, output_dir, split, info)

  monkeypatch.setattr(conversion, "convert_split", cut_short)
  with pytest.raises(KeyboardInterrupt):
    reproduction.make_scenes(suite, place)
  reproduction.make_scenes(suite, place)
  folder = pathlib.Path(place.model_dir, "demo", "data", "records")
  assert len(list(folder.glob("val-*.tfrecord"))) == 4
  assert requirements.recorded_splits(folder) == {"train": 4, "val": 4}
  reproduction.make_scenes(suite, place)
  assert converted == ["train", "val", "train", "val"]
  (folder / "dataset.yaml").write_text("")
  assert not requirements.recorded_splits(folder)


def test_a_failed_command_is_told_with_its_log_and_the_others_run(
  place, monkeypatch
):
  table, suite, planned = _planned(place, 2, ["ce", "bce"], seeds=(1,))
  monkeypatch.setattr(reproduction, "make_scenes", lambda *_: None)
  monkeypatch.setattr(
    plan.Training,
    "command",
    property(
      lambda self: [
        "-c",
        "import sys; print('ETA 5'); sys.exit('no memory')"
        if "/ce/" in self.directory
        else "print('trained')",
      ]
    ),
  )
  monkeypatch.setattr(
    plan.Run, "evaluation_command", property(lambda self: ["-c", "pass"])
  )
  (error,) = reproduction.reproduce(table, suite, planned, planned, place)
  assert "no memory" in error
  assert "voc2012_v3/ce, seed 1" in error
  log = pathlib.Path(planned[1].runs[0].directory, "train.log")
  assert "trained" in log.read_text()


def test_the_table_shows_paper_ours_and_paired_differences(place):
  table, suite, planned = _planned(place, 2, ["ce", "bce", "ssl_3"])
  ce, bce, ssl = planned
  for p, ious in ((ce, (0.70, 0.72)), (ssl, (0.71, 0.75))):
    for run, iou in zip(p.runs, ious, strict=True):
      _score(run, iou)
  page = results.render(table, suite, planned)
  # Differences 1 and 3: mean 2, half 12.706 * sqrt(2) / sqrt(2).
  assert (
    "| DeepLabv3 | SSL | 3 | 78.46 | 73.00 ± 2.83 (2 seeds) | -5.46 | "
    "+2.00 ± 12.71 |"
  ) in page
  assert "| DeepLabv3 | BCE | – | 76.80 |  |  |  |" in page
  assert "--params_override=" in page
  exported = results.export(suite, planned)
  assert exported["ssl_3"]["seed 2"]["mean_iou"] == 0.75
  assert "bce" not in exported


def test_each_setting_has_its_own_baseline(place):
  table = tables.load_table(2, _CONFIGS)
  suite = tables.load_suite("paper", _CONFIGS)
  planned = plan.plan_rows(table.rows, suite, place)
  for p in planned:
    _score(p.runs[0], p.row.paper / 100)
  page = results.render(table, suite, planned)
  assert "| SSL | 3 | 78.46 | 78.46 | +0.00 | +2.13 | +1.66 |" in page
  assert "| SSL | 3 | 80.63 | 80.63 | +0.00 | +2.51 | +2.32 |" in page
  exported = results.export(suite, planned)
  assert len(exported) == 18
  assert exported["voc2012_v3/ce"]["seed 1"]["mean_iou"] == 0.7633


def test_classes_stand_beside_the_papers_where_they_are_the_same(place):
  table = tables.load_table(4, _CONFIGS)
  suite = tables.load_suite("paper", _CONFIGS)
  rows = plan.select_rows(table, ["ssl_3"])
  planned = plan.plan_rows(rows, suite, place)
  (run,) = planned[0].runs
  names = [f"class {i}" for i in range(19)]
  classes = {n: {"iou": 0.5, "pixels": 5} for n in names}
  classes["class 3"]["iou"] = None
  pathlib.Path(run.directory).mkdir(parents=True)
  pathlib.Path(run.scores).write_text(
    json.dumps({"mean_iou": 0.5, "pixel_accuracy": 0.9, "classes": classes})
  )
  page = results.render(table, suite, planned)
  assert "| class 2 | 91.56 | 50.00 |" in page
  assert "| class 3 | 53.14 | n/a |" in page


def test_the_plan_says_what_is_left(place):
  table, suite, planned = _planned(place, 5, ["ce", "ce+crf_steps=1"])
  _score(planned[0].runs[0], 0.5)
  _checkpoint(planned[0].runs[1], 300)
  text = reproduction.describe(table, suite, planned, place, probe_steps=0)
  plain, crf = text.splitlines()[1:3]
  assert "1 finished, 400 steps left" in plain
  assert "0 finished, 0 steps left" in crf
  assert "Missing" not in text


@pytest.mark.parametrize(
  "args, message",
  [
    (["--seeds=1,1"], "up to ten different whole numbers. Received: 1,1"),
    (["--seeds=1,01"], "up to ten different whole numbers. Received: 1,01"),
    (["--data_dir=x"], "--data_dir does nothing with a suite of made scenes"),
    (["--checkpoint_dir=x"], "--checkpoint_dir does nothing with a suite wi"),
    (["--probe_steps=3"], "--probe_steps does nothing without --dry_run"),
    (
      ["--dry_run", "--params_override=trainer.train_stps=9"],
      "train_steps",
    ),
    (["--rows=nothing"], "Error: Table 2 has no row 'nothing'"),
  ],
)
def test_wrong_arguments_are_told_before_anything_runs(args, message, tmp_path):
  command = [
    *("-m", "deeplab_ssl.reproduce", "--table=2", "--suite=demo"),
    *(f"--configs_dir={_CONFIGS}", f"--model_dir={tmp_path}/runs"),
  ]
  done = commands.run(*command, *args, folder=tmp_path)
  assert done.returncode == 1
  assert message in done.stderr
  assert "Traceback" not in done.stderr
  assert not (tmp_path / "runs").exists()


def test_the_demo_is_reproduced_and_not_twice(tmp_path):
  tiny = (
    "trainer.train_steps=2,trainer.steps_per_loop=2,trainer.summary_interval=2,"
    "task.model.aspp_convs_filters=8,task.model.decoder_filters=8,"
    "task.train_data.global_batch_size=2,task.train_data.crop_size=[33,33]"
  )
  suites = tmp_path / "configs" / "suites"
  suites.mkdir(parents=True)
  (tmp_path / "configs" / "tables").symlink_to(f"{_CONFIGS}/tables")
  text = pathlib.Path(_CONFIGS, "suites", "demo.yaml").read_text()
  text = text.replace("num_train: 600, num_val: 60", "num_train: 4, num_val: 4")
  (suites / "demo.yaml").write_text(text)
  command = [
    *("-m", "deeplab_ssl.reproduce", "--table=2"),
    *("--suite=demo", "--rows=ce", "--seeds=3", f"--params_override={tiny}"),
    f"--model_dir={tmp_path}/runs",
    f"--configs_dir={tmp_path}/configs",
  ]
  for expected in ("evaluation", "finished before"):
    done = commands.run(*command, folder=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    assert expected in done.stdout
  page = (tmp_path / "runs" / "demo" / "table2.md").read_text()
  assert "| DeepLabv3 | CE | – | 76.33 | " in page
