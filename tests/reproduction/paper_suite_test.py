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

"""The suite `paper` from devkits in the official layouts to its tables.

As in earnest, but for the numbers of images and steps and the networks.
"""

import json
import pathlib
import re
import shutil

import pytest

from deeplab_ssl import modeling
from deeplab_ssl.input import dataset_info
from deeplab_ssl.reproduction import tables
from tests import commands
from tests import input_testing
from tests import source_tree
from tests import synth_checkpoint

_CONFIGS = source_tree.ROOT / "configs"
_COUNTS = {
  "trainaug: 10582, train: 1464, val: 1449": "trainaug: 4, train: 2, val: 2",
  "train: 2975, val: 500": "train: 3, val: 2",
}
_TINY = {
  "task.model.backbone": "mobilenet_v2_mini",
  "task.model.output_stride": 8,
  "task.model.multi_grid": None,
  "task.model.aspp_convs_filters": 8,
  "task.train_data.crop_size": [33, 33],
  "task.train_data.global_batch_size": 2,
  "trainer.train_tf_function": False,
  "trainer.steps_per_loop": 1,
  "trainer.summary_interval": 1,
  "trainer.validation_interval": 1,
  "trainer.checkpoint_interval": 1,
  "trainer.optimizer_config.learning_rate.deeplab.slow_start_step": 0,
}
# A row of each setting: one stage or two, with a decoder, with a discriminator,
# and evaluated with a CRF, the windowed one where there is no pydensecrf. Some
# are in several tables.
_ROWS = {
  "voc2012_v3/ssl_3": (1, 2, 3),
  "voc2012_v3plus/ce": (1, 2),
  "cityscapes_v3/ssl_3": (4, 6),
  "voc2012_v3_321/ce": (5,),
  "voc2012_v3_321/ce+crf_steps=5": (5,),
  "voc2012_v3_321/adversarial_base": (5,),
}
_INTERRUPTED = "cityscapes_v3/ssl_3"
# What a machine that shuts down does, when a training has saved its first step.
_SIGTERM = f"""
import glob, os, signal, threading, time

def stop():
  while not glob.glob("runs/paper/{_INTERRUPTED}/seed1/*-1.index"):
    time.sleep(0.01)
  os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=stop, daemon=True).start()
"""


def _run(folder, *args):
  done = commands.run("-m", *args, folder=folder)
  assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
  return done.stdout


def _convert(folder):
  """Writes the devkits, and makes the records as docs/datasets.md says."""
  voc = folder / "VOCdevkit" / "VOC2012"
  info = dataset_info.get_dataset_info("voc2012")
  ours = {"train": ["2007_1", "2007_2"], "val": ["2007_3", "2007_4"]}
  content = input_testing.write_devkit(voc, ours, info, image_suffix=".jpg")
  known = {name: content[name] for name in ours["train"]}
  more = input_testing.write_devkit(
    folder / "more", {"train": ["2008_1", "2008_2"]}, info
  )
  input_testing.write_sbd(folder / "sbd", known | more)
  (folder / "sbd" / "dataset" / "train.txt").write_text("2008_1\n2008_2\n")
  (folder / "sbd" / "dataset" / "val.txt").write_text("")
  _run(
    folder,
    *("deeplab_ssl.convert", "voc2012", f"--devkit_dir={voc}", "--subset"),
    *("--splits=trainaug,train,val", "--sbd_dir=sbd"),
    *("--output_dir=data/voc2012", "--num_shards=1"),
  )
  streets = {
    split: [f"aachen_{i:06}_000019" for i in range(count)]
    for split, count in (("train", 3), ("val", 2))
  }
  input_testing.write_cityscapes(folder / "cityscapes", streets)
  _run(
    folder,
    *("deeplab_ssl.convert", "cityscapes", "--cityscapes_dir=cityscapes"),
    *("--subset", "--output_dir=data/cityscapes", "--num_shards=1"),
  )


def _configs(folder):
  """Copies the configurations, with few steps and the made-up data's counts."""
  shutil.copytree(_CONFIGS, folder / "configs")
  for path in (folder / "configs").glob("*.yaml"):
    # The one that is interrupted has a step before and one after it.
    steps = 2 if _INTERRUPTED.startswith(f"{path.stem}/") else 1
    text = re.sub(
      r"train_steps: \d+", f"train_steps: {steps}", path.read_text()
    )
    path.write_text(text)
  suite = folder / "configs" / "suites" / "paper.yaml"
  text = suite.read_text()
  for official, made in _COUNTS.items():
    assert official in text
    text = text.replace(official, made)
  suite.write_text(text.replace("crf: dense", "crf: window"))


def _checkpoints(folder):
  """Writes ImageNet checkpoints with the original's names."""
  model = modeling.build_deeplab(
    backbone=_TINY["task.model.backbone"],
    output_stride=_TINY["task.model.output_stride"],
  )
  shapes = {
    name: variable.shape.as_list()
    for name, variable in model.backbone.slim_variables().items()
  }
  for name in ("resnet_v1_101_beta", "xception_65"):
    path = folder / "checkpoints" / name
    path.mkdir(parents=True)
    synth_checkpoint.write_checkpoint(shapes, 1, str(path / "model.ckpt"))


def _overrides():
  return ",".join(f"{k}={json.dumps(v)}" for k, v in _TINY.items())


def _reproduce(table, rows, model_dir="runs"):
  """The one command of docs/reproduce.md."""
  return [
    *("deeplab_ssl.reproduce", f"--table={table}", f"--rows={','.join(rows)}"),
    *("--configs_dir=configs", f"--model_dir={model_dir}"),
    f"--params_override={_overrides()}",
  ]


def _page(folder, number, model_dir="runs"):
  """The text of a page, and the scores beside it."""
  path = pathlib.Path(folder, model_dir, "paper", f"table{number}.md")
  text = path.read_text().replace(f"{model_dir}/paper/", "runs/paper/")
  return text, json.loads(path.with_suffix(".json").read_text())


@pytest.mark.slow
def test_devkits_become_the_tables_of_the_paper(tmp_path):
  command = _reproduce("all", _ROWS)
  _convert(tmp_path)
  _configs(tmp_path)
  plan = _run(tmp_path, *command, "--dry_run", "--probe_steps=0")
  assert "Missing:\n- There is no checkpoint in checkpoints/" in plan
  _checkpoints(tmp_path)
  plan = _run(tmp_path, *command, "--dry_run", "--probe_steps=0")
  assert "Missing:" not in plan
  # Four trainings of two stages, one of them for two rows, and Cityscapes.
  assert plan.endswith("rows 6, runs 6, finished 0, steps left 10.\n")

  stopped = commands.run("-m", *command, folder=tmp_path, before=_SIGTERM)
  assert stopped.returncode == 1
  assert "Stopped by SIGTERM" in stopped.stderr
  _, scores = _page(tmp_path, 4)
  assert not scores
  output = _run(tmp_path, *command)
  assert output.count("finished before") == 2
  assert _run(tmp_path, *command).count("finished before") == len(_ROWS)

  for number in tables.TABLES:
    text, scores = _page(tmp_path, number)
    assert tables.load_table(number, str(_CONFIGS)).title in text
    assert set(scores) == {row for row, of in _ROWS.items() if number in of}
  # As if nothing had happened.
  _run(tmp_path, *_reproduce(4, [_INTERRUPTED], "untroubled"))
  assert _page(tmp_path, 4, "untroubled") == _page(tmp_path, 4)
