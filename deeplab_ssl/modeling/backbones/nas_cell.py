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
"""Cells of the networks that were found by architecture search.

Source: core/nas_cell.py of the original, Liu et al. (2018) for PNASNet and Liu
et al. (2019) for Auto-DeepLab.
"""

from typing import NamedTuple

import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import drop_path
from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import normalization
from deeplab_ssl.modeling import resizing

# A cell's input, and the one of the cell before it, are the states 0 and 1; the
# combination j makes state j + 2.
_INPUTS = 2


class Operation(NamedTuple):
  """What a combination does with a state.

  Attributes:
    kind: "separable", "atrous", "max" or "none".
    kernel_size: side of the kernel in pixels.
    state: number of the state.
  """

  kind: str
  kernel_size: int
  state: int


class Size(NamedTuple):
  """Where a cell stands in its network.

  Attributes:
    filters: channels of each of its states.
    stride: 2 if it halves the map.
    resize_previous: whether the input of the cell before it has another size.
    project_previous: whether that has another number of channels.
  """

  filters: int
  stride: int
  resize_previous: bool
  project_previous: bool


def conv_norm(scope, name, norm, filters, kernel_size=1, **options):
  """Returns a linear convolution whose batch norm has a scope of its own."""
  options = {"activation": None} | options
  return layers.ConvBatchNorm(
    f"{scope}/{name}",
    filters,
    kernel_size,
    norm_scope=f"{scope}/{norm}",
    **options,
  )


class _SeparableConv(tf_keras.layers.Layer):
  """A separable convolution and the one batch norm behind both of its parts.

  Unlike elsewhere, the depthwise kernel decays, too.
  """

  def __init__(self, scope, name, norm, filters, kernel_size, stride, options):
    super().__init__(name=f"{scope}_{name}".replace("/", "_"))
    self.scope = f"{scope}/{name}"
    self.norm_scope = f"{scope}/{norm}"
    self.padding = kernel_size // 2 if stride > 1 else 0
    self.depthwise = tf_keras.layers.DepthwiseConv2D(
      kernel_size,
      strides=stride,
      padding="valid" if stride > 1 else "same",
      use_bias=False,
      depthwise_initializer=options.kernel_initializer,
      depthwise_regularizer=options.kernel_regularizer,
    )
    self.conv = tf_keras.layers.Conv2D(
      filters,
      1,
      use_bias=False,
      kernel_initializer=options.kernel_initializer,
      kernel_regularizer=options.kernel_regularizer,
    )
    self.norm = tf_keras.layers.BatchNormalization(
      momentum=options.norm_momentum, epsilon=options.norm.epsilon
    )

  def call(self, inputs, training=None):
    sides = [self.padding, self.padding]
    x = tf.pad(inputs, [[0, 0], sides, sides, [0, 0]])
    x = self.depthwise(x)
    return normalization.conv_norm(self.conv, self.norm, x, training)

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    return {
      f"{self.scope}/depthwise_weights": self.depthwise.depthwise_kernel,
      f"{self.scope}/pointwise_weights": self.conv.kernel,
    } | normalization.norm_variables(self.norm_scope, self.norm)


class _Branch(tf_keras.layers.Layer):
  """An operation, and the drop path behind it."""

  def __init__(self, scope, operation, filters, stride, drop, options):
    super().__init__(name=scope.replace("/", "_"))
    self.operation = operation
    # The states that a cell makes have its size already.
    self.stride = stride if operation.state < _INPUTS else 1
    kind, size = operation.kind, operation.kernel_size
    square = f"{size}x{size}"
    self.convs = []
    if kind == "separable":
      self.convs = [
        _SeparableConv(
          scope,
          f"separable_{square}_{i}",
          f"bn_sep_{square}_{i}",
          filters,
          size,
          self.stride if i == 1 else 1,
          options,
        )
        for i in (1, 2)
      ]
    elif kind == "atrous":
      self.convs = [
        conv_norm(
          scope,
          f"atrous_{square}",
          f"bn_atr_{square}",
          filters,
          size,
          rate=1 if self.stride > 1 else 2,
          options=options,
        )
      ]
    elif kind == "none" and self.stride > 1:
      self.convs = [
        conv_norm(
          scope, "1x1", "bn_1", filters, strides=self.stride, options=options
        )
      ]
    self.drop = None if kind == "none" else drop

  def call(self, inputs, training=None):
    x = inputs
    if self.operation.kind == "max":
      size = self.operation.kernel_size
      x = tf.nn.max_pool2d(x, size, self.stride, "SAME")
    halved = self.operation.kind == "atrous" and self.stride > 1
    for conv in self.convs:
      x = tf.nn.relu(x)
      if halved:
        sides = tf.unstack(tf.shape(x)[1:3])
        size = [resizing.scaled_size(side, 2) for side in sides]
        x = resizing.resize_align_corners(x, size)
      x = conv(x, training=training)
    return x if self.drop is None else self.drop(x, training=training)

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    return layers.slim_variables_of(self.convs)


class Cell(tf_keras.layers.Layer):
  """Combines states pairwise, and concatenates those that it has made.

  Args:
    scope: slim scope.
    combinations: pairs of operations, whose results are added.
    size: where it stands.
    make_drop: returns the `DropPath` of the next branch.
    options: what the convolutions of the network share.
  """

  def __init__(self, scope, combinations, size, make_drop, options):
    super().__init__(name=scope.replace("/", "_"))
    self.size = size
    self.start = conv_norm(
      scope, "1x1", "beginning_bn", size.filters, options=options
    )
    self.previous = None
    if size.project_previous:
      self.previous = conv_norm(
        scope, "prev_1x1", "prev_bn", size.filters, options=options
      )
    self.branches = [
      [
        _Branch(
          f"{scope}/comb_iter_{j}/{side}",
          operation,
          size.filters,
          size.stride,
          make_drop(),
          options,
        )
        for side, operation in zip(("left", "right"), pair, strict=True)
      ]
      for j, pair in enumerate(combinations)
    ]

  def call(self, inputs, previous, training=None):
    """Returns `[batch, h, w, filters * combinations]`, not activated.

    Args:
      inputs: `[batch, height, width, channels]`.
      previous: what the cell before the one in front of this has returned.
      training: whether batch norm uses the statistics of the batch, and
        branches are dropped.
    """
    if self.size.resize_previous:
      previous = resizing.resize_align_corners(previous, tf.shape(inputs)[1:3])
    if self.previous is not None:
      previous = self.previous(tf.nn.relu(previous), training=training)
    states = [self.start(tf.nn.relu(inputs), training=training), previous]
    for pair in self.branches:
      left, right = (
        branch(states[branch.operation.state], training=training)
        for branch in pair
      )
      states.append(left + right)
    return tf.concat(states[_INPUTS:], -1)

  @property
  def drop_paths(self) -> list[drop_path.DropPath]:
    """The drop paths of its branches."""
    drops = [branch.drop for pair in self.branches for branch in pair]
    return [drop for drop in drops if drop is not None]

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    before = (
      [self.start]
      if self.previous is None
      else [
        self.start,
        self.previous,
      ]
    )
    branches = [branch for pair in self.branches for branch in pair]
    return layers.slim_variables_of([*before, *branches])
