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

"""The gradient of a whole batch from parts of it, for small memories.

The normalisers of a loss, such as the number of hard examples, are those of the
whole batch, so that the parts' losses cannot be summed. Instead the logits of
all parts are computed first, and the gradient of the loss with respect to them;
then each part is computed once more, and the gradient led back through it. A
step takes a forward pass more, and the memory of one part.
"""

import tensorflow as tf


def _forward(model, images, index, count):
  with model.part_of_batch(index, count):
    outputs = model(images, training=True)
  return tf.cast(outputs, tf.float32)


def _parts_of(batch, count):
  """Returns `[count, batch / count, ...]`."""
  shape = tf.shape(batch)
  rest = [batch.shape[i] or shape[i] for i in range(1, batch.shape.rank)]
  return tf.reshape(batch, [count, -1, *rest])


def logits_in_parts(model, images: tf.Tensor, count: int) -> tf.Tensor:
  """Computes the logits of a batch, one part after the other.

  Args:
    model: a `modeling.DeepLab`, whose batch norm is frozen.
    images: `[batch, height, width, 3]`.
    count: number of parts, a divisor of the batch.

  Returns:
    float32 `[batch, h, w, classes]`; no gradient comes back.
  """
  parts = _parts_of(images, count)
  logits = tf.map_fn(
    lambda i: _forward(model, parts[i], i, count),
    tf.range(count),
    fn_output_signature=tf.float32,
    parallel_iterations=1,
  )
  logits = tf.stop_gradient(logits)
  shape = tf.shape(logits)
  merged = tf.reshape(logits, tf.concat([[-1], shape[2:]], 0))
  merged.set_shape([images.shape[0], None, None, model.num_classes])
  return merged


def gradients_in_parts(
  model, variables, images: tf.Tensor, slope: tf.Tensor, count: int
) -> list[tf.Tensor]:
  """Leads a gradient back through the model, one part after the other.

  Args:
    model: as in `logits_in_parts`, as the others.
    variables: with respect to which the gradient is taken.
    images: the batch.
    slope: the gradient with respect to the logits of the batch.
    count: number of parts.

  Returns:
    A gradient for each variable.
  """
  parts, slopes = _parts_of(images, count), _parts_of(slope, count)

  def add(i, sums):
    with tf.GradientTape() as tape:
      logits = _forward(model, parts[i], i, count)
    found = tape.gradient(logits, variables, slopes[i])
    return i + 1, [a + b for a, b in zip(sums, found, strict=True)]

  _, sums = tf.while_loop(
    lambda i, _: i < count,
    add,
    (tf.constant(0), [tf.zeros(v.shape, v.dtype) for v in variables]),
    parallel_iterations=1,
  )
  return sums
