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

"""TFLite models that compute with 8-bit integers, calibrated on images."""

from collections.abc import Callable
from collections.abc import Iterator
import dataclasses

import numpy as np
import tensorflow as tf

# The operations between floats and 8-bit integers. Others with a float have no
# form for integers, or the converter has found none.
_BETWEEN = {"CAST", "QUANTIZE", "DEQUANTIZE"}


@dataclasses.dataclass(frozen=True)
class Settings:
  """How a TFLite model is quantised.

  Attributes:
    images: called, it yields the images to calibrate on, each uint8 RGB
      `[height, width, 3]` of the size of the model. It is called anew whenever
      they are needed.
    integer_io: whether images go in and probabilities come out as integers,
      too. Images are then uint8 as in any export, but no number between is a
      float, which some accelerators ask for. Otherwise probabilities are
      float32.
  """

  images: Callable[[], Iterator[np.ndarray]]
  integer_io: bool = False

  @property
  def input_type(self) -> tf.DType:
    """The type of the images in the graph that is converted."""
    # The converter makes integers of floats alone.
    return tf.float32 if self.integer_io else tf.uint8


def convert(converter: tf.lite.TFLiteConverter, settings: Settings) -> bytes:
  """Converts a model so that its weights and activations have 8 bits.

  Args:
    converter: knows the model, whose one input is a batch of one image of
      `settings.input_type`; it is changed.
    settings: how it is quantised.

  Returns:
    The TFLite model.

  Raises:
    ValueError: if there is no image, one has another shape than the model's or
      is not uint8, or an operation has no form for 8-bit integers, naming it.
  """
  converter.optimizations = [tf.lite.Optimize.DEFAULT]
  converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
  converter.representative_dataset = lambda: _batches(settings)
  if settings.integer_io:
    converter.inference_input_type = tf.uint8
    converter.inference_output_type = tf.uint8
  try:
    model = converter.convert()
  except RuntimeError as error:
    raise ValueError(
      f"The model cannot be quantised: {error} Export it without --int8."
    ) from error
  _require_integers(model, settings.integer_io)
  return model


def _batches(settings):
  """Yields the images as the converter wants them."""
  is_first = True
  for image in settings.images():
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
      raise ValueError(
        "Images to calibrate on must be uint8 [height, width, 3]. Received: "
        f"{image.dtype} {list(image.shape)}"
      )
    if is_first:
      # All values that a pixel can have count, whatever the images show. So
      # the integers that go in are the pixels themselves.
      image = image.copy()
      image[0, 0], image[-1, -1] = 0, 255
    is_first = False
    yield [image[None].astype(settings.input_type.as_numpy_dtype)]
  if is_first:
    raise ValueError("There is no image to calibrate on.")


def _require_integers(model, integer_io):
  """Raises ValueError if a model computes with floats."""
  interpreter = tf.lite.Interpreter(model_content=model)
  types = {t["index"]: t["dtype"] for t in interpreter.get_tensor_details()}
  between = set() if integer_io else _BETWEEN
  floating = {
    operation["op_name"]
    for operation in interpreter._get_ops_details()
    for index in (*operation["inputs"], *operation["outputs"])
    if types.get(index) in (np.float32, np.float16)
  } - between
  if floating:
    raise ValueError(
      "The model cannot be quantised: TFLite has no form for 8-bit integers of "
      f"{', '.join(sorted(floating))}. Export it without --int8."
    )
