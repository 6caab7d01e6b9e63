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

"""Tests of what errors of TensorFlow operations say."""

import pytest
import tensorflow as tf

from deeplab_ssl.common import op_errors


@tf.function
def _checked(x):
  return tf.debugging.check_numerics(tf.sqrt(x), "The loss is not finite")


@pytest.mark.parametrize(
  "operation, expected",
  [
    (
      lambda: tf.io.decode_png(b"no png"),
      "Unknown image file format. One of JPEG, PNG, GIF, BMP, WebP required.",
    ),
    (
      lambda: _checked(tf.constant(-1.0)),
      "The loss is not finite : Tensor had NaN values",
    ),
    (
      lambda: list(tf.data.TFRecordDataset("/nowhere")),
      "/nowhere; No such file or directory",
    ),
  ],
)
def test_only_the_message_is_left(operation, expected):
  with pytest.raises(tf.errors.OpError) as caught:
    operation()
  assert op_errors.reason(caught.value) == expected


def test_what_stands_for_a_stack_is_left_out():
  message = (
    "Graph execution error:\n\nDetected at node IteratorGetNext defined at "
    "(most recent call last):\n<stack traces unavailable>\ntruncated record\n"
    "\t [[{{node IteratorGetNext}}]]\n\t [[RemoteCall]] [Op:__inference_1]"
  )
  error = tf.errors.DataLossError(None, None, message)
  assert op_errors.reason(error) == "truncated record"


def test_the_first_of_several_errors_is_told():
  message = (
    "Graph execution error:\n\nDetected at node 'conv' defined at (most recent "
    'call last):\n    File "a.py", line 1, in f\n      x = conv(y)\n\n'
    "Node: 'conv'\n2 root error(s) found.\n"
    "  (0) RESOURCE_EXHAUSTED:  OOM when allocating a tensor\n"
    "\t [[{{node conv}}]]\n"
    "  (1) CANCELLED:  Function was cancelled\n"
    "0 successful operations.\n0 derived errors ignored. [Op:__inference_f_1]"
  )
  error = tf.errors.ResourceExhaustedError(None, None, message)
  assert op_errors.reason(error) == "OOM when allocating a tensor"
