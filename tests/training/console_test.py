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
"""Tests of what a training tells."""

import io
import re

import pytest
import tensorflow as tf

from deeplab_ssl.training import console as console_lib
from deeplab_ssl.training import run
from tests import digits


class _Terminal(io.StringIO):
  def isatty(self):
    return True


def test_a_log_has_one_line_for_each_loop_and_validation(tmp_path, capsys):
  params = digits.experiment()
  params.override({"trainer": {"steps_per_loop": 1, "summary_interval": 1}})
  run.run_experiment(params, "train_and_eval", str(tmp_path))

  start, *loops, validation, end = capsys.readouterr().out.splitlines()

  assert start == (
    f"train | 0 of 4 steps, on 1 CPU; checkpoints and logs go to {tmp_path}"
  )
  number = r"[\d.e-]+"
  for step, line in enumerate(loops, start=1):
    # The time of the first loop is that of tracing the graph.
    timed = rf", ETA \d:\d\d:\d\d, {number} steps/s" if step > 1 else ""
    assert re.match(
      rf"train \| step {step} of 4{timed} \| loss {number}, learning rate "
      rf"{number} \| \w",
      line,
    )
    for name in ("structural", "hard_fraction", "regularization"):
      assert re.search(rf"\b{name} {number}(, |$)", line)
  assert len(loops) == 4
  assert re.fullmatch(
    r"validation \| step 4 of 4 \| mean IoU \d+\.\d\d %, pixel accuracy "
    r"\d+\.\d\d % \| \d+\.\d s",
    validation,
  )
  assert re.fullmatch(r"train \| done, 4 steps in \d:\d\d:\d\d", end)


def _tell(stream):
  """Tells a short training with a warning in its validation."""
  with console_lib.Console(4, stream) as console:
    console.start(0, "here")
    console.trained(2, {"term": 1.0, "training_loss": 2.0, "learning_rate": 0})
    with console.validation(2) as tell:
      tell({"mean_iou": tf.constant(0.25), "iou/cat": 0.5})
    console.trained(4, {"training_loss": 1.5, "learning_rate": 1e-5})
  return stream.getvalue()


def test_a_terminal_has_a_bar_below_the_lines():
  lines, shown = _tell(io.StringIO()), _tell(_Terminal())

  assert "\r" not in lines
  assert "train | step 2 of 4 | loss 2, learning rate 0 | term 1\n" in lines
  assert "validation | step 2 of 4 | mean IoU 25.00 % | 0.0 s\n" in lines
  for part in ("train:   0%", "validation:  50%", "| 2/4 ["):
    assert part in shown
  for line in lines.splitlines():
    # Speeds differ.
    assert all(part in shown for part in re.split(", .* steps/s", line))
  # In the end the bar is gone: its row is overwritten with blanks.
  assert re.search(r"\r *\rtrain \| done, 4 steps in 0:00:00\n$", shown)


def test_a_training_that_fails_is_not_said_to_be_done():
  stream = io.StringIO()
  with pytest.raises(KeyError), console_lib.Console(4, stream) as console:
    console.start(0, "here")
    raise KeyError
  assert stream.getvalue() == "train | 0 of 4 steps, here\n"
