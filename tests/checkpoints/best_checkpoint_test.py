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

"""Tests of the best checkpoint of a run."""

import json
from unittest import mock

import pytest
import tensorflow as tf

from deeplab_ssl.checkpoints import best_checkpoint


class Run:
  """A run whose weight is its step."""

  def __init__(self, folder, **options):
    self.folder = str(folder / "best")
    self.weight = tf.Variable(0)
    self.checkpoint = tf.train.Checkpoint(weight=self.weight)
    options = {"metric": "mean_iou", "comparison": "higher"} | options
    self.best = best_checkpoint.BestCheckpoint(self.folder, **options)

  def validate(self, step, score, metric="mean_iou"):
    self.weight.assign(step)
    logs = {metric: tf.constant(score), "per_class": tf.zeros([3])}
    return self.best.maybe_export_checkpoint(self.checkpoint, logs, step)


def kept(folder):
  """The weight of the best checkpoint, as a reader finds it."""
  prefix = best_checkpoint.find(str(folder / "best"))
  return prefix and int(
    tf.train.load_checkpoint(prefix).get_tensor(
      "weight/.ATTRIBUTES/VARIABLE_VALUE"
    )
  )


def test_the_better_one_is_kept_over_processes(tmp_path):
  assert kept(tmp_path) is None
  run = Run(tmp_path)
  assert [run.validate(2, 0.5), run.validate(4, 0.5), run.validate(6, 0.6)] == [
    True,
    False,
    True,
  ]
  assert kept(tmp_path) == 6
  again = Run(tmp_path)
  assert not again.validate(8, 0.6)
  assert again.validate(10, 0.7)
  assert kept(tmp_path) == 10
  info = json.loads((tmp_path / "best" / "info.json").read_text())
  assert info == {
    "mean_iou": pytest.approx(0.7),
    "best_ckpt_global_step": 10,
    "checkpoint": "ckpt-10",
    "crc32": mock.ANY,
  }
  # Nothing is left of the others; TensorFlow finds it in its own way too.
  assert {p.name for p in (tmp_path / "best").iterdir()} == {
    "ckpt-10.index",
    "ckpt-10.data-00000-of-00001",
    "info.json",
    "checkpoint",
  }
  assert tf.train.latest_checkpoint(run.folder) == f"{run.folder}/ckpt-10"


def test_lower_may_be_better(tmp_path):
  run = Run(tmp_path, metric="loss", comparison="lower")
  assert [
    run.validate(i, x, "loss") for i, x in enumerate((3.0, 4.0, 1.0))
  ] == [
    True,
    False,
    True,
  ]


@pytest.mark.parametrize("call", range(4))
def test_a_kill_leaves_the_old_one_or_the_new_one(call, tmp_path):
  """A kill at each of the places where files change."""
  Run(tmp_path).validate(2, 0.5)
  run, calls = Run(tmp_path), iter(range(100))

  def killed(function):
    def wrapped(*args, **kwargs):
      if next(calls) == call:
        raise KeyboardInterrupt
      return function(*args, **kwargs)

    return wrapped

  with (
    mock.patch("os.replace", killed(best_checkpoint.os.replace)),
    mock.patch("tensorflow.io.gfile.remove", killed(tf.io.gfile.remove)),
    pytest.raises(KeyboardInterrupt),
  ):
    run.validate(4, 0.6)
  assert kept(tmp_path) == (2 if call == 0 else 4)
  # The validation is made again, as nothing says that it was done.
  again = Run(tmp_path)
  again.validate(4, 0.6)
  assert kept(tmp_path) == 4
  assert again.validate(6, 0.7)
  assert len(list((tmp_path / "best").glob("*.index"))) == 1


@pytest.mark.parametrize("text", [b"", b"{", b"[1]", b"null", b"\xff\x00"])
def test_a_damaged_file_is_named(text, tmp_path):
  Run(tmp_path).validate(2, 0.5)
  (tmp_path / "best" / "info.json").write_bytes(text)
  with pytest.raises(ValueError, match="best/info.json is damaged"):
    Run(tmp_path)
  with pytest.raises(ValueError, match="best/info.json is damaged"):
    kept(tmp_path)


def test_a_lost_file_is_named(tmp_path):
  Run(tmp_path).validate(2, 0.5)
  (tmp_path / "best" / "info.json").unlink()
  with pytest.raises(ValueError, match="best/info.json is damaged.*not there"):
    Run(tmp_path)


@pytest.mark.parametrize(
  "old, new", [("0.5", "0.9"), ("ckpt-2", "ckpt-3"), ("mean", "meam")]
)
def test_a_changed_letter_is_seen(old, new, tmp_path):
  Run(tmp_path).validate(2, 0.5)
  path = tmp_path / "best" / "info.json"
  path.write_text(path.read_text().replace(old, new))
  with pytest.raises(ValueError, match="best/info.json is damaged"):
    Run(tmp_path)


@pytest.mark.parametrize("ending", [".index", ".data-00000-of-00001"])
def test_a_lost_checkpoint_is_made_anew(ending, tmp_path, caplog):
  Run(tmp_path).validate(2, 0.9)
  (tmp_path / "best" / f"ckpt-2{ending}").unlink()
  run = Run(tmp_path)
  assert "There is no best checkpoint to compare with" in caplog.text
  assert "ckpt-2" in caplog.text
  assert run.validate(4, 0.1)
  assert kept(tmp_path) == 4


@pytest.mark.parametrize("score", [None, "0.5", float("nan"), [0.5]])
def test_what_has_no_score_is_not_compared_with(score, tmp_path, caplog):
  run = Run(tmp_path)
  run.validate(2, 0.9)
  info = tmp_path / "best" / "info.json"
  content = json.loads(info.read_text())
  del content["crc32"]  # As Model Garden writes it.
  info.write_text(json.dumps(content | {"mean_iou": score}))
  assert Run(tmp_path).validate(4, 0.1)
  assert f"{info} gives it no mean_iou" in caplog.text
  assert kept(tmp_path) == 4


def test_another_score_is_compared_from_its_first_value_on(tmp_path, caplog):
  Run(tmp_path).validate(2, 0.9)
  run = Run(tmp_path, metric="iou/dog")
  assert "gives it no iou/dog" in caplog.text
  assert run.validate(4, 0.1, "iou/dog")
  assert not run.validate(6, 0.1, "iou/dog")


def test_scores_of_other_images_are_not_compared_with(tmp_path, caplog):
  run = Run(tmp_path, images="8 images (a)")
  assert run.validate(2, 0.9)
  assert not Run(tmp_path, images="8 images (a)").validate(4, 0.1)
  assert not caplog.text

  other = Run(tmp_path, images="9 images (b)")
  assert "There is no best checkpoint to compare with" in caplog.text
  assert (
    f"{run.folder}/info.json are of 8 images (a), and now there are 9 images "
    f"(b). Copy {run.folder} if" in caplog.text
  )
  # What was the best stays until there is another one.
  assert kept(tmp_path) == 2
  assert other.validate(4, 0.1)
  assert not other.validate(6, 0.1)
  assert kept(tmp_path) == 4
  assert not Run(tmp_path, images="9 images (b)").validate(8, 0.05)


def test_scores_of_images_that_nobody_has_named_are_compared(tmp_path, caplog):
  Run(tmp_path).validate(2, 0.5)
  assert not Run(tmp_path, images="8 images (a)").validate(4, 0.4)
  assert "info.json does not say of which images its scores are" in caplog.text
  caplog.clear()
  Run(tmp_path, images="8 images (a)").validate(6, 0.6)
  assert not Run(tmp_path).validate(8, 0.5)  # Nobody names them now.


def test_a_lost_checkpoint_is_told_to_who_reads_it(tmp_path):
  Run(tmp_path).validate(2, 0.9)
  (tmp_path / "best" / "ckpt-2.index").unlink()
  with pytest.raises(FileNotFoundError, match="ckpt-2, which is not there"):
    kept(tmp_path)


def test_the_folder_of_an_older_version_is_read(tmp_path):
  folder = tmp_path / "best"
  manager = tf.train.CheckpointManager(
    tf.train.Checkpoint(weight=tf.Variable(7)),
    str(folder),
    max_to_keep=1,
    checkpoint_name="best_ckpt",
  )
  manager.save()
  info = {"mean_iou": 0.5, "best_ckpt_global_step": 7.0}
  (folder / "info.json").write_text(json.dumps(info))
  assert kept(tmp_path) == 7
  assert not Run(tmp_path).validate(8, 0.4)
  assert Run(tmp_path).validate(8, 0.6)
  assert kept(tmp_path) == 8


def test_who_goes_on_from_another_decides_alike(tmp_path):
  first = Run(tmp_path / "a")
  first.validate(1, 0.3)
  writer, other = Run(tmp_path / "a"), Run(tmp_path / "b")
  other.best.go_on_from(writer.best.best_ckpt_logs)
  for step, score in enumerate((0.2, 0.4, 0.3), 2):
    assert writer.validate(step, score) == other.validate(step, score)


def test_refuses(tmp_path):
  with pytest.raises(ValueError, match="best_checkpoint_metric_comp.*'best'"):
    Run(tmp_path, comparison="best")
  with pytest.raises(
    ValueError, match="best_checkpoint_eval_metric must be one of mean_iou"
  ):
    Run(tmp_path, metric="miou").validate(2, 0.5)
