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

"""Saves the checkpoints of a training, and goes on from one of them."""

import tensorflow as tf


class CheckpointManager(tf.train.CheckpointManager):
  """Goes on from a given checkpoint, wherever it saves its own.

  So do several workers, which must all save and of which one alone writes into
  the directory of the run.

  Args:
    *args: as `tf.train.CheckpointManager`.
    first: prefix of the checkpoint to go on from while it has saved none; None
      for a new training.
    **kwargs: as `tf.train.CheckpointManager`.
  """

  def __init__(self, *args, first: str | None = None, **kwargs):
    super().__init__(*args, **kwargs)
    self._first = first

  @property
  def latest_checkpoint(self) -> str | None:
    """See base class."""
    return super().latest_checkpoint or self._first

  def restore_or_initialize(self) -> str | None:
    """See base class."""
    if super().latest_checkpoint or not self._first:
      return super().restore_or_initialize()
    self.checkpoint.restore(self._first)
    return self._first
