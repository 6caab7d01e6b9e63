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

"""The checkpoints in the directory of a run, whatever has happened to it."""

from collections.abc import Iterator
from collections.abc import Sequence
import os
import re

from absl import logging
import tensorflow as tf

from deeplab_ssl.checkpoints import files

_INDEX = re.compile(r"ckpt-(\d+)\.index")
# What TensorFlow writes before it renames it into place.
_LEFTOVER = re.compile(r"ckpt-\d+(\.data-\d+-of-\d+|\.index)?.*temp.*")


class NoWholeCheckpointError(ValueError):
  """All checkpoints of a run are damaged."""


def steps(directory: str) -> list[int]:
  """Returns the steps of the checkpoints of a run, the newest last.

  They are found by their names, so that no other file is needed.

  Args:
    directory: of the run; it may be missing.
  """
  if not tf.io.gfile.isdir(directory):
    return []
  found = (_INDEX.fullmatch(name) for name in tf.io.gfile.listdir(directory))
  return sorted(int(match[1]) for match in found if match)


def prefix_of(directory: str, step: int) -> str:
  """Returns the prefix of the checkpoint of a step."""
  return os.path.join(directory, f"ckpt-{step}")


def fault(prefix: str) -> str | None:
  """Reads all of a checkpoint against its checksums.

  Args:
    prefix: of the checkpoint.

  Returns:
    What is wrong with it, None if it is whole.
  """
  try:
    reader = tf.train.load_checkpoint(prefix)
    for name in reader.get_variable_to_shape_map():
      reader.get_tensor(name)
  # Which error comes depends on the byte that is wrong.
  except (tf.errors.OpError, ValueError, RuntimeError, LookupError) as error:
    message = getattr(error, "message", None) or str(error)
    return message.splitlines()[0] if message else type(error).__name__
  return None


def _whole_ones(directory) -> Iterator[str]:
  """The prefixes of whole checkpoints, newest first; tells of the others."""
  for step in reversed(steps(directory)):
    prefix = prefix_of(directory, step)
    wrong = fault(prefix)
    if wrong is None:
      yield prefix
    else:
      logging.warning(
        "The checkpoint %s is damaged (%s); the one before it is used.",
        prefix,
        wrong,
      )


def newest_whole(directory: str) -> str | None:
  """Returns the newest checkpoint of a run that can be read.

  Args:
    directory: of the run.

  Returns:
    Its prefix; None if the run has none at all.

  Raises:
    NoWholeCheckpointError: if all of them are damaged.
  """
  found = steps(directory)
  if not found:
    return None
  prefix = next(_whole_ones(directory), None)
  if prefix is None:
    raise NoWholeCheckpointError(
      f"None of the checkpoints in {directory} can be read (steps "
      f"{', '.join(map(str, found))}). Copy one of them again, or train in "
      "another directory; nothing was changed."
    )
  return prefix


def check_whole(prefix: str) -> None:
  """Fails if a checkpoint is damaged, and offers the newest whole one.

  Args:
    prefix: of the checkpoint.

  Raises:
    ValueError: naming the checkpoint and what is wrong with it.
  """
  wrong = fault(prefix)
  if wrong is None:
    return
  directory = os.path.dirname(prefix)
  other = next(_whole_ones(directory), None)
  remedy = "Copy it again."
  if other:
    remedy += f" Or take the newest whole one: --checkpoint={other}"
  raise ValueError(f"The checkpoint {prefix} is damaged: {wrong}. {remedy}")


def prepare(directory: str, prefix: str | None) -> None:
  """Makes a directory ready for a training that goes on from a checkpoint.

  What a killed save has left is removed, and the list of checkpoints that
  TensorFlow keeps is written anew from what is there.

  Args:
    directory: of the run; it may be missing.
    prefix: of the checkpoint to go on from, from `newest_whole`.
  """
  if not tf.io.gfile.isdir(directory):
    return
  for name in tf.io.gfile.listdir(directory):
    name = name.rstrip("/")
    if _LEFTOVER.fullmatch(name):
      path = os.path.join(directory, name)
      logging.warning("%s, which a killed save has left, is removed.", path)
      if tf.io.gfile.isdir(path):
        tf.io.gfile.rmtree(path)
      else:
        tf.io.gfile.remove(path)
  if prefix:
    newest = step_of(prefix)
    kept = [step for step in steps(directory) if step <= newest]
    write_list(directory, [f"ckpt-{step}" for step in kept])


def keep_newest(directory: str) -> None:
  """Removes all checkpoints of a run but the newest, which must be whole.

  Args:
    directory: of the run; it may hold none.

  Raises:
    ValueError: if the newest is damaged; nothing is removed then.
  """
  found = steps(directory)
  if len(found) < 2:
    return
  newest = prefix_of(directory, found[-1])
  check_whole(newest)
  # First the list: it may name fewer than there are, never one that is gone.
  write_list(directory, [os.path.basename(newest)])
  for step in found[:-1]:
    for path in tf.io.gfile.glob(f"{prefix_of(directory, step)}.*"):
      tf.io.gfile.remove(path)


def step_of(prefix: str) -> int:
  """Returns the step in the name of a checkpoint of a run."""
  return int(prefix.rsplit("-", 1)[1])


def write_list(directory: str, names: Sequence[str]) -> None:
  """Writes the file in which TensorFlow looks for the checkpoints of a folder.

  Args:
    directory: the folder.
    names: of the checkpoints, the newest last.
  """
  # Given a relative folder, TensorFlow takes names as seen from where it runs.
  state = tf.compat.v1.train.generate_checkpoint_state_proto(
    os.sep, names[-1], names
  )
  files.write(os.path.join(directory, "checkpoint"), str(state))
