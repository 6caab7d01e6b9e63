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

"""Model Garden's segmentation model with the loss of `losses.legacy`.

  python docs/examples/model_garden_deeplab.py

Model Garden is built on tf_keras, and its models give a dict whose logits are
smaller than the images: they are enlarged to the labels before the loss.
"""

from official.vision.configs import semantic_segmentation
from official.vision.modeling import factory
import squares
import tensorflow as tf
import tf_keras

from deeplab_ssl import losses


def segmenter(num_classes: int) -> tf_keras.Model:
  """Builds one on a dilated ResNet, with logits of the size of the images."""
  config = semantic_segmentation.SemanticSegmentationModel(
    num_classes=num_classes,
    input_size=[64, 64, 3],
    backbone=semantic_segmentation.backbones.Backbone(
      type="dilated_resnet",
      dilated_resnet=semantic_segmentation.backbones.DilatedResNet(
        model_id=50, output_stride=16
      ),
    ),
    decoder=semantic_segmentation.decoders.Decoder(type="identity"),
    head=semantic_segmentation.SegmentationHead(
      level=4, num_convs=1, num_filters=16
    ),
  )
  images = tf_keras.layers.InputSpec(shape=[None, 64, 64, 3])
  model = factory.build_segmentation_model(images, config)
  inputs = tf_keras.Input([64, 64, 3])
  logits = model(inputs)["logits"]
  logits = tf_keras.layers.Lambda(lambda x: tf.image.resize(x, [64, 64]))(
    logits
  )
  return tf_keras.Model(inputs, logits)


def train(epochs: int = 2) -> dict:
  """Trains it; returns the loss after each epoch."""
  tf_keras.utils.set_random_seed(0)
  model = segmenter(squares.CLASSES)
  model.compile(
    tf_keras.optimizers.legacy.Adam(1e-3),
    loss=losses.legacy.StructuralSimilarityLoss(),
  )
  return model.fit(*squares.batch(4), batch_size=4, epochs=epochs).history


if __name__ == "__main__":
  train()
