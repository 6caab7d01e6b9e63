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

"""Small files beside checkpoints, on this machine or elsewhere."""

import tensorflow as tf

from deeplab_ssl.common import atomic_files


def write(path: str, text: str) -> None:
  """Writes a file so that it is there as a whole or not at all.

  Args:
    path: of the file, or its address, such as gs://bucket/file.
    text: what it holds.
  """
  if atomic_files.is_local(path):
    atomic_files.write(path, text.encode())
  else:  # A remote file appears when it is closed.
    with tf.io.gfile.GFile(path, "w") as file:
      file.write(text)
