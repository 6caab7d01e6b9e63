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
"""What a training tells on the console: lines, and a bar in a terminal."""

from collections.abc import Mapping
import contextlib
import datetime
import time

from absl import logging
import tqdm
import tqdm.contrib

# Model Garden's name of the whole loss, and what stands for it in a line.
_TOTAL = "training_loss"
_RATE = "learning_rate"
# The scores of a validation that its line has; TensorBoard has all of them.
_SCORES = {"mean_iou": "mean IoU", "pixel_accuracy": "pixel accuracy"}


class Console:
  """Tells how a training goes, in one line for each of its loops.

  In a terminal a bar below the lines shows how far the training is. Anywhere
  else, such as in a log file, there are lines alone. It is a context manager,
  which takes the bar away in the end.

  Args:
    total_steps: the step at which the training ends.
    stream: text stream that is written.
  """

  def __init__(self, total_steps: int, stream):
    self._total = total_steps
    self._stream = stream
    self._bar = None
    self._stack = contextlib.ExitStack()
    self._started = None
    # Step and time of the first line, by which the time left is estimated, and
    # of the last event. Before the first line TensorFlow traces the graph.
    self._first = None
    self._last = None

  def __enter__(self):
    return self

  def __exit__(self, kind, error, trace):
    self._stack.close()
    if kind is None and self._started is not None:
      step, started = self._started
      took = _duration(time.monotonic() - started)
      self._say(f"train | done, {self._total - step} steps in {took}")

  def start(self, step: int, where: str) -> None:
    """Tells where the training starts; of several calls the first counts.

    Args:
      step: steps that are done.
      where: what it runs on and where its results go.
    """
    if self._started is not None:
      return
    if step >= self._total:
      self._say(f"train | nothing to do: step {step} of {self._total} is done")
      return
    self._started = self._last = step, time.monotonic()
    resumed = f"resumed at step {step} of" if step else "0 of"
    self._say(f"train | {resumed} {self._total} steps, {where}")
    if self._stream.isatty():
      self._bar = self._stack.enter_context(
        tqdm.tqdm(
          desc="train",
          total=self._total,
          initial=step,
          unit="step",
          file=self._stream,
          dynamic_ncols=True,
          leave=False,
        )
      )
      self._stack.enter_context(_warnings_above_the_bar())

  def trained(self, step: int, output: Mapping[str, float]) -> None:
    """Tells the means of a loop of training.

    Args:
      step: steps that are done.
      output: {name: scalar}, the loss, its terms and the learning rate.
    """
    now = time.monotonic()
    terms = dict(output)
    loss, rate = float(terms.pop(_TOTAL)), float(terms.pop(_RATE))
    head = f"train | step {step} of {self._total}"
    if self._first is None:
      self._first = step, now
    else:
      (first_step, first_time), (last_step, last_time) = self._first, self._last
      speed = (step - last_step) / (now - last_time)
      # Validations and checkpoints take their part of the time that is left.
      left = (self._total - step) * (now - first_time) / (step - first_step)
      head += f", ETA {_duration(left)}, {speed:.3g} steps/s"
    # The details come last: they may reach over the edge of a terminal.
    parts = [head, f"loss {loss:.4g}, learning rate {rate:.3g}"]
    if terms:
      parts.append(
        ", ".join(f"{name} {float(x):.3g}" for name, x in terms.items())
      )
    self._last = step, now
    self._say(" | ".join(parts))
    if self._bar is not None:
      self._bar.update(step - self._bar.n)

  @contextlib.contextmanager
  def validation(self, step: int):
    """While it is open, a validation runs that is no part of the steps' time.

    Args:
      step: steps that are done.

    Yields:
      A function that takes {name: scalar}, the scores, and tells them.
    """
    started = time.monotonic()

    def tell(scores):
      found = [
        f"{name} {100 * float(scores[key]):.2f} %"
        for key, name in _SCORES.items()
        if key in scores
      ]
      took = time.monotonic() - started
      self._say(
        f"validation | step {step} of {self._total} | "
        f"{', '.join(found) or 'no score'} | {took:.1f} s"
      )

    self._describe("validation")
    yield tell
    self._describe("train")
    self._last = step, time.monotonic()

  def _describe(self, text):
    if self._bar is not None:
      self._bar.set_description(text)

  def _say(self, line):
    tqdm.tqdm.write(line, file=self._stream)
    self._stream.flush()


@contextlib.contextmanager
def _warnings_above_the_bar():
  handler = logging.get_absl_handler().python_handler
  stream = handler.stream
  handler.setStream(tqdm.contrib.DummyTqdmFile(stream))
  try:
    yield
  finally:
    handler.setStream(stream)


def _duration(seconds):
  return datetime.timedelta(seconds=round(seconds))
