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

"""A U-Net in plain Keras, on any backend: the loss and what to watch.

KERAS_BACKEND=jax python docs/examples/unet.py
"""

import keras
import squares

from deeplab_ssl import losses
from deeplab_ssl import metrics


def unet(num_classes: int, width: int = 8, depth: int = 2) -> keras.Model:
  """Builds a network that gives logits of the size of its images."""
  layers = keras.layers
  images = x = keras.Input([64, 64, 3])
  skips = []
  for level in range(depth):
    x = layers.Conv2D(width << level, 3, padding="same", activation="relu")(x)
    skips.append(x)
    x = layers.MaxPooling2D()(x)
  x = layers.Conv2D(width << depth, 3, padding="same", activation="relu")(x)
  for level in reversed(range(depth)):
    x = layers.UpSampling2D(interpolation="bilinear")(x)
    x = layers.Concatenate()([x, skips[level]])
    x = layers.Conv2D(width << level, 3, padding="same", activation="relu")(x)
  # No activation: the loss takes logits.
  return keras.Model(images, layers.Conv2D(num_classes, 1)(x))


def train(epochs: int = 5) -> dict:
  """Trains it; returns the loss and the metrics after each epoch."""
  keras.utils.set_random_seed(0)
  model = unet(squares.CLASSES)
  model.compile(
    keras.optimizers.Adam(1e-2),
    loss=losses.StructuralSimilarityLoss(),
    metrics=[
      metrics.MeanIoU(squares.CLASSES),
      metrics.BoundaryIoU(squares.CLASSES),
      metrics.StructuralError("hard_fraction"),
    ],
  )
  return model.fit(*squares.batch(), batch_size=4, epochs=epochs).history


if __name__ == "__main__":
  train()
