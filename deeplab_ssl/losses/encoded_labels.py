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

"""What both paths make of labels, and what they say of those that are none."""

from typing import Any
from typing import NamedTuple

IGNORED = -1

# Labels that mean ignored and illegal whatever the ignore class is, for code
# that changes labels before a loss sees them. Exact in float16 and bfloat16,
# and no unsigned mask image can hold them.
FORCE_IGNORED = -(2**14)
FORCE_ILLEGAL = -(2**13)


class Labels(NamedTuple):
  """Checked labels of one batch.

  Attributes:
    classes: int32 `[batch, height, width]`, class index or `IGNORED`.
    illegal: bool `[batch, height, width]`, true where the given label is
      neither a class nor the ignore class. Such pixels are `IGNORED` in
      `classes`. Where values are known, and in a `tf.function`, an error is
      raised before any code sees a true value. Code that XLA compiles drops
      that check; there the losses give these pixels NaN and a zero gradient.
  """

  classes: Any
  illegal: Any

  @property
  def valid(self) -> Any:
    """bool `[batch, height, width]`: the mask m of the paper's sums."""
    return self.classes >= 0


def not_labels(shape: Any, num_classes: int) -> str:
  """Says that labels of this shape are in no layout."""
  return (
    "Labels must be class indices [batch, height, width] or [batch, height, "
    f"width, 1], or one-hot [batch, height, width, {num_classes}] to match "
    f"logits of {num_classes} classes. Received labels of shape {shape}: "
    "squeeze or encode them, or give the model's head one channel per class."
  )


def not_classes(num_classes: int, ignore_class: int | None) -> str:
  """Says that indices are no classes; the extremes of them follow."""
  one_channel = (
    "; one channel is one class, 0, and every valid pixel is of it: a model of "
    "two classes needs two channels"
  )
  return (
    f"Labels must be integers in [0, {num_classes}) or the ignore class "
    f"({ignore_class}); set `ignore_class` or `num_classes`, or convert the "
    f"masks{one_channel if num_classes == 1 else ''}. Received, smallest and "
    "largest offender:"
  )


def not_one_hot(ignore_class: int | None) -> str:
  """Says that rows are not one-hot; the extremes of their sums follow."""
  zeros = ", or only 0 where the pixel is ignored"
  if ignore_class is None:
    zeros = (
      "; rows of 0, for ignored pixels, may be there with an `ignore_class`, "
      "such as 255"
    )
  return (
    f"One-hot labels must hold a single 1 per pixel{zeros}; soft labels are "
    "not supported. Received rows whose sums range between:"
  )
