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

"""The best checkpoint of a run: found whole, or not at all."""

from collections.abc import Mapping
import json
import os
from typing import Any
import zlib

from absl import logging
import numpy as np
import tensorflow as tf

from deeplab_ssl.checkpoints import files
from deeplab_ssl.checkpoints import run_checkpoints

# Beside the checkpoint: its scores, its step and its name. This file is what
# makes a checkpoint the best one, so it is written last and at once.
INFO_FILE = "info.json"
_NAME, _STEP = "checkpoint", "best_ckpt_global_step"
# Of which images the scores are: those of others say nothing beside them.
_IMAGES = "validation_data"
# Over all else in it, so that a changed digit of a score is seen.
_CHECKSUM = "crc32"
_BETTER = {"higher": np.greater, "lower": np.less}


def _read(directory) -> dict[str, Any] | None:
  path = os.path.join(directory, INFO_FILE)
  if not tf.io.gfile.exists(path):
    return None
  try:
    with tf.io.gfile.GFile(path) as file:
      info = json.loads(file.read())
  except ValueError:  # No JSON, or no text at all.
    info = None
  if not isinstance(info, dict) or (
    info.pop(_CHECKSUM, None) not in (None, _checksum(info))
  ):
    raise _damaged(directory, "does not hold the scores as they were written")
  return info


def _damaged(directory, what):
  return ValueError(
    f"{os.path.join(directory, INFO_FILE)} is damaged: it {what}. Move the "
    f"folder {directory} away; the next validation begins a new one."
  )


def _checksum(info):
  return zlib.crc32(json.dumps(info, sort_keys=True).encode())


def find(directory: str) -> str | None:
  """Returns the prefix of the best checkpoint.

  Args:
    directory: the folder "best" of a run; it may be missing.

  Returns:
    The prefix; None if there is no best checkpoint.

  Raises:
    ValueError: if the file beside it is damaged.
    FileNotFoundError: if that file names a checkpoint that is not there.
  """
  info = _read(directory)
  if info is None or _NAME not in info:
    # None, or written by Model Garden.
    return tf.train.latest_checkpoint(directory)
  prefix = os.path.join(directory, info[_NAME])
  if not tf.io.gfile.exists(prefix + ".index"):
    raise FileNotFoundError(
      f"{directory}/{INFO_FILE} names the checkpoint {info[_NAME]}, which is "
      "not there. Copy it again, or take the last one: --checkpoint=last"
    )
  return prefix


class BestCheckpoint:
  """Keeps the checkpoint with the best score; Model Garden's trainer asks it.

  Args:
    directory: its folder, which is made with the first checkpoint.
    metric: name of the score.
    comparison: "higher" or "lower", which score is the better one.
    images: says which images are validated, the same for the same ones. A score
      of others is not compared with, and a warning says so. None compares
      whatever there is.

  Raises:
    ValueError: for another comparison, or if the folder is damaged.
  """

  def __init__(
    self,
    directory: str,
    metric: str,
    comparison: str,
    images: str | None = None,
  ):
    if comparison not in _BETTER:
      raise ValueError(
        "trainer.best_checkpoint_metric_comp must be one of "
        f"{sorted(_BETTER)}. Received: {comparison!r}."
      )
    self._directory, self._metric, self._images = directory, metric, images
    self._is_better = _BETTER[comparison]
    self._info = _read(directory)
    if self._info is None and tf.train.latest_checkpoint(directory):
      raise _damaged(directory, "is not there, but its checkpoint is")
    wrong = self._info is not None and self._fault()
    if wrong:
      logging.warning(
        "There is no best checkpoint to compare with, the next validation "
        "makes a new one: %s",
        wrong,
      )
      self._info = None

  def _fault(self):
    """What is wrong with the best checkpoint; None if it is whole."""
    try:
      prefix = find(self._directory)
    except FileNotFoundError as error:
      return str(error)
    if prefix is None:
      return f"{self._directory} holds none"
    score = self._info.get(self._metric)
    if not isinstance(score, (int, float)) or not np.isfinite(score):
      path = os.path.join(self._directory, INFO_FILE)
      return f"{path} gives it no {self._metric}"
    if other := self._other_images():
      return other
    wrong = run_checkpoints.fault(prefix)
    return wrong and f"{prefix} is damaged ({wrong})"

  def _other_images(self):
    """Says that the scores are of other images; None if they are of these."""
    if self._images is None:
      return None
    path = os.path.join(self._directory, INFO_FILE)
    before = self._info.get(_IMAGES)
    if before is None:
      logging.warning(
        "%s does not say of which images its scores are. They are compared "
        "with those of %s.",
        path,
        self._images,
      )
    elif before != self._images:
      return (
        f"the scores in {path} are of {before}, and now there are "
        f"{self._images}. Copy {self._directory} if you want to keep it"
      )
    return None

  @property
  def best_ckpt_logs(self) -> Mapping[str, float] | None:
    """The scores of the best checkpoint; None if there is none yet."""
    return self._info

  def go_on_from(self, best: Mapping[str, float] | None) -> None:
    """Compares from now on with scores that another process has found.

    Args:
      best: its `best_ckpt_logs`.
    """
    self._info = best

  def maybe_export_checkpoint(
    self, checkpoint: tf.train.Checkpoint, eval_logs, global_step: int
  ) -> bool:
    """Keeps a checkpoint if it is better than the best so far.

    Args:
      checkpoint: what is saved.
      eval_logs: {name: scalar}, its scores.
      global_step: its step.

    Returns:
      Whether it was better.

    Raises:
      ValueError: if the metric is none of the scores.
    """
    if self._metric not in eval_logs:
      raise ValueError(
        "trainer.best_checkpoint_eval_metric must be one of "
        f"{', '.join(sorted(eval_logs))}. Received: {self._metric!r}."
      )
    scores = {
      name: float(np.asarray(value))
      for name, value in eval_logs.items()
      if np.ndim(value) == 0
    }
    best = self._info and self._info[self._metric]
    if best is not None and not self._is_better(scores[self._metric], best):
      return False
    name = self._free_name(global_step)
    checkpoint.write(os.path.join(self._directory, name))
    self._info = scores | {_STEP: int(global_step), _NAME: name}
    if self._images is not None:
      self._info[_IMAGES] = self._images
    self._publish(name)
    return True

  def _free_name(self, step):
    """A name that no checkpoint has, so that none is written over."""
    name, number = f"ckpt-{step}", 1
    while tf.io.gfile.glob(os.path.join(self._directory, name + ".*")):
      name, number = f"ckpt-{step}-{number}", number + 1
    return name

  def _publish(self, name):
    content = self._info | {_CHECKSUM: _checksum(self._info)}
    files.write(
      os.path.join(self._directory, INFO_FILE),
      json.dumps(content, indent=4) + "\n",
    )
    # For who looks for a checkpoint in TensorFlow's way.
    run_checkpoints.write_list(self._directory, [name])
    for other in tf.io.gfile.listdir(self._directory):
      if other.startswith("ckpt-") and other.split(".")[0] != name:
        # A folder is what a killed save has left.
        path = os.path.join(self._directory, other.rstrip("/"))
        is_folder = tf.io.gfile.isdir(path)
        (tf.io.gfile.rmtree if is_folder else tf.io.gfile.remove)(path)
