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

"""Makes the tables of docs/results.md from recorded runs of several seeds.

  python -m benchmarks.suite_table benchmarks/results/camvid.json
  python -m benchmarks.suite_table benchmarks/results/membranes_finetune.json \\
    --setting=from_bce --methods=ce,bce,ssl_3 --tables=scores

The file is one that `deeplab_ssl.reproduce` writes: the record of a suite, or
{method: {seed: {"mean_iou": ..., "iou": {class: ...}}}}; or one of
`benchmarks.threshold_choice` or `benchmarks.recall_by_width`. Each setting of a
suite has tables of its own. Differences are paired by seed, with the 95 %
confidence interval of Student's t; the share of hard examples is that of the
last steps, a mean over the seeds.

Three kinds are made only if `--tables` names them, for they have a column for
each pair of methods: class_differences, the paired differences of IoU per
class, and curves and boundary_curves, mean IoU and Boundary IoU at each
recorded step of the training, with the differences. CE minus BCE by class is

  python -m benchmarks.suite_table benchmarks/results/camvid_finetune.json \\
    --setting=from_bce --methods=ce --baselines=bce --tables=class_differences
"""

from collections.abc import Sequence
import fnmatch
import functools

from absl import app
from absl import flags

from benchmarks import analysis_tables
from benchmarks import score_tables
from benchmarks import suite_record
from benchmarks import training_tables

_BASELINES = flags.DEFINE_list(
  "baselines",
  None,
  "Methods to compare with; ce and bce, where they are there, by default.",
)
_SETTING = flags.DEFINE_string("setting", None, "This setting alone.")
_METHODS = flags.DEFINE_list(
  "methods", None, "Rows by name or pattern (ce, ssl_*); all if left out."
)
_TABLES = flags.DEFINE_list(
  "tables",
  None,
  "Of scores, boundaries, classes, precision, log, thresholds, widths, "
  "even_widths, search; all of these if left out. By name alone: "
  "class_differences, curves, boundary_curves.",
)
_DEFAULT_BASELINES = ("ce", "bce")

# {kind: its rows, of {method: {seed: run}} and the baselines alike}.
_KINDS = {
  "scores": score_tables.mean_iou_table,
  "boundaries": score_tables.boundary_table,
  "classes": lambda suite, _: score_tables.class_table(suite),
  "precision": lambda suite, _: score_tables.precision_table(suite),
  "log": lambda suite, _: training_tables.log_table(suite),
  "thresholds": analysis_tables.threshold_table,
  "widths": analysis_tables.width_table,
  "even_widths": functools.partial(
    analysis_tables.width_table, name="even_widths"
  ),
}
# Those that are only made if they are named.
_NAMED_KINDS = {
  "class_differences": score_tables.class_difference_table,
  "curves": training_tables.curve_table,
  "boundary_curves": functools.partial(
    training_tables.curve_table, score="mean_boundary_iou"
  ),
}
_SEARCH = "search"


def all_tables(
  content,
  baselines: Sequence[str] | None = None,
  setting: str | None = None,
  patterns: Sequence[str] | None = None,
  kinds: Sequence[str] | None = None,
) -> str:
  """Returns the tables of a file of results, each setting under its name.

  Args:
    content: from `suite_record.read`.
    baselines: methods to compare with; a setting does without those that it has
      not. None takes ce and bce, or what there is of them.
    setting: this one alone, without a heading.
    patterns: names or shell patterns of the methods that get a row; all if it
      is None.
    kinds: of "scores", "boundaries", "classes", "precision", "log",
      "thresholds", "widths", "even_widths" and "search", all of which it is if
      it is None; and of "class_differences", "curves" and "boundary_curves".

  Raises:
    ValueError: if no setting has one of the baselines or methods that are
      given, or there is no such setting or kind of table.
  """
  settings = suite_record.settings(content)
  if setting is not None and setting not in settings:
    raise ValueError(f"There is no setting {setting!r}, only {[*settings]}.")
  if setting is not None:
    settings = {setting: settings[setting]}
  known = dict.fromkeys(m for methods in settings.values() for m in methods)
  for pattern in (*(baselines or ()), *(patterns or ())):
    if not fnmatch.filter(known, pattern):
      raise ValueError(f"There is no method {pattern!r}, only {list(known)}.")
  kinds = (*_KINDS, _SEARCH) if kinds is None else kinds
  makers = _KINDS | _NAMED_KINDS
  for kind in kinds:
    if kind not in (*makers, _SEARCH):
      raise ValueError(
        f"There is no table {kind!r}, only {[*makers, _SEARCH]}."
      )
  baselines = _DEFAULT_BASELINES if baselines is None else baselines
  parts = []
  for name in settings:
    parts += [f"## {name}"] if name and setting is None else []
    shown = suite_record.matching(content, name, patterns or ["*"])
    there = {}  # In the order in which they are asked for.
    for baseline in baselines:
      there |= suite_record.matching(content, name, [baseline])
    tables = [makers[kind](shown, there) for kind in kinds if kind in makers]
    if _SEARCH in kinds:
      tables.append(
        training_tables.tuned_table(content, name, patterns or ["*"], baselines)
      )
    parts += ["\n".join(lines) for lines in tables if lines]
  return "\n\n".join(parts)


def main(argv):
  """Prints the tables."""
  if len(argv) != 2:
    raise app.UsageError("Give one file with recorded runs.")
  try:
    print(
      all_tables(
        suite_record.read(argv[1]),
        _BASELINES.value,
        _SETTING.value,
        _METHODS.value,
        _TABLES.value,
      )
    )
  except (OSError, ValueError) as error:
    raise app.UsageError(f"{argv[1]}: {error}") from error


if __name__ == "__main__":
  app.run(main)
