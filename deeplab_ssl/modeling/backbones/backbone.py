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

"""The outputs that all backbones have, named by Model Garden's levels."""

import functools
import math

import tensorflow as tf
import tf_keras

# Level, log2 of the stride, of the map that the decoder takes.
LOW_LEVEL = "2"


class Backbone(tf_keras.Model):
  """Maps images to a low-level map at stride 4 and features.

  A subclass maps float images `[batch, height, width, 3]` in [-1, 1] to a dict
  of `LOW_LEVEL` and `feature_level`, and lists its variables by their names in
  a checkpoint of the original in `slim_variables`. Its `call` takes `training`
  and `recompute`, whether the blocks keep no activations for the backward pass.

  Args:
    name: name of the model.
    output_stride: stride of the features: 8, 16 or 32.

  Attributes:
    feature_level: log2 of the output stride, as a string.

  Raises:
    ValueError: if the output stride is none of the three.
  """

  def __init__(self, name, output_stride):
    if output_stride not in (8, 16, 32):
      raise ValueError(
        "Argument `output_stride` must be 8, 16 or 32. Received: "
        f"output_stride={output_stride}"
      )
    super().__init__(name=name)
    self.feature_level = str(int(math.log2(output_stride)))

  @property
  def output_specs(self) -> dict[str, tf.TensorShape]:
    """Shapes of the outputs, as Model Garden's decoders and heads want them."""
    outputs = self(tf_keras.Input([None, None, 3]))
    return {level: output.shape for level, output in outputs.items()}

  @staticmethod
  def apply_block(block, inputs, training, recompute):
    """Calls a block, which keeps none of its activations if `recompute` is set.

    The backward pass then computes the block once more.
    """
    call = functools.partial(block, training=training)
    return tf.recompute_grad(call)(inputs) if recompute else call(inputs)
