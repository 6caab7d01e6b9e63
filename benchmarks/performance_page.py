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

"""docs/performance.md, written from the figures of one run alone.

  python -m benchmarks.performance_page

`benchmark.py` writes it, too, after its last part.
"""

from collections.abc import Mapping
import json
import pathlib
from typing import Any

from absl import app
from absl import flags

from benchmarks import aims
from benchmarks import analysis
from deeplab_ssl.common import atomic_files

_FIGURES = flags.DEFINE_string(
  "figures", "benchmarks/results/performance.json", "JSON of `benchmark.py`."
)
_OUTPUT = flags.DEFINE_string(
  "page_output", "docs/performance.md", "Markdown file."
)

_HEAD = """\
# Performance

`make benchmark` measures all of this and writes this page. Both sides of a
ratio take turns in one process, each stopped while the other runs; a ratio is
the median of those of neighbouring rounds, ours to the other, below 1 where
ours is faster or smaller. The range is that of the rounds. Peaks of memory are
those of fresh processes.
"""

_FOOT = """\
## Measuring again

```shell
make benchmark                                      # all but the original
make benchmark BENCHMARK_ARGS=--original=models/research/deeplab
make benchmark BENCHMARK_ARGS=--only=losses,input   # these parts, again
make benchmark BENCHMARK_ARGS=--quick               # whether it runs
```

A run that was interrupted goes on with the parts that are missing. `--original`
is the folder research/deeplab of a checkout of tensorflow/models; its graph and
its data generator run through `tf.compat.v1` and TF-Slim, unchanged. On a
machine with a GPU the same command measures there, and the training step under
XLA beside. A part can be run alone:
`python -m benchmarks.loss_benchmark --helpshort` lists its flags.
"""

_TITLES = {
  "limits": "What the machine can do",
  "limits one thread": "What one thread can do",
  "steps": "Training step, float32",
  "bfloat16": "Training step, bfloat16",
  "garden": "Model Garden",
  "prediction": "Prediction",
  "losses": "Losses",
  "xla": "XLA",
  "memory": "Accumulation and recomputation",
  "replicas": "Two replicas",
  "input": "Input",
  "serving": "Exported models",
  "start-up": "Start-up",
}


def _number(value):
  return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def _summary(summary):
  low, high = map(_number, summary["range"])
  median = _number(summary["median"])
  return median if low == high else f"{median} ({low} to {high})"


def _machine(results):
  """Returns the lines on the machine and the versions."""
  machine, parts = results["machine"], results["parts"]
  amx = "with" if machine["amx"] else "without"
  devices = ", ".join([*machine["gpus"], machine["cpu"]])
  names = ("python", "tensorflow", "tf_keras", "numpy")
  versions = ", ".join(f"{name} {machine[name]}" for name in names)
  loads = [part["load"] for part in parts.values()]
  minutes = sum(part["seconds"] for part in parts.values()) / 60
  lines = [
    f"Machine: {devices}, {machine['cores']} cores, {amx} AMX. {versions}. "
    f"The parts took {minutes:.0f} minutes; the load at their ends was "
    f"{min(loads):.1f} to {max(loads):.1f}."
  ]
  if not results["original"]:
    lines.append("The original's sources were not given.")
  if results["quick"]:
    lines.append(
      "**These are not figures: the run was a quick one of small sizes.**"
    )
  missing = [name for name in aims.PARTS if name not in parts]
  if missing:
    lines.append(f"Not measured: {', '.join(missing)}.")
  return ["", *lines, ""]


def verdict(aim: aims.Aim, rows: analysis.Rows, machine: Mapping[str, Any]):
  """Returns the measured ratio and what it says of an aim.

  Args:
    aim: one of `aims.AIMS`.
    rows: {part: {row: row}}.
    machine: as `measurement.machine` describes it.

  Returns:
    (ratio with its range or "-", "met", "not met", "no aim here" or "not
    measured").
  """
  row = rows.get(aim.part, {}).get(aim.row)
  if row is None or "ratio" not in row:
    return "-", "not measured"
  limit = aim.on(machine)
  if limit is None:
    return _summary(row["ratio"]), "no aim without AMX"
  met = row["ratio"]["median"] <= limit
  return _summary(row["ratio"]), "met" if met else "not met"


def _aims(rows, machine):
  lines = [
    "## Aims",
    "",
    "| part | row | aim | ratio | |",
    "|---|---|---|---|---|",
  ]
  for aim in aims.AIMS:
    ratio, word = verdict(aim, rows, machine)
    limit = aim.on(machine)
    wanted = "-" if limit is None else f"{limit:g}"
    if word == "not met":
      why = analysis.explanation(aim.part, aim.row, rows)
      word += f": {why}" if why else ""
    lines.append(f"| {aim.part} | {aim.row} | {wanted} | {ratio} | {word} |")
  return [*lines, ""]


def _analysis(rows, machine):
  """Returns the section on what remains to the limits."""
  parts = (
    analysis.steps(rows),
    analysis.losses(rows),
    analysis.precision(rows, machine),
  )
  told = [[*lines, ""] for lines in parts if lines]
  if not told:
    return []
  return ["## What remains to the limit", "", *sum(told, [])]


def _section(name, rows):
  """Returns the table of a part."""
  lines = [f"## {_TITLES[name]}", "", "| | figures | ratio |", "|---|---|---|"]
  for row in rows.values():
    sides = "; ".join(
      f"{label}: {_summary(side)} {row['unit']}"
      for label, side in row["sides"].items()
    )
    ratio = _summary(row["ratio"]) if "ratio" in row else "-"
    lines.append(f"| {row['name']} | {sides} | {ratio} |")
  return [*lines, ""]


def page(results: Mapping[str, Any]) -> str:
  """Returns the page.

  Args:
    results: what `benchmark.py` writes: "machine", "quick", "original" and
      "parts" by name, each with "seconds", "load" and "rows".
  """
  machine = results["machine"]
  rows = {
    name: {row["name"]: row for row in results["parts"][name]["rows"]}
    for name in aims.PARTS
    if name in results["parts"]
  }
  lines = [*_machine(results), *_aims(rows, machine), *_analysis(rows, machine)]
  for name, of_part in rows.items():
    lines += _section(name, of_part)
  return _HEAD + "\n".join(lines) + "\n" + _FOOT


def main(argv):
  """Writes the page."""
  if len(argv) > 1:
    raise app.UsageError(f"Unexpected arguments {argv[1:]}: use --flag=value.")
  figures = pathlib.Path(_FIGURES.value)
  if not figures.exists():
    raise app.UsageError(
      f"{figures} is missing; `make benchmark` writes it, or name another by "
      "--figures."
    )
  text = page(json.loads(figures.read_text()))
  atomic_files.write(_OUTPUT.value, text.encode())


if __name__ == "__main__":
  app.run(main)
