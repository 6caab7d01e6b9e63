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

"""Settings of TensorFlow that a command makes before anything uses it."""

import os

from deeplab_ssl.cli import messages

_BACKEND = "tensorflow"


def prepare(training: bool = False) -> None:
  """Sets environment defaults; the user's own values win.

  Call it before TensorFlow is imported, which is when these are read.

  TensorFlow leaves oneDNN off on some processors. On such a one (AMD, without
  AVX-512) it made a training step two to three times as fast but prediction
  slower: maps too large for its matrix form (128 channels at 513x1025) went
  through a reference loop. With oneDNN on, TensorFlow's fusion of a convolution
  with the batch norm of inference meets that loop too, 25 times slower.

  Args:
    training: whether the command trains, which turns oneDNN on.

  Raises:
    ValueError: if Keras is told to compute with something else.
  """
  # A keras.json in the home folder is for other programs; a variable is said
  # to this one.
  backend = os.environ.setdefault("KERAS_BACKEND", _BACKEND)
  if backend != _BACKEND:
    raise ValueError(
      f"KERAS_BACKEND is {backend!r}, but this command needs TensorFlow: run "
      f"it with KERAS_BACKEND={_BACKEND}, or unset the variable."
    )
  if training:
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
  verbose = messages.is_verbose()
  # Level 3 hides errors, too: TensorFlow reports as one that it finds no GPU.
  # What goes wrong in a command is raised in Python as well.
  os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "0" if verbose else "3")
  import tensorflow as tf

  if not tf.config.list_physical_devices("GPU"):
    tf.config.optimizer.set_experimental_options({"remapping": False})
