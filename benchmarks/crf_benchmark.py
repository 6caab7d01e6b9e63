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

r"""Windowed against dense CRF: scores, agreement and time on real images.

  python -m benchmarks.crf_benchmark --config_file=configs/voc2012_mnv2.yaml \
    --checkpoint=deeplabv3_mnv2_pascal --data_dir=records --split=trainval

Each image is refined by both in turn, for each number of steps; the table has
the mean IoU of each, the seconds per image (median over the images) and how
many labels are equal: of all pixels, and of those that either of them changed.
"""

import dataclasses
import statistics
import time

from absl import app
from absl import flags

from deeplab_ssl.cli import environment
from deeplab_ssl.cli import run_flags

flags.adopt_module_key_flags(run_flags)

_STEPS = flags.DEFINE_list("steps", ["1", "2", "5", "10"], "Numbers of steps.")
_BILATERAL_XY = flags.DEFINE_float("bilateral_xy", 60.0, "In pixels.")
_BILATERAL_RGB = flags.DEFINE_float("bilateral_rgb", 20.0, "In colour levels.")
_SPACING = flags.DEFINE_integer("spacing", 10, "Of the window's samples.")
_REACH = flags.DEFINE_integer("reach", 12, "Of the window, in samples.")


class Comparison:
  """What two CRFs make of the same predictions, image by image."""

  def __init__(self, num_classes, kinds):
    from deeplab_ssl.evaluation import metrics

    self._confusion = {k: metrics.ConfusionMatrix(num_classes) for k in kinds}
    self._seconds = {k: [] for k in kinds}
    self._num_classes = num_classes
    self._pixels = self._equal = self._changed = self._equal_changed = 0

  def add(self, truth, before, after, seconds):
    """Adds the labels before and, by kind, after, and the times."""
    for kind, labels in after.items():
      self._confusion[kind].update_state(truth, labels)
      self._seconds[kind].append(seconds[kind])
    one, other = after.values()
    equal = one == other
    changed = (one != before) | (other != before)
    self._pixels += equal.size
    self._equal += equal.sum()
    self._changed += changed.sum()
    self._equal_changed += (equal & changed).sum()

  def mean_iou(self):
    """Returns {kind: mean IoU over the classes that occur}."""
    from deeplab_ssl.evaluation import metrics

    return {
      kind: metrics.Scores(
        confusion.result().numpy(), [str(c) for c in range(self._num_classes)]
      ).mean_iou
      for kind, confusion in self._confusion.items()
    }

  def median_seconds(self):
    """Returns {kind: median seconds per image}."""
    return {k: statistics.median(v) for k, v in self._seconds.items()}

  def shares(self):
    """Returns the shares of equal, changed, and equal of changed pixels."""
    return (
      self._equal / self._pixels,
      self._changed / self._pixels,
      self._equal_changed / max(self._changed, 1),
    )


def compare(run, settings_by_steps):
  """Returns {steps: Comparison} over the validation data."""
  from deeplab_ssl.prediction import crf
  from deeplab_ssl.prediction import predictor as predictor_lib

  model = run.model()
  refinements = {
    (steps, kind): crf.Refinement(settings, kind, run.activation)
    for steps, settings in settings_by_steps.items()
    for kind in crf.KINDS
  }
  comparisons = {}
  for example in run.examples():
    image, truth = example["image"], example["label"][..., 0]
    logits = predictor_lib.predict_logits(model, image)
    if not comparisons:
      num_classes = logits.shape[-1]
      comparisons = {
        steps: Comparison(num_classes, crf.KINDS) for steps in settings_by_steps
      }
      # TensorFlow traces for the first size, and for any size at the second.
      for refine in refinements.values():
        for cut in (-1, -2):
          refine(image[:, :cut, :cut], logits[:, :cut, :cut])
    before = predictor_lib.MOST_LIKELY(image, logits).numpy()
    for steps, comparison in comparisons.items():
      after, seconds = {}, {}
      for kind in crf.KINDS:
        start = time.perf_counter()
        after[kind] = refinements[steps, kind](image, logits).numpy()
        seconds[kind] = time.perf_counter() - start
      comparison.add(truth, before, after, seconds)
  return comparisons


def main(argv):
  """Prints the table."""
  if len(argv) > 1:
    raise app.UsageError(f"Unexpected arguments {argv[1:]}: use --flag=value.")
  environment.prepare()
  from deeplab_ssl.prediction import mean_field

  run = run_flags.open_run()
  settings = mean_field.Settings(
    bilateral_xy=_BILATERAL_XY.value,
    bilateral_rgb=_BILATERAL_RGB.value,
    spacing=_SPACING.value,
    reach=_REACH.value,
  )
  steps = [0, *map(int, _STEPS.value)]
  comparisons = compare(
    run, {n: dataclasses.replace(settings, steps=n) for n in steps}
  )
  print(
    "steps  mean IoU window   dense  s window  s dense  equal %  changed %  "
    "equal of changed %"
  )
  for n, comparison in comparisons.items():
    iou, seconds = comparison.mean_iou(), comparison.median_seconds()
    equal, changed, equal_changed = comparison.shares()
    print(
      f"{n:5}  {100 * iou['window']:15.2f}  {100 * iou['dense']:6.2f}"
      f"  {seconds['window']:8.2f}  {seconds['dense']:7.2f}  {100 * equal:7.2f}"
      f"  {100 * changed:9.2f}  {100 * equal_changed:18.1f}"
    )


if __name__ == "__main__":
  app.run(main)
