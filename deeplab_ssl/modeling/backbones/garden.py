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

"""The backbones in Model Garden's factory, for models of Model Garden's own."""

from official.vision.modeling.backbones import factory as garden_factory
from official.vision.ops import preprocess_ops
import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling.backbones import factory

# Level, log2 of the stride, of the map that Model Garden's decoder takes.
_LOW_LEVEL = "2"


class GardenBackbone(tf_keras.Model):
  """A backbone behind Model Garden's normalisation of images.

  Model Garden's input subtracts the ImageNet mean and divides by the standard
  deviation; the original's checkpoints want [-1, 1], or the mean subtracted.

  It maps images to `{"2": map at stride 4, level: features}`; a backbone
  without a map at stride 4 has the features alone.

  Args:
    backbone: a `backbone.Backbone`.
  """

  def __init__(self, backbone):
    super().__init__(name=backbone.name)
    self.backbone = backbone

  @property
  def output_specs(self) -> dict[str, tf.TensorShape]:
    """Shapes of the outputs, as Model Garden's decoders and heads want them."""
    outputs = self(tf_keras.Input([None, None, 3]))
    return {level: output.shape for level, output in outputs.items()}

  def call(self, images, training=None):
    scale = tf.constant(preprocess_ops.STDDEV_NORM, images.dtype)
    offset = tf.constant(preprocess_ops.MEAN_NORM, images.dtype)
    pixels = self.backbone.normalize(255.0 * (images * scale + offset))
    maps = self.backbone(tf.cast(pixels, images.dtype), training=training)
    outputs = {self.backbone.feature_level: maps.features}
    if 4 in maps.low_level:
      outputs[_LOW_LEVEL] = maps.low_level[4]
    return outputs

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    return self.backbone.slim_variables()


def _register(name):
  @garden_factory.register_backbone_builder(name)
  def build(
    input_specs, backbone_config, norm_activation_config, l2_regularizer=None
  ):
    # Epsilons and activations belong to the checkpoints, and any size will do.
    del input_specs, norm_activation_config
    return GardenBackbone(
      factory.build_backbone(
        name,
        conv_options=layers.ConvOptions(l2_regularizer),
        **backbone_config.get().as_dict(),
      )
    )


for _name in factory.NAMES:
  _register(_name)
