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

import pytest
import tensorflow as tf

from deeplab_ssl.checkpoints import best_checkpoint
from deeplab_ssl.runs import run_directory


def test_missing_run_and_checkpoint_list_what_is_there(tmp_path):
  (tmp_path / "notes.txt").write_text("")
  with pytest.raises(FileNotFoundError, match=r"notes\.txt"):
    run_directory.load_configuration(str(tmp_path))
  with pytest.raises(FileNotFoundError, match=r"notes\.txt"):
    run_directory.find_checkpoint(str(tmp_path))
  with pytest.raises(FileNotFoundError, match="No checkpoint /nowhere"):
    run_directory.find_checkpoint(str(tmp_path), "/nowhere")


def _save(folder, step):
  tf.train.Checkpoint(step=tf.Variable(step)).write(f"{folder}/ckpt-{step}")


def test_the_best_checkpoint_is_found_in_its_folder_then_the_last(tmp_path):
  run, best = (
    str(tmp_path),
    best_checkpoint.BestCheckpoint(
      str(tmp_path / "finest"), "mean_iou", "higher"
    ),
  )
  _save(run, 8)
  checkpoint = tf.train.Checkpoint(step=tf.Variable(4))
  best.maybe_export_checkpoint(checkpoint, {"mean_iou": 0.5}, 4)
  find = run_directory.find_checkpoint
  assert find(run, "best", "finest") == f"{run}/finest/ckpt-4"
  assert find(run, "best") == f"{run}/ckpt-8"
  assert find(run, "last", "finest") == f"{run}/ckpt-8"


def test_a_damaged_checkpoint_is_named_with_the_newest_whole_one(tmp_path):
  for step in (4, 8):
    _save(str(tmp_path), step)
  (tmp_path / "ckpt-8.index").write_bytes(b"")
  with pytest.raises(ValueError, match="ckpt-8 is damaged.*=.*ckpt-4"):
    run_directory.find_checkpoint(str(tmp_path), f"{tmp_path}/ckpt-8")
  assert run_directory.find_checkpoint(str(tmp_path), "last").endswith("ckpt-4")


_OF_MODEL_GARDEN = "runtime: {}\ntask: {model: {head: {}}}\ntrainer: {}\n"


@pytest.mark.parametrize(
  "content",
  [
    b"",
    b"\x00\xff\xfe",
    b"task: [",
    b"- task\n- trainer\n",
    b"words",
    b"task: {}\n",
    b"runtime: {}\ntask: {losses: 3}\ntrainer: {}\n",
    b"runtime: {}\ntask: {}\ntrainer: {train_steps: many}\n",
    _OF_MODEL_GARDEN.encode(),
  ],
)
def test_a_damaged_configuration_or_another_is_named(content, tmp_path):
  path = tmp_path / "params.yaml"
  path.write_bytes(content)
  with pytest.raises(ValueError, match="is not of a DeepLab exp") as raised:
    run_directory.load_configuration(str(tmp_path))
  assert str(raised.value).startswith(str(path))
  assert "Restore the file, or train anew" in str(raised.value)
