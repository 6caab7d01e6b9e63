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

# Names of graph nodes around the message, and the operation behind it.
_NODES = re.compile(
  r"\s*\[\[.*?\]\]|\{\{\w+ .*?\}\}|\s*\[Op:.*?\]( name: \S*)?"
)
# What a graph puts before it: where the node was defined, and which it is.
_STACK = re.compile(
  r"Graph execution error:|Detected at node .*| *File \".*|Node: .*|"
  r"<stack traces unavailable>"
)
# Errors of several nodes at once; the first one brought the others about.
_SEVERAL = re.compile(
  r"\d+ root error\(s\) found\.\s*\(0\)\s*(?:[A-Z_]+: *)?(.*?)\s*(?:\(1\)|\Z)",
  re.DOTALL,
)


def reason(error) -> str:
  """Returns the message of an error without graph nodes and stacks.

  Args:
    error: a `tf.errors.OpError`.
  """
  lines = _NODES.sub("", error.message).splitlines()
  text = "\n".join(line for line in lines if not _STACK.fullmatch(line))
  several = _SEVERAL.search(text)
  return (several[1] if several else text).strip()
