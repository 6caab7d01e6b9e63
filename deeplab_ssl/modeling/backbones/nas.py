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
"""PNASNet and the backbone of Auto-DeepLab ("hnasnet").

Source: core/nas_network.py and core/nas_genotypes.py of the original.
"""

import functools
import itertools
from typing import NamedTuple

import tensorflow as tf

from deeplab_ssl.modeling import drop_path
from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import normalization
from deeplab_ssl.modeling import resizing
from deeplab_ssl.modeling.backbones import backbone
from deeplab_ssl.modeling.backbones import nas_cell

_NORM = normalization.NormConstants(0.9997, 1e-3)
_INITIALIZER = {
  "class_name": "VarianceScaling",
  "config": {"scale": 1 / 3, "mode": "fan_in", "distribution": "uniform"},
}
_STEM_STRIDE = 4
_LAST_LEVEL = 3
# Channels of the classification head's strided convolutions, by stride.
_HEAD_FILTERS = {16: 512, 32: 1024}
_HEAD_OUTPUT = 2048


def _cell(*rows):
  """Makes pairs of operations of lines as "sep5 1, max3 1"."""
  kinds = {"sep": "separable", "atr": "atrous", "max": "max", "non": "none"}

  def operation(text):
    name, state = text.split()
    return nas_cell.Operation(kinds[name[:3]], int(name[3:]), int(state))

  return tuple(tuple(map(operation, row.split(", "))) for row in rows)


class Network(NamedTuple):
  """The table of a network.

  Attributes:
    scope: slim scope.
    cell: pairs of operations of each cell.
    levels: {output stride: level of each cell}; level n has stride 4 * 2^n.
    low_level: {stride: number of the cell with this map; -1 is the stem}.
  """

  scope: str
  cell: tuple[tuple[nas_cell.Operation, nas_cell.Operation], ...]
  levels: dict[int, tuple[int, ...]]
  low_level: dict[int, int]


NETWORKS = {
  "nas_pnasnet": Network(
    "pnasnet",
    _cell(
      "sep5 1, max3 1",
      "sep7 0, max3 0",
      "sep5 0, sep3 0",
      "sep3 4, max3 0",
      "sep3 1, non1 0",
    ),
    {
      8: (1,) * 12,
      16: (1,) * 4 + (2,) * 8,
      32: (1,) * 4 + (2,) * 4 + (3,) * 4,
    },
    {4: -1, 8: 3, 16: 7},
  ),
  "nas_hnasnet": Network(
    "hnasnet",
    _cell(
      "atr5 1, sep3 0",
      "sep3 1, atr3 0",
      "sep3 3, sep3 1",
      "sep5 4, sep5 2",
      "sep5 3, atr5 5",
    ),
    {8: (0, 0, 0, 1, 2, 1, 2, 2, 3, 3, 2, 1)},
    {4: 2, 8: 5, 16: 7},
  ),
}


def size_step(name: str, remove_os32_stride: bool) -> int:
  """Returns n of the sides n * k + 1 of the images that a network takes.

  A network that enlarges maps again must find them as they were; 1 is any size.

  Args:
    name: one of `NETWORKS`.
    remove_os32_stride: see `Nas`.
  """
  levels = next(iter(NETWORKS[name].levels.values()))
  if list(levels) == sorted(levels):
    return 1
  deepest = max(levels) - (remove_os32_stride and max(levels) == _LAST_LEVEL)
  return _STEM_STRIDE * 2**deepest


def has_stride_32(name: str, output_stride: int) -> bool:
  """Returns whether a network has cells of stride 32.

  Args:
    name: one of `NETWORKS`.
    output_stride: stride of the features.
  """
  levels = NETWORKS[name].levels
  return _LAST_LEVEL in levels.get(output_stride, levels[max(levels)])


class Nas(backbone.Backbone):
  """A network of twelve cells, found by architecture search.

  Another output stride is another network, not one with atrous rates. The
  low-level maps are not activated.

  Args:
    name: one of `NETWORKS`.
    output_stride: stride of the features.
    nas_stem_output_num_conv_filters: channels of each state of a cell at
      stride 4; twice as many at each further level.
    nas_remove_os32_stride: whether the cells of stride 32 keep stride 16.
    nas_use_classification_head: whether 3x3 convolutions down to stride 32,
      atrous behind the output stride, and a 1x1 convolution with 2048 channels
      follow, as they do in a classifier.
    drop_path_keep_prob: see `drop_path.DropPath`.
    options: what all convolutions share.

  Raises:
    ValueError: if the network has no such output stride.
  """

  def __init__(
    self,
    name="nas_pnasnet",
    output_stride=16,
    nas_stem_output_num_conv_filters=20,
    nas_remove_os32_stride=False,
    nas_use_classification_head=False,
    drop_path_keep_prob=1.0,
    options=layers.ConvOptions(),
  ):
    network = NETWORKS[name]
    super().__init__(network.scope, output_stride)
    options = options._replace(norm=_NORM, kernel_initializer=_INITIALIZER)
    strides = tuple(network.levels)
    # A classification head may still leave the stride that the cells end at.
    body_stride = output_stride
    if nas_use_classification_head and output_stride > max(strides):
      body_stride = max(strides)
    if body_stride not in strides:
      raise ValueError(
        f"Argument `output_stride` must be one of {strides} with the backbone "
        f"{name!r}. Received: output_stride={output_stride}"
      )
    self._size_step = size_step(name, nas_remove_os32_stride)
    conv = functools.partial(nas_cell.conv_norm, network.scope, options=options)
    self.stem = [
      conv("conv0", "conv0_bn", 64, 3, strides=2, activation=tf.nn.relu),
      conv("conv1", "conv1_bn", 64, 3),
      conv("conv2", "conv2_bn", 128, 3, strides=2),
    ]
    self._levels = network.levels[body_stride]
    self._strides = _strides(self._levels, nas_remove_os32_stride)
    self.cells = _make_cells(
      network,
      self._levels,
      self._strides,
      nas_stem_output_num_conv_filters,
      drop_path_keep_prob,
      options,
    )
    self.head = []
    if nas_use_classification_head:
      self.head = _make_head(conv, self._strides[-1], output_stride)
    self._low_level = list(network.low_level.items())

  def call(self, images, training=None, recompute=False):
    self._check_size(images)
    x = self.stem[0](images, training=training)
    half = self.stem[1](x, training=training)
    x = self.stem[2](tf.nn.relu(half), training=training)
    outputs = [half, x]
    before = (_STEM_STRIDE, *self._strides)
    for cell, old, new in zip(
      self.cells, before[:-1], self._strides, strict=True
    ):
      if new < old:
        sides = tf.unstack(tf.shape(x)[1:3])
        size = [(side - 1) * 2 + 1 for side in sides]
        x = resizing.resize_align_corners(x, size)
      x = self.apply_block(cell, (x, outputs[-2]), training, recompute)
      outputs.append(x)
    x = tf.nn.relu(x)
    for conv in self.head:
      x = tf.nn.relu(conv(x, training=training))
    low_level = {stride: outputs[2 + i] for stride, i in self._low_level}
    return backbone.Maps(x, low_level)

  def _check_size(self, images):
    """Refuses a size that is known and that the network cannot take."""
    for side in images.shape[1:3]:
      if side is not None and (side - 1) % self._size_step:
        raise ValueError(
          f"The sides of images must be multiples of {self._size_step} plus "
          f"one with the backbone {self.name!r}, which halves maps and "
          "enlarges them again. Received: "
          f"{images.shape[1]} x {images.shape[2]}"
        )

  @property
  def drop_paths(self) -> list[drop_path.DropPath]:
    """The drop paths of all cells."""
    return [drop for cell in self.cells for drop in cell.drop_paths]

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    return layers.slim_variables_of([*self.stem, *self.cells, *self.head])


def _strides(levels, remove_os32_stride):
  """Returns the stride that each cell ends at."""
  deepest = _LAST_LEVEL - remove_os32_stride
  return tuple(_STEM_STRIDE * 2 ** min(level, deepest) for level in levels)


def _make_cells(
  network, levels, strides, stem_filters, drop_path_keep_prob, options
):
  """Returns the cells, each of which knows the sizes of its inputs."""
  numbers = itertools.count()
  # Channels and strides of what each cell is given, the stem's in front.
  channels = [64, 128]
  ends = [2, _STEM_STRIDE, *strides]
  cells = []
  for i, (level, stride) in enumerate(zip(levels, strides, strict=True)):
    filters = int(stem_filters * 2**level)
    # A map that is enlarged is so before the cell, one that is halved within.
    start = min(ends[i + 1], stride)
    size = nas_cell.Size(
      filters=filters,
      stride=stride // start,
      resize_previous=ends[i] != start,
      project_previous=channels[i] != filters,
    )
    make_drop = functools.partial(
      _drop, numbers, drop_path_keep_prob, i, levels
    )
    cells.append(
      nas_cell.Cell(
        f"{network.scope}/cell_{i}", network.cell, size, make_drop, options
      )
    )
    channels.append(filters * len(network.cell))
  return cells


def _drop(numbers, keep_prob, cell, levels):
  return drop_path.DropPath(keep_prob, cell, len(levels), next(numbers))


def _make_head(conv, stride, output_stride):
  """Returns the convolutions of a classifier behind the cells."""
  convs, rate = [], 1
  for target, filters in _HEAD_FILTERS.items():
    if target <= stride:
      continue
    if target > output_stride:
      rate *= 2
    convs.append(
      conv(
        f"downsample_os{target}_conv",
        f"downsample_os{target}_bn",
        filters,
        3,
        strides=2 if target <= output_stride else 1,
        rate=rate,
      )
    )
  convs.append(
    conv(
      "classification_head_conv",
      "classification_head_bn",
      _HEAD_OUTPUT,
    )
  )
  return convs
