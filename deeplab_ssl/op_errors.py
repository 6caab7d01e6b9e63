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

"""What an error of a TensorFlow operation says, without where it was run."""

import re

# The node and its device before the message, the operation behind it.
_PLACES = re.compile(r"\{\{\w+ .*?\}\}|\[Op:.*", re.DOTALL)


def reason(error) -> str:
  """Returns the message of an error without the names of graph nodes.

  Args:
    error: a `tf.errors.OpError`.
  """
  return _PLACES.sub("", error.message).strip()
