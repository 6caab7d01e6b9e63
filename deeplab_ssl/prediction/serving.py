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


"""The exported model: an image in, labels and probabilities of its size out."""

import os

import tensorflow as tf

from deeplab_ssl.common import atomic_files
from deeplab_ssl.common import extras
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.prediction import quantization

# Names of the original's exported graphs.
IMAGE = "ImageTensor"
LABELS = "SemanticPredictions"
PROBABILITIES = "SemanticProbabilities"
_IMAGES = tf.TensorSpec([None, None, None, 3], tf.uint8, IMAGE)


def onnx_converter():
  """Returns the module `onnx_conversion`.

  Raises:
    ImportError: if the extra `onnx` is missing, naming the command.
  """
  with extras.advised():
    from deeplab_ssl.prediction import onnx_conversion
  return onnx_conversion


class ServingModule(tf.Module):
  """Wraps a model under the tensor names of the original's exported graphs.

  Args:
    model: a `modeling.DeepLab`.
    activation: "softmax" for a model trained with softmax cross entropy,
      "sigmoid" for the one-vs-rest losses.
    predictor: how the model is asked; all of it becomes part of the export.
  """

  def __init__(
    self,
    model,
    activation: str = "softmax",
    predictor: predictor_lib.Predictor = predictor_lib.SINGLE_SCALE,
  ):
    super().__init__(name="deeplab")
    functions = {"softmax": tf.nn.softmax, "sigmoid": tf.sigmoid}
    if activation not in functions:
      raise ValueError(
        f"activation must be one of {sorted(functions)}. Received: "
        f"{activation!r}"
      )
    self._activation = functions[activation]
    self._predictor = predictor
    # Behind a function: the SavedModel would keep each layer of a model that is
    # an attribute as functions of its own, which nobody calls.
    self._logits = lambda images: predictor.logits(model, images)
    self._model_variables = model.variables

  @tf.function(input_signature=[_IMAGES])
  def serve(self, ImageTensor):  # noqa: N803  the signature's name
    """Segments images of one size.

    Args:
      ImageTensor: uint8 RGB `[batch, height, width, 3]` of any size.

    Returns:
      `SemanticPredictions`, int32 `[batch, height, width]`, and
      `SemanticProbabilities`, float32 `[batch, height, width, classes]`, those
      before a CRF if there is one.
    """
    logits = self._logits(ImageTensor)
    return {
      LABELS: self._predictor.labels(ImageTensor, logits),
      PROBABILITIES: self._activation(logits),
    }

  def save(self, path: str | os.PathLike) -> None:
    """Writes the SavedModel; its default signature is `serve`."""
    tf.saved_model.save(self, os.fspath(path), signatures=self.serve)

  def save_tflite(
    self,
    path: str | os.PathLike,
    image_size: tuple[int, int],
    float16: bool = False,
    quantized: quantization.Settings | None = None,
  ) -> None:
    """Writes a TFLite model with the same names, for one image of one size.

    Args:
      path: the file.
      image_size: (height, width) of the image in pixels.
      float16: whether weights are stored with 16 bits, half the size.
      quantized: how the model is made to compute with 8-bit integers, if given;
        `float16` does nothing then.

    Raises:
      ValueError: if it cannot be quantised.
    """
    dtype = quantized.input_type if quantized else tf.uint8
    spec = tf.TensorSpec([1, *image_size, 3], dtype, IMAGE)
    segment = tf.function(self.serve.python_function, input_signature=[spec])
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
      [segment.get_concrete_function()], self
    )
    if quantized:
      atomic_files.write(path, quantization.convert(converter, quantized))
      return
    if float16:
      converter.optimizations = [tf.lite.Optimize.DEFAULT]
      converter.target_spec.supported_types = [tf.float16]
    atomic_files.write(path, converter.convert())

  def save_onnx(self, path: str | os.PathLike) -> None:
    """Writes an ONNX model with the same names, for images of any size.

    Args:
      path: the file.

    Raises:
      ImportError: if the extra `onnx` is missing, naming the command.
      ValueError: if the model cannot be converted.
    """
    model = onnx_converter().convert(self.serve, _IMAGES)
    atomic_files.write(path, model)
