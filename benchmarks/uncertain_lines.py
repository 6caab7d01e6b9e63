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
"""Finds what a loss makes of a line whose labels are not certain.

  python -m benchmarks.uncertain_lines --output=benchmarks/results/lines.json

The label of a line of some pixels lies a pixel or two to one side of it in a
share of the images. No image tells in which, so the best that a network can do
is the same profile across the line in all of them. Gradient descent on the
logits of that profile alone, without a network, ends where the gradient of the
loss vanishes: what a training would end with if nothing else were in its way.
BCE ends at the share of the labels that call a pixel the line. SSL holds its
weights constant in the gradient, so that its end is a balance, no minimum, and
may depend on the start: each case has two.

`benchmarks.line_table` and `benchmarks.line_figures` show what is recorded.
"""

from collections.abc import Callable
from collections.abc import Sequence
import pathlib

from absl import app
from absl import flags
import numpy as np

from deeplab_ssl.cli import environment
from deeplab_ssl.common import atomic_files

# Defined where this is run: a test that imports it has the flags of others.
_OUTPUT = "output"
# Pixels along and across the line.
_LENGTH, _ACROSS = 9, 31
# Images of each set of labels: how far to the right they are off.
SHIFTS = {
  "0": (0,),
  "1 px, every 5th": (-1, *[0] * 8, 1),
  "1 px, every 2nd": (-1, 0, 0, 1),
  "up to 2 px": (-2, -1, 0, 0, 1, 2),
}
WIDTHS = (1, 2, 3, 5)
# Where the constants are compared.
CONSTANTS_WIDTH, CONSTANTS_SHIFT = 2, "1 px, every 2nd"
FORMS = {"Eq. 10": "std", "Eq. 16": "variance"}
CONSTANTS = {
  "the paper's": {},
  "size 1": {"region_size": 1},
  "size 7": {"region_size": 7},
  "size 11": {"region_size": 11},
  "lambda 0.25": {"ce_weight": 0.25},
  "lambda 0.75": {"ce_weight": 0.75},
  "lambda 0.9": {"ce_weight": 0.9},
  "beta 0.03": {"beta": 0.03},
  "beta 0.3": {"beta": 0.3},
}


def line_labels(width: int, shifts: Sequence[int]) -> np.ndarray:
  """Returns int32 labels `[image, length, across]`, 1 on the line.

  Args:
    width: pixels across the line.
    shifts: pixels to the right, of each image.
  """
  labels = np.zeros([len(shifts), _LENGTH, _ACROSS], np.int32)
  for image, shift in zip(labels, shifts, strict=True):
    left = _ACROSS // 2 - width // 2 + shift
    image[:, left : left + width] = 1
  return labels


def resting_profile(
  loss: Callable,
  labels: np.ndarray,
  start: np.ndarray | None = None,
  steps: int = 800,
) -> np.ndarray:
  """Returns the probabilities across the line at which a descent ends.

  Args:
    loss: a Keras loss of sigmoid logits; the background is the first class.
    labels: from `line_labels`.
    start: logits `[across, 2]` to begin with; 0 if it is None.
    steps: of Adam, the last three eighths at a fifth of the rate.

  Returns:
    float32 `[across, 2]`: of the background and of the line.
  """
  import keras
  import tensorflow as tf

  shape = [*labels.shape, 2]
  logits = tf.Variable(
    np.zeros(shape[-2:]) if start is None else start, dtype=tf.float32
  )
  optimizer = keras.optimizers.Adam(0.1)
  labels = tf.constant(labels)

  @tf.function
  def step():
    with tf.GradientTape() as tape:
      value = loss(labels, tf.broadcast_to(logits, shape))
    optimizer.apply_gradients([(tape.gradient(value, logits), logits)])

  for number in range(steps):
    if number == 5 * steps // 8:
      optimizer.learning_rate.assign(0.02)
    step()
  return tf.sigmoid(logits).numpy()


def _case(method, loss, width, shift):
  labels = line_labels(width, SHIFTS[shift])
  share = labels[:, 0].mean(0).astype(float)
  sure = np.clip(share, 0.01, 0.99)
  toward_line = np.log(sure) - np.log1p(-sure)
  ends = [
    resting_profile(loss, labels, start)
    for start in (None, np.stack([-toward_line, toward_line], -1))
  ]
  found = {
    "method": method,
    "width": width,
    "shift": shift,
    "labels": np.round(share, 2).tolist(),
    "line": [_rounded(profile[:, 1]) for profile in ends],
    "background": [_rounded(profile[:, 0]) for profile in ends],
  }
  print(f"{method}, {width} px, {shift}: {found['line']}", flush=True)
  return found


def _rounded(probabilities):
  return np.round(probabilities.astype(float), 2).tolist()


def measure() -> dict[str, list]:
  """Returns the record: "lines" of each width and "constants" of one."""
  from deeplab_ssl import losses

  methods = {"BCE": losses.SigmoidCrossEntropyLoss()}
  for name, form in FORMS.items():
    methods[f"SSL 3, {name}"] = losses.StructuralSimilarityLoss(
      stability_form=form
    )
  return {
    "lines": [
      _case(method, loss, width, shift)
      for width in WIDTHS
      for shift in SHIFTS
      for method, loss in methods.items()
    ],
    "constants": [
      _case(
        f"{constant}, {name}",
        losses.StructuralSimilarityLoss(stability_form=form, **options),
        CONSTANTS_WIDTH,
        CONSTANTS_SHIFT,
      )
      for constant, options in CONSTANTS.items()
      for name, form in FORMS.items()
    ],
  }


def main(argv):
  """Writes the record."""
  if len(argv) > 1:
    raise app.UsageError(f"Unexpected arguments {argv[1:]}: use --flag=value.")
  environment.prepare()
  from deeplab_ssl.reproduction import records

  text = records.as_text(measure())
  atomic_files.write(pathlib.Path(flags.FLAGS[_OUTPUT].value), text.encode())


if __name__ == "__main__":
  flags.DEFINE_string(_OUTPUT, None, "JSON file to write.", required=True)
  app.run(main)
