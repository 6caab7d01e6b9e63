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

"""CRF post-processing: logits of a model and the image to refined labels.

The unary potential is `-log p` (Sec. 4.2.3 of the paper). Two implementations
of the same CRF: "window" samples the long range and needs TensorFlow only;
"dense" is the authors' permutohedral lattice through the optional pydensecrf.
"""

import dataclasses

import numpy as np
import tensorflow as tf

from deeplab_ssl.prediction import export_folder
from deeplab_ssl.prediction import mean_field

KINDS = ("window", "dense")
_LOG_PROBABILITIES = {
  "softmax": tf.nn.log_softmax,
  "sigmoid": lambda logits: tf.nn.log_softmax(tf.math.log_sigmoid(logits)),
}


def log_probabilities(
  logits: tf.Tensor, activation: str = "softmax"
) -> tf.Tensor:
  """Computes `log p`, finite whatever the finite logits are.

  Args:
    logits: floating `[..., classes]`.
    activation: "softmax" for a model trained with softmax cross entropy;
      "sigmoid" for the one-vs-rest losses, whose sigmoids are divided by their
      sum over the classes: the mean field needs a distribution.

  Returns:
    Tensor like `logits`; the most probable class is that of the logits.

  Raises:
    ValueError: if `activation` is neither.
  """
  if activation not in _LOG_PROBABILITIES:
    raise ValueError(
      f"Argument `activation` must be one of {sorted(_LOG_PROBABILITIES)}. "
      f"Received: activation={activation!r}"
    )
  return _LOG_PROBABILITIES[activation](logits)


def dense(
  images: tf.Tensor,
  log_probabilities: tf.Tensor,
  *,
  settings: mean_field.Settings = mean_field.DEFAULTS,
) -> tf.Tensor:
  """Refines class probabilities with pydensecrf, on one CPU.

  Args:
    images: RGB in [0, 255], `[batch, height, width, 3]` of any real dtype;
      fractions are rounded.
    log_probabilities: floating `[batch, height, width, classes]`.
    settings: constants of the CRF; `spacing` and `reach` play no part.

  Returns:
    float32 probabilities Q after the last step, with the shape of
    `log_probabilities`.

  Raises:
    ValueError: if a shape is wrong.
    ImportError: if pydensecrf is missing, naming the remedies.
  """
  densecrf = _import_densecrf()
  images = tf.cast(tf.round(tf.cast(images, tf.float32)), tf.uint8)
  log_probabilities = tf.cast(log_probabilities, tf.float32)
  mean_field.check_inputs(images, log_probabilities)

  def refine(images, log_probabilities):
    return np.stack(
      [
        _refine_one(densecrf, image, unary, settings)
        for image, unary in zip(images, -log_probabilities, strict=True)
      ]
    )

  refined = tf.numpy_function(
    refine, [images, log_probabilities], tf.float32, stateful=False
  )
  return tf.ensure_shape(refined, log_probabilities.shape)


def _refine_one(densecrf, image, unary, settings):
  """Runs the mean field on one image, `[h, w, 3]` and `[h, w, classes]`."""
  height, width, classes = unary.shape
  crf = densecrf.DenseCRF2D(width, height, classes)
  crf.setUnaryEnergy(np.ascontiguousarray(unary.reshape([-1, classes]).T))
  crf.addPairwiseGaussian(
    sxy=settings.smoothness_xy, compat=settings.smoothness_weight
  )
  crf.addPairwiseBilateral(
    sxy=settings.bilateral_xy,
    srgb=settings.bilateral_rgb,
    rgbim=np.ascontiguousarray(image),
    compat=settings.bilateral_weight,
  )
  beliefs = np.asarray(crf.inference(settings.steps), np.float32)
  return beliefs.T.reshape([height, width, classes])


def _import_densecrf():
  try:
    import pydensecrf.densecrf
  except ImportError as error:
    raise ImportError(
      "The dense CRF needs the package pydensecrf, which is not installed: "
      "run `pip install 'deeplab-ssl[crf]'` or `pip install pydensecrf2` (it "
      "is built from source, with a C++ compiler), or use the windowed CRF, "
      "--crf=window, which needs neither."
    ) from error
  return pydensecrf.densecrf


@dataclasses.dataclass(frozen=True)
class Refinement:
  """Predicts labels from images and logits through a CRF.

  Attributes:
    settings: constants of the CRF.
    kind: "window" or "dense".
    activation: "softmax" or "sigmoid", see `log_probabilities`.

  Raises:
    ValueError: if an attribute is wrong.
    ImportError: if `kind` is "dense" and pydensecrf is missing.
  """

  settings: mean_field.Settings = mean_field.DEFAULTS
  kind: str = "window"
  activation: str = "softmax"

  def __post_init__(self):
    log_probabilities(tf.zeros([1, 1]), self.activation)
    if self.kind not in KINDS:
      raise ValueError(
        f"Argument `kind` must be one of {KINDS}. Received: kind={self.kind!r}"
      )
    if self.kind == "dense":
      _import_densecrf()

  refines = True

  def obstacle(self, export_format: export_folder.Format) -> str | None:
    """Returns why it cannot be part of an export, and what to do; None if so.

    Args:
      export_format: what the model is exported as.
    """
    if export_format is not export_folder.Format.SAVED_MODEL:
      return (
        "the converters take neither its filters nor its loop over parts of "
        "the image; export a SavedModel, or leave --crf_steps out"
      )
    if self.kind == "dense":
      return "it is no part of TensorFlow; take --crf=window"
    return None

  def __call__(self, images: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Returns int32 labels `[batch, height, width]`.

    Args:
      images: RGB in [0, 255], `[batch, height, width, 3]`.
      logits: floating `[batch, height, width, classes]`.
    """
    mean_field_of = {"window": mean_field.window, "dense": dense}[self.kind]
    beliefs = mean_field_of(
      images,
      log_probabilities(logits, self.activation),
      settings=self.settings,
    )
    return tf.argmax(beliefs, -1, output_type=tf.int32)

  def __str__(self):
    """Returns for example "5 CRF steps (window)"."""
    steps = self.settings.steps
    return f"{steps} CRF step{'s' if steps != 1 else ''} ({self.kind})"
