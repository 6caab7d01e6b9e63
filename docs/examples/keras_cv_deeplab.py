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

"""keras-cv's DeepLabV3Plus with the loss.

  python docs/examples/keras_cv_deeplab.py

It ends in a softmax, so that the loss is told that it receives probabilities.
"""

import keras
import keras_cv
import squares

from deeplab_ssl import losses
from deeplab_ssl import metrics


def segmenter(num_classes: int):
  """Builds a small one from random weights."""
  backbone = keras_cv.models.ResNetV2Backbone(
    stackwise_filters=[8, 8, 8, 8],
    stackwise_blocks=[2, 2, 2, 2],
    stackwise_strides=[1, 2, 2, 2],
    include_rescaling=False,
    input_shape=(64, 64, 3),
  )
  return keras_cv.models.DeepLabV3Plus(backbone, num_classes)


def train(epochs: int = 3) -> dict:
  """Trains it; returns the loss and the metrics after each epoch."""
  keras.utils.set_random_seed(0)
  model = segmenter(squares.CLASSES)
  model.compile(
    optimizer=keras.optimizers.Adam(1e-2),
    loss=losses.StructuralSimilarityLoss(from_logits=False),
    metrics=[metrics.MeanIoU(squares.CLASSES)],
  )
  return model.fit(*squares.batch(), batch_size=4, epochs=epochs).history


if __name__ == "__main__":
  train()
