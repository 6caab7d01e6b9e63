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

"""Atrous convolutions as sums over their taps, where that is faster.

On a CPU TensorFlow makes an atrous convolution of rate r a plain one of r * r
small maps, whose sides are rounded up and which are mostly padding once the
rate comes near the side of the map: at rate 18 a map of 17 pixels has 324 maps
of one pixel, and takes a hundred times as long as the one tap that does not
fall on padding. Here each tap is multiplied with the pixels that it meets.
"""

import tensorflow as tf

# Below it the taps meet nearly all pixels, and one convolution is as fast.
_LEAST_RATE = 4


def convolve(
  inputs: tf.Tensor, kernel: tf.Tensor, strides, padding: str, rates
) -> tf.Tensor:
  """Convolves maps.

  Args:
    inputs: `[batch, height, width, channels]`.
    kernel: `[side, side, channels, filters]`, of the type of `inputs`.
    strides: of height and width; 1 with a rate above 1.
    padding: "SAME" or "VALID".
    rates: atrous rates of height and width.

  Returns:
    `[batch, h, w, filters]`.
  """
  if not _may_sum(inputs, rates, padding):
    return tf.nn.convolution(inputs, kernel, strides, padding, dilations=rates)
  return _sum_of_taps(inputs, kernel, rates)


def convolve_depthwise(
  inputs: tf.Tensor, kernel: tf.Tensor, strides, padding: str, rates
) -> tf.Tensor:
  """Convolves each channel of maps by itself.

  Args:
    inputs: `[batch, height, width, channels]`.
    kernel: `[side, side, channels, 1]`, of the type of `inputs`.
    strides: as in `convolve`, as the others.
    padding: "SAME" or "VALID".
    rates: atrous rates of height and width.

  Returns:
    `[batch, h, w, channels]`.
  """
  # A tap is read and written here: it pays where the centre alone meets pixels.
  if _may_sum(inputs, rates, padding) and all(
    rate >= side for rate, side in zip(rates, inputs.shape[1:3], strict=True)
  ):
    centre = kernel.shape[0] // 2
    return inputs * kernel[centre, centre, :, 0]
  return tf.nn.depthwise_conv2d(
    inputs, kernel, [1, *strides, 1], padding, dilations=rates
  )


def _may_sum(inputs, rates, padding):
  """Returns whether taps may be summed, and are few enough to be.

  A size that is not known yet is that of an exported model, whose converters
  know convolutions.
  """
  return (
    max(rates) >= _LEAST_RATE
    and padding == "SAME"
    and inputs.shape[1:3].is_fully_defined()
    and not tf.config.list_physical_devices("GPU")
  )


def _sum_of_taps(inputs, kernel, rates):
  """Sums over the taps that meet pixels of the map."""
  side, sides, total = kernel.shape[0], inputs.shape[1:3], None
  for i in range(side):
    for j in range(side):
      offsets = [
        rate * (k - side // 2) for rate, k in zip(rates, (i, j), strict=True)
      ]
      if any(abs(o) >= s for o, s in zip(offsets, sides, strict=True)):
        continue
      # What lies before and behind the pixels that this tap does not reach.
      margins = [[max(-offset, 0), max(offset, 0)] for offset in offsets]
      met = [
        slice(after, size - before)
        for (before, after), size in zip(margins, sides, strict=True)
      ]
      outputs = tf.tensordot(inputs[:, met[0], met[1]], kernel[i, j], 1)
      outputs = tf.pad(outputs, [[0, 0], *margins, [0, 0]])
      total = outputs if total is None else total + outputs
  return total
