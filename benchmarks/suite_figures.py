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

"""Draws the figures of docs/results.md from the recorded runs of a suite.

Learning curves, mean of the seeds and the range from the least to the greatest:

  python -m benchmarks.suite_figures benchmarks/results/camvid_finetune.json \\
    --setting=from_bce --methods=ce,bce,ssl_3 --output=curves.png

`--baseline=bce` draws paired differences to it with 95 % intervals instead;
with `--kind=forest`, those at the end of the training, of several files one
below the other; `--logged=hard_fraction` a scalar of the training log, and
`--reference=0.015 --reference_label="the paper"` a dashed line across the
curves. A figure of one file has the title of its suite.
"""

from absl import app
from absl import flags

from benchmarks import record_figures
from benchmarks import suite_record
from deeplab_ssl.visualization import comparison

_KIND = flags.DEFINE_enum(
  "kind", "curves", ["curves", "forest"], "Which figure to draw."
)
_SETTING = flags.DEFINE_string(
  "setting", "", "Setting of the suite, such as from_bce."
)
_METHODS = flags.DEFINE_list(
  "methods", [], "Rows by name or pattern (ce, ssl_*); all if left out."
)
_BASELINE = flags.DEFINE_string("baseline", None, "Row that is subtracted.")
_SCORE = flags.DEFINE_string(
  "score",
  "mean_iou",
  "mean_iou, mean_boundary_iou, pixel_accuracy or trimap_WIDTH.",
)
_LOGGED = flags.DEFINE_string(
  "logged", None, "A scalar of the training log instead of a score."
)
_REFERENCE = flags.DEFINE_float(
  "reference", None, "Where curves have a dashed line, as the axis counts."
)
_REFERENCE_LABEL = flags.DEFINE_string(
  "reference_label", None, "What the legend calls that line."
)
_OUTPUT = flags.DEFINE_string("output", None, "The PNG, or .pdf, .svg.")


def _reader():
  if _LOGGED.value:
    return lambda run: suite_record.logged(run, _LOGGED.value)
  return lambda run: suite_record.curve(run, _SCORE.value)


def _baseline(content, methods):
  """The runs of the baseline; the same object where it is among the methods."""
  label = suite_record.label_of(content, _SETTING.value, _BASELINE.value)
  if label in methods:
    return methods[label]
  found = record_figures.select(
    content, _SETTING.value, [_BASELINE.value]
  ).values()
  return next(iter(found))


def _forest(contents):
  """The rows of all files, each under the title of its suite."""
  rows = []
  for content in contents:
    methods = record_figures.select(content, _SETTING.value, _METHODS.value)
    baseline = _baseline(content, methods)
    found = record_figures.forest(methods, baseline, _SCORE.value)
    # "Membranes, each loss from one start": what stands before is the data.
    title = content["title"].partition(",")[0] if len(contents) > 1 else ""
    rows += record_figures.titled(found, title)
  return rows


def _draw(contents):
  y_label = record_figures.axis_label(_LOGGED.value or _SCORE.value)
  content = contents[0]
  if _BASELINE.value:
    name = suite_record.label_of(content, _SETTING.value, _BASELINE.value)
    y_label += f", minus {name}"
  if _KIND.value == "forest":
    comparison.save_forest(
      _OUTPUT.value,
      _forest(contents),
      f"{y_label} (95 % interval)",
      title="" if len(contents) > 1 else content.get("title", ""),
    )
    return
  methods = record_figures.select(content, _SETTING.value, _METHODS.value)
  minus = bool(_BASELINE.value)
  if minus:
    bands = record_figures.difference_bands(
      methods, _baseline(content, methods), _reader()
    )
  else:
    bands = record_figures.bands(methods, _reader())
  level = None
  if _REFERENCE.value is not None:
    level = comparison.Level(_REFERENCE.value, _REFERENCE_LABEL.value)
  comparison.save_bands(
    _OUTPUT.value,
    bands,
    "step",
    y_label,
    title=content.get("title", ""),
    zero_line=minus,
    from_zero=_LOGGED.value in record_figures.SHARES and not minus,
    level=level,
  )


def main(argv):
  """Draws the figure."""
  if len(argv) < 2 or (len(argv) > 2 and _KIND.value != "forest"):
    raise app.UsageError("Give one file with recorded runs, a forest several.")
  if _KIND.value == "forest" and (_LOGGED.value or not _BASELINE.value):
    raise app.UsageError("--kind=forest needs a --baseline, and no --logged.")
  if (_REFERENCE.value is None) != (_REFERENCE_LABEL.value is None):
    raise app.UsageError("Give --reference and --reference_label together.")
  if _KIND.value == "forest" and _REFERENCE.value is not None:
    raise app.UsageError("--reference is for curves, not for --kind=forest.")
  try:
    _draw([suite_record.read(path) for path in argv[1:]])
  except (OSError, ValueError) as error:
    raise app.UsageError(str(error)) from error
  print(f"Drew {_OUTPUT.value}")


if __name__ == "__main__":
  flags.mark_flag_as_required("output")
  app.run(main)
