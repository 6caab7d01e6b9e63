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

The file is one that `deeplab_ssl.reproduce` writes: the record of a suite, or
{method: {seed: {"mean_iou": ..., "iou": {class: ...}}}}. Each setting of a
suite has tables of its own. Differences are paired by seed, with the 95 %
confidence interval of Student's t; the share of hard examples is that of the
last steps, a mean over the seeds.
"""

import statistics

from absl import app
from absl import flags

from benchmarks import suite_record
from deeplab_ssl.reproduction import statistics as seed_statistics

_BASELINES = flags.DEFINE_list(
  "baselines",
  None,
  "Methods to compare with; ce and bce, where they are there, by default.",
)
_DEFAULT_BASELINES = ("ce", "bce")


def _scores(runs):
  """{seed: mean IoU in percent}."""
  return {seed: 100 * run["mean_iou"] for seed, run in runs.items()}


def _hard_share(runs):
  shares = [run.get("hard_fraction") for run in runs.values()]
  if None in shares:
    return ""
  return f"{statistics.mean(100 * share['last'] for share in shares):.1f}"


def mean_iou_table(suite, baselines) -> list[str]:
  """Returns the rows of the table of mean IoU, in percent."""
  head = ["", "mean IoU per seed", "mean ± std"]
  head += [f"minus {name}" for name in baselines]
  lines = [head + ["hard, %"], ["---"] * (len(head) + 1)]
  for method, runs in suite.items():
    scores = _scores(runs)
    values = list(scores.values())
    lines.append(
      [
        method,
        ", ".join(f"{v:.2f}" for v in values),
        seed_statistics.plus_minus(*seed_statistics.spread(values)),
        *(
          ""
          if name == method
          else seed_statistics.difference_text(scores, _scores(suite[name]))
          for name in baselines
        ),
        _hard_share(runs),
      ]
    )
  return [f"| {' | '.join(cells)} |" for cells in lines]


def _mean_trimap(runs, width):
  found = [run["trimap_mean_iou"][width] for run in runs.values()]
  return 100 * statistics.mean(found)


def boundary_table(suite, baselines) -> list[str]:
  """Returns the rows of the table along boundaries, in percent.

  Methods without these scores are left out; there are no rows without any.
  """
  suite = {
    method: runs
    for method, runs in suite.items()
    if all("mean_boundary_iou" in run for run in runs.values())
  }
  if not suite:
    return []
  first = next(iter(next(iter(suite.values())).values()))
  widths = list(first["trimap_mean_iou"])

  def boundary_iou(runs):
    return {seed: 100 * r["mean_boundary_iou"] for seed, r in runs.items()}

  baselines = [name for name in baselines if name in suite]
  head = ["", "boundary IoU", *(f"minus {name}" for name in baselines)]
  head += [f"mean IoU within {width} px" for width in widths]
  lines = [head, ["---"] * len(head)]
  for method, runs in suite.items():
    scores = boundary_iou(runs)
    lines.append(
      [
        method,
        seed_statistics.plus_minus(*seed_statistics.spread([*scores.values()])),
        *(
          ""
          if name == method
          else seed_statistics.difference_text(
            scores, boundary_iou(suite[name])
          )
          for name in baselines
        ),
        *(f"{_mean_trimap(runs, width):.2f}" for width in widths),
      ]
    )
  return [f"| {' | '.join(cells)} |" for cells in lines]


def class_table(suite) -> list[str]:
  """Returns the rows of the table of IoU per class, means over the seeds."""
  lines = [f"| class | {' | '.join(suite)} |", "|---" * (len(suite) + 1) + "|"]
  first = next(iter(next(iter(suite.values())).values()))
  for name in first["iou"]:
    cells = []
    for runs in suite.values():
      found = [run["iou"][name] for run in runs.values()]
      ious = [100 * iou for iou in found if iou is not None]
      cells.append(f"{statistics.mean(ious):.2f}" if ious else "n/a")
    lines.append(f"| {name} | {' | '.join(cells)} |")
  return lines


def tuned_table(content, baselines) -> list[str]:
  """Returns the rows of the table of a search, in percent; none without one.

  The value of each row is chosen on one split and reported on the other.
  """
  tuned = suite_record.tuned(content, "mean_iou")
  if not tuned:
    return []
  search = content["search"]
  key = search["key"].rpartition(".")[2]
  head = ["", f"{key}, chosen on {search['choose_on']}"]
  head += [f"mean IoU on {search['report_on']}, mean ± std"]
  head += [f"minus {name}" for name in baselines]
  lines = [head, ["---"] * len(head)]
  for row, (value, scores) in tuned.items():
    setting, _, method = row.rpartition("/")
    cells = [row, value]
    spread = seed_statistics.spread(list(scores.values()))
    cells.append(seed_statistics.plus_minus(*spread))
    for name in baselines:
      _, others = tuned.get(f"{setting}/{name}" if setting else name, ("", {}))
      cells.append(
        ""
        if method == name
        else seed_statistics.difference_text(scores, others)
      )
    lines.append(cells)
  return [f"| {' | '.join(cells)} |" for cells in lines]


def all_tables(content, baselines=None) -> str:
  """Returns the tables of a file of results, each setting under its name.

  Args:
    content: from `suite_record.read`.
    baselines: methods to compare with; a setting does without those that it has
      not. None takes ce and bce, or what there is of them.

  Raises:
    ValueError: if no setting has one of the baselines that are given.
  """
  settings = suite_record.settings(content)
  for name in baselines or ():
    if not any(name in methods for methods in settings.values()):
      known = dict.fromkeys(m for methods in settings.values() for m in methods)
      raise ValueError(f"There is no method {name!r}, only {list(known)}.")
  baselines = _DEFAULT_BASELINES if baselines is None else baselines
  parts = []
  for setting, methods in settings.items():
    parts += [f"## {setting}"] if setting else []
    there = [name for name in baselines if name in methods]
    tables = (
      mean_iou_table(methods, there),
      boundary_table(methods, there),
      class_table(methods),
    )
    parts += ["\n".join(lines) for lines in tables if lines]
  tuned = tuned_table(content, baselines)
  parts += ["## Search", "\n".join(tuned)] if tuned else []
  return "\n\n".join(parts)


def main(argv):
  """Prints the tables."""
  if len(argv) != 2:
    raise app.UsageError("Give one file with recorded runs.")
  content = suite_record.read(argv[1])
  try:
    print(all_tables(content, _BASELINES.value))
  except ValueError as error:
    raise app.UsageError(f"--baselines, {argv[1]}: {error}") from error


if __name__ == "__main__":
  app.run(main)
