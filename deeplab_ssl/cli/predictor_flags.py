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


"""Flags of how a model is asked for labels, shared by the commands that do."""

from absl import app
from absl import flags

from deeplab_ssl.cli import runner

_EVAL_SCALES = flags.DEFINE_list(
  "eval_scales",
  ["1.0"],
  "Scales at which an image is seen; their probabilities are averaged. For "
  "example 0.5,0.75,1.0,1.25,1.5,1.75.",
)
_FLIPPED = flags.DEFINE_bool(
  "add_flipped_images", False, "Whether each scale is seen mirrored, too."
)
_TILE_SIZE = flags.DEFINE_list(
  "tile_size",
  None,
  "HEIGHT,WIDTH of the part that the model sees at once, for images that do "
  "not fit the memory whole.",
)
_TILE_OVERLAP = flags.DEFINE_integer(
  "tile_overlap",
  128,
  "Pixels that neighbouring tiles share at least.",
  lower_bound=0,
)
_OWN_SIZE = flags.DEFINE_bool(
  "own_size",
  False,
  "Show the model each image at its own size, as the original does, instead of "
  "padding it until logits and pixels align.",
)
_EVAL_CROP_SIZE = flags.DEFINE_list(
  "eval_crop_size",
  None,
  "HEIGHT,WIDTH to which each image is padded with the mean pixel, which image "
  "pooling sees, as the original does; no image may be larger.",
)
_UPSAMPLE_LOGITS = flags.DEFINE_bool(
  "upsample_logits",
  True,
  "Whether logits are interpolated; if not, each pixel takes the class of the "
  "nearest ones, and the image is seen at its own size.",
)
_CRF_STEPS = flags.DEFINE_integer(
  "crf_steps",
  0,
  "Mean-field steps of a CRF on the predictions; the paper takes 1, 2 and 5.",
  lower_bound=0,
)
_CRF = flags.DEFINE_enum(
  "crf",
  None,
  ["window", "dense"],
  'Which CRF, with --crf_steps: "window" (the default) samples the long range, '
  '"dense" needs pydensecrf.',
)


def load(activation: str):
  """Returns the `prediction.predictor.Predictor` of the flags.

  Args:
    activation: "softmax" or "sigmoid", what makes probabilities of the logits.

  Raises:
    app.UsageError: if a value does not parse, or a flag does nothing without
      another.
    ImportError: if the named CRF is not installed.
  """
  from deeplab_ssl.prediction import predictor as predictor_lib

  if _EVAL_CROP_SIZE.value:
    for flag in (_TILE_SIZE, _OWN_SIZE):
      runner.refuse_idle(flag, True, "with --eval_crop_size")
  return predictor_lib.Predictor(
    logits=_padded(_logits(activation)),
    labels=_refinement(activation) or predictor_lib.MOST_LIKELY,
  )


def _padded(rule):
  """Returns a rule for logits of images that --eval_crop_size pads."""
  if not _EVAL_CROP_SIZE.value:
    return rule
  from deeplab_ssl.prediction import input_size

  try:
    return input_size.Padded(_numbers(_EVAL_CROP_SIZE, int), rule)
  except ValueError as error:
    raise app.UsageError(
      "--eval_crop_size must be HEIGHT,WIDTH, e.g. 513,513. Received: "
      f"{','.join(_EVAL_CROP_SIZE.value)}"
    ) from error


def _logits(activation):
  from deeplab_ssl.prediction import predictor as predictor_lib
  from deeplab_ssl.prediction import views

  if not _UPSAMPLE_LOGITS.value:
    for flag in (_EVAL_SCALES, _FLIPPED, _TILE_SIZE, _TILE_OVERLAP, _OWN_SIZE):
      runner.refuse_idle(flag, True, "with --noupsample_logits")
    return predictor_lib.Nearest()
  settings = {
    "scales": _numbers(_EVAL_SCALES, float),
    "add_flipped_images": _FLIPPED.value,
    # What is padded to one size is not padded again.
    "own_size": _OWN_SIZE.value or bool(_EVAL_CROP_SIZE.value),
  }
  if _TILE_SIZE.value:
    settings |= {
      "tile_size": _numbers(_TILE_SIZE, int),
      "tile_overlap": _TILE_OVERLAP.value,
    }
  runner.refuse_idle(
    _TILE_OVERLAP,
    not _TILE_SIZE.value,
    "without --tile_size, e.g. --tile_size=513,513",
  )
  try:
    return views.Views(**settings, activation=activation)
  except ValueError as error:
    raise app.UsageError(str(error)) from error


def _numbers(flag, number):
  try:
    return tuple(number(value) for value in flag.value)
  except ValueError as error:
    raise app.UsageError(
      f"--{flag.name} must be numbers with commas between them. Received: "
      f"{','.join(flag.value)}"
    ) from error


def _refinement(activation):
  runner.refuse_idle(
    _CRF, not _CRF_STEPS.value, "without --crf_steps, e.g. --crf_steps=5"
  )
  if not _CRF_STEPS.value:
    return None
  from deeplab_ssl.prediction import crf
  from deeplab_ssl.prediction import mean_field

  return crf.Refinement(
    settings=mean_field.Settings(steps=_CRF_STEPS.value),
    kind=_CRF.value or "window",
    activation=activation,
  )
