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

"""Aligned Xception with separable convolutions instead of pooling.

Source: research/deeplab/core/xception.py.
"""

from typing import NamedTuple

import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import activations
from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import normalization
from deeplab_ssl.modeling.backbones import atrous
from deeplab_ssl.modeling.backbones import backbone


class _Block(NamedTuple):
  """A row of the tables below.

  Attributes:
    scope: slim scope of the block.
    filters: output channels of the three separable convolutions of a unit.
    stride: stride of the third one, and of the shortcut.
    skip: "conv", a 1x1 convolution; "sum", the input itself; or "none".
    units: how often the unit is repeated.
  """

  scope: str
  filters: tuple[int, int, int]
  stride: int
  skip: str = "conv"
  units: int = 1


_ENTRY = (
  _Block("entry_flow/block1", (128, 128, 128), 2),
  _Block("entry_flow/block2", (256, 256, 256), 2),
  _Block("entry_flow/block3", (728, 728, 728), 2),
)
_LONG_ENTRY = (
  _Block("entry_flow/block1", (128, 128, 128), 2),
  _Block("entry_flow/block2", (256, 256, 256), 1),
  _Block("entry_flow/block3", (256, 256, 256), 2),
  _Block("entry_flow/block4", (728, 728, 728), 1),
  _Block("entry_flow/block5", (728, 728, 728), 2),
)
_EXIT = (
  _Block("exit_flow/block1", (728, 1024, 1024), 2),
  _Block("exit_flow/block2", (1536, 1536, 2048), 1, "none"),
)


def _middle(units):
  return _Block("middle_flow/block1", (728, 728, 728), 1, "sum", units)


BLOCKS = {
  "xception_41": (*_ENTRY, _middle(8), *_EXIT),
  "xception_65": (*_ENTRY, _middle(16), *_EXIT),
  "xception_71": (*_LONG_ENTRY, _middle(16), *_EXIT),
}
_STEM_STRIDE = 2
_NORM = normalization.NormConstants(0.9997, 1e-3)
_INIT_STDDEV = 0.09


class _Module(tf_keras.layers.Layer):
  """Three separable convolutions and a skip connection.

  With a skip connection the ReLU stands in front of each separable convolution;
  without one, behind each of its two parts.
  """

  def __init__(self, scope, filters, skip, stride, rates, bounded, options):
    super().__init__(name=scope.replace("/", "_"))
    self.scope = scope
    self.skip = skip
    self.activation = tf.nn.relu6 if bounded else tf.nn.relu
    # Of what has no activation of its own.
    self.clip = activations.clip_by_six if bounded else tf.identity
    self.sum_activation = tf.nn.relu6 if bounded else tf.identity
    self.convs = [
      layers.SeparableConvBatchNorm(
        f"{scope}/separable_conv{i}",
        filters[i - 1],
        strides=stride if i == 3 else 1,
        rate=rates[i - 1],
        activation=self.activation if skip == "none" else self.clip,
        same_padding=bounded,
        init_stddevs=(_INIT_STDDEV, _INIT_STDDEV),
        options=options,
      )
      for i in (1, 2, 3)
    ]
    self.shortcut = None
    if skip == "conv":
      self.shortcut = layers.ConvBatchNorm(
        f"{scope}/shortcut",
        filters[-1],
        strides=stride,
        activation=None,
        options=options,
      )

  def call(self, inputs, training=None):
    """Returns the output and the map in front of the third convolution."""
    x = inputs
    for conv in self.convs:
      before = x
      if self.skip != "none":
        x = self.activation(x)
      x = conv(x, training=training)
    if self.skip == "none":
      return x, before
    skipped = inputs
    if self.shortcut is not None:
      skipped = self.shortcut(inputs, training=training)
    return self.sum_activation(self.clip(x) + self.clip(skipped)), before

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    shortcut = [self.shortcut] if self.shortcut is not None else []
    return layers.slim_variables_of([*self.convs, *shortcut])


class Xception(backbone.Backbone):
  """Atrous Xception: entry, middle and exit flow of Xception modules.

  The low-level maps come from within the modules that leave their stride; the
  features have 2048 channels.

  Args:
    scope: "xception_41", "xception_65" or "xception_71", also the slim scope.
    output_stride: 8, 16 or 32.
    multi_grid: factors on the atrous rates of the three separable convolutions
      of the last module; None is (1, 1, 1).
    use_bounded_activation: whether activations are ReLU6, what has none is
      clipped, too, and strided separable convolutions are padded as
      TensorFlow's SAME does: for arithmetic of fixed point.
    options: what all convolutions share.

  Raises:
    ValueError: if `multi_grid` has not three entries.
  """

  def __init__(
    self,
    scope="xception_65",
    output_stride=16,
    multi_grid=None,
    use_bounded_activation=False,
    options=layers.ConvOptions(),
  ):
    super().__init__(scope, output_stride)
    options = options._replace(
      norm=_NORM, kernel_initializer=layers.truncated_normal(_INIT_STDDEV)
    )
    self.stem = [
      layers.ConvBatchNorm(
        f"{scope}/entry_flow/conv1_{i}",
        32 * i,
        3,
        strides=2 if i == 1 else 1,
        activation=tf.nn.relu6 if use_bounded_activation else tf.nn.relu,
        options=options,
      )
      for i in (1, 2)
    ]
    rows = [
      (block, unit) for block in BLOCKS[scope] for unit in range(block.units)
    ]
    strides = [block.stride for block, _ in rows]
    plan = atrous.schedule(strides, _STEM_STRIDE, output_stride)
    last_rates = atrous.unit_rates(multi_grid, 3)
    self.modules = [
      _Module(
        f"{scope}/{block.scope}/unit_{unit + 1}/xception_module",
        block.filters,
        block.skip,
        stride,
        [
          rate * factor
          for factor in (last_rates if block is _EXIT[-1] else (1, 1, 1))
        ],
        use_bounded_activation,
        options,
      )
      for (block, unit), (stride, rate) in zip(rows, plan, strict=True)
    ]
    # The second strided module leaves stride 4, the next ones 8 and 16.
    strided = [i for i, s in enumerate(strides) if s > 1]
    self._low_level = list(zip(strided[1:], (4, 8, 16), strict=True))

  def call(self, images, training=None, recompute=False):
    x = images
    for conv in self.stem:
      x = conv(x, training=training)
    inner = []
    for module in self.modules:
      x, before = self.apply_block(module, x, training, recompute)
      inner.append(before)
    low_level = {stride: inner[i] for i, stride in self._low_level}
    return backbone.Maps(x, low_level)

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    return layers.slim_variables_of([*self.stem, *self.modules])
