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

"""What the workers of a training tell each other beside the gradients."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
import contextlib
import json
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.eager import context

from deeplab_ssl.distribution import cluster as cluster_lib


class PeerLostError(OSError):
  """Another worker has ended, or cannot be reached any more."""


# What TensorFlow raises in one worker when another is gone, by where it was.
_LOST = (
  tf.errors.AbortedError,
  tf.errors.CancelledError,
  tf.errors.DeadlineExceededError,
  tf.errors.UnavailableError,
)
_ABORTED = "Collective ops is aborted"
# Before the words of a worker that tells the others its error.
_REPORT = "This worker ends: "


class Workers:
  """The workers of a strategy; any other strategy has one, which is the chief.

  All workers must call its methods in the same order.

  Args:
    strategy: the strategy of the training.

  Attributes:
    strategy: the same.
    is_chief: whether this worker writes the results.
    several: whether there are others.
  """

  def __init__(self, strategy: tf.distribute.Strategy):
    self.strategy = strategy
    self._cluster = None
    if isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
      self._cluster = cluster_lib.from_environment()
    self.is_chief = strategy.extended.should_checkpoint
    self.several = self.count > 1

  @property
  def count(self) -> int:
    """How many workers there are."""
    return len(self._cluster.names) if self._cluster else 1

  def _sum(self, values):
    # Of a type that every kind of device can sum.
    values = tf.constant(np.asarray(values, np.float32))
    return self.strategy.reduce("SUM", values, axis=None).numpy()

  def any_of(self, value: bool) -> bool:
    """Returns in all workers whether a value is true in any of them."""
    return value if not self.several else bool(self._sum(int(value)))

  def from_chief(self, compute: Callable[[], Any]) -> Any:
    """Returns in all workers what a function returns in the chief.

    Args:
      compute: called in the chief alone; returns what JSON can hold.

    Raises:
      ValueError: in the others, if the function fails in the chief, where its
        own error is raised.
    """
    if not self.several:
      return compute()
    said, error = {}, None
    if self.is_chief:
      try:
        said = {"value": compute()}
      except (ValueError, OSError) as caught:
        said, error = {"error": str(caught)}, caught
    said = self._of_chief(said)
    if error:
      raise error
    if "error" in said:
      raise ValueError(f"{self._cluster.told(0)} says: {said['error']}")
    return said["value"]

  def _of_chief(self, said):
    """Returns what the chief says: all others add zeros to its bytes."""
    text = np.frombuffer(json.dumps(said).encode(), np.uint8)
    size = int(self._sum(len(text) if self.is_chief else 0))
    mine = text if self.is_chief else np.zeros([size], np.uint8)
    return json.loads(self._sum(mine).astype(np.uint8).tobytes())

  def check_same(self, told: Mapping[str, Any]) -> None:
    """Fails in a worker that was not given the same as the chief.

    Args:
      told: {name: value} of what must be the same, values that JSON can hold.

    Raises:
      ValueError: naming what differs.
    """
    if not self.several:
      return
    of_chief = self.from_chief(lambda: told)
    mine = json.loads(json.dumps(told))
    for name in sorted({*of_chief, *mine}):
      if of_chief.get(name) != mine.get(name):
        raise ValueError(
          f"{name} is {mine.get(name)} in "
          f"{self._cluster.told(self._cluster.index)} and "
          f"{of_chief.get(name)} in {self._cluster.told(0)}. Give all workers "
          "the same configuration and data."
        )

  @contextlib.contextmanager
  def watched(self) -> Iterator[None]:
    """While it is open, the workers learn of each other's errors.

    Raises:
      PeerLostError: instead of TensorFlow's error when another worker is gone;
        says which one, and its error if it could tell it.
    """
    try:
      yield
    except Exception as error:
      if not self.several:
        raise
      if _is_of_a_peer(error):
        raise PeerLostError(self._told(error.message)) from error
      _report(error)
      raise

  def _told(self, message):
    names = [self._cluster.told(i) for i in self._cluster.peers_in(message)]
    if not names and self.count == 2:
      names = [self._cluster.told(int(self.is_chief))]
    told = f"The training has lost {names[0] if names else 'another worker'}"
    _, reported, reason = message.partition(_REPORT)
    if reported:
      told += f", which has ended: {reason.splitlines()[0]}"
    else:
      told += (
        ": it has ended or cannot be reached any more. Look at its output."
      )
    return (
      f"{told} Start all workers again; the training goes on from its last "
      "checkpoint."
    )


def _is_of_a_peer(error):
  return isinstance(error, _LOST) or (
    isinstance(error, tf.errors.OpError) and _ABORTED in str(error.message)
  )


def _report(error):
  """Tells the other workers why this one ends, before it does."""
  text = str(error).strip().splitlines() or [type(error).__name__]
  with contextlib.suppress(Exception):  # The error itself is what is told.
    context.context().report_error_to_cluster(
      tf.errors.ABORTED, f"{_REPORT}{text[0]}"
    )
