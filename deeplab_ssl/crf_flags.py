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

"""Flags of the CRF post-processing, shared by the commands that predict."""

from absl import app
from absl import flags

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


def load(params):
  """Returns the `evaluation.crf.Refinement` of the flags, or None without.

  Args:
    params: the `ExperimentConfig`, whose loss decides what a probability is.

  Raises:
    app.UsageError: if a CRF is named without steps.
    ImportError: if the named CRF is not installed.
  """
  if not _CRF_STEPS.value:
    if _CRF.value:
      raise app.UsageError(
        f"--crf={_CRF.value} does nothing without --crf_steps, e.g. "
        "--crf_steps=5."
      )
    return None
  from deeplab_ssl.evaluation import crf
  from deeplab_ssl.evaluation import mean_field

  return crf.Refinement(
    settings=mean_field.Settings(steps=_CRF_STEPS.value),
    kind=_CRF.value or "window",
    probabilities=params.task.losses.activation,
  )
