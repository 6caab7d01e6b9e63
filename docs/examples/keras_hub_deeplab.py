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

"""keras-hub's DeepLabv3+ with the loss, on TensorFlow and JAX.

  pip install keras-hub
  KERAS_BACKEND=jax python docs/examples/keras_hub_deeplab.py

Its segmenter gives logits, unless an `activation` is asked for, of the size of
the images where `upsampling_size` is the stride of the encoder's feature.
"""

import keras
import keras_hub
import squares

from deeplab_ssl import losses
from deeplab_ssl import metrics


def segmenter(num_classes: int):
  """Builds a small one from random weights; a preset has those of ImageNet."""
  encoder = keras_hub.models.ResNetBackbone(
    input_conv_filters=[64],
    input_conv_kernel_sizes=[7],
    stackwise_num_filters=[64, 64, 64, 64],
    stackwise_num_blocks=[1, 1, 1, 1],
    stackwise_num_strides=[1, 2, 2, 2],
    block_type="basic_block",
    image_shape=(64, 64, 3),
  )
  backbone = keras_hub.models.DeepLabV3Backbone(
    image_encoder=encoder,
    projection_filters=8,
    low_level_feature_key="P2",
    spatial_pyramid_pooling_key="P5",
    upsampling_size=8,
    dilation_rates=[1, 2, 3],
  )
  return keras_hub.models.DeepLabV3ImageSegmenter(backbone, num_classes)


def train(epochs: int = 3) -> dict:
  """Trains it; returns the loss and the metrics after each epoch."""
  keras.utils.set_random_seed(0)
  model = segmenter(squares.CLASSES)
  model.compile(
    optimizer=keras.optimizers.Adam(1e-2),
    loss=losses.StructuralSimilarityLoss(),
    metrics=[metrics.MeanIoU(squares.CLASSES)],
  )
  return model.fit(*squares.batch(), batch_size=4, epochs=epochs).history


if __name__ == "__main__":
  train()
