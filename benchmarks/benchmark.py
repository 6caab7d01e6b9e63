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

"""Measures all parts, each in a process of its own, and writes the page.

  python -m benchmarks.benchmark --original=models/research/deeplab

The figures are written after each part, so that a run that was interrupted goes
on with the parts that are missing when it is called again. `--only=losses,xla`
measures these parts, again if their figures are there. Within a part both sides
of a ratio take turns in one process.
"""

from collections.abc import Sequence
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import Any

from absl import app
from absl import flags

from benchmarks import aims
from benchmarks import measurement
from benchmarks import original_modules
from benchmarks import part
from benchmarks import performance_page
from deeplab_ssl.cli import environment
from deeplab_ssl.common import atomic_files

_ONLY = flags.DEFINE_list("only", None, "Parts to measure, again if need be.")
_PAGE = flags.DEFINE_string(
  "page", None, "Markdown file for the page; by default docs/performance.md."
)
_RESULTS = "benchmarks/results/performance.json"
_DOCS = "docs/performance.md"
# What does not overwrite the figures of a whole run.
_QUICK_RESULTS = "runs/performance_quick.json"


def missing_parts(
  results: dict[str, Any], only: Sequence[str] | None
) -> list[str]:
  """Returns the parts to measure, in their order.

  Args:
    results: what has been measured, with "parts".
    only: names of parts; None takes those without figures.

  Raises:
    ValueError: if a name is no part.
  """
  if only is None:
    return [name for name in aims.PARTS if name not in results["parts"]]
  unknown = sorted(set(only) - set(aims.PARTS))
  if unknown:
    raise ValueError(
      f"--only takes the parts {', '.join(aims.PARTS)}. Received: "
      f"{', '.join(unknown)}."
    )
  return [name for name in aims.PARTS if name in only]


def resumed(path: pathlib.Path, conditions: dict[str, Any]) -> dict[str, Any]:
  """Returns the results in a file, or new ones without a part.

  Args:
    path: the file, which need not be there.
    conditions: what all figures of one file have in common: the machine,
      whether it was quick, whether the original was there.

  Raises:
    ValueError: naming the file, if it was measured under other conditions.
  """
  if not path.exists():
    return conditions | {"parts": {}}
  results = json.loads(path.read_text())
  for key, value in conditions.items():
    if results.get(key) != value:
      raise ValueError(
        f"{path} was measured with {key}: {json.dumps(results.get(key))}, and "
        f"this run has {json.dumps(value)}. Figures of the two are not mixed: "
        "remove that file, or name another by --output."
      )
  return results


def _measure(name):
  """Runs a part; returns its rows and how long it took, or None."""
  module, *options = aims.PARTS[name]
  command = [sys.executable, "-m", f"benchmarks.{module}", *options]
  if part.QUICK.value:
    command.append("--quick")
  if part.ORIGINAL.value:
    command.append(f"--original={part.ORIGINAL.value}")
  print(f"== {name}: {' '.join(command[1:])}", flush=True)
  with tempfile.TemporaryDirectory() as folder:
    rows = pathlib.Path(folder, "rows.json")
    start = time.perf_counter()
    done = subprocess.run(
      [*command, f"--output={rows}"], stderr=subprocess.PIPE, text=True
    )
    if done.returncode:
      print(done.stderr[-5000:], file=sys.stderr)
      return None
    return {
      "seconds": round(time.perf_counter() - start, 1),
      "load": round(os.getloadavg()[0], 2),
      "rows": json.loads(rows.read_text()),
    }


def main(argv):
  """Measures what is missing, and writes figures and page."""
  if len(argv) > 1:
    raise app.UsageError(f"Unexpected arguments {argv[1:]}: use --flag=value.")
  default = _QUICK_RESULTS if part.QUICK.value else _RESULTS
  path = pathlib.Path(part.OUTPUT.value or default)
  page = _PAGE.value or (
    _DOCS if str(path) == _RESULTS else str(path.with_suffix(".md"))
  )
  environment.prepare()
  try:
    if part.ORIGINAL.value:
      original_modules.check(part.ORIGINAL.value)
    results = resumed(
      path,
      {
        "machine": measurement.machine(),
        "quick": part.QUICK.value,
        "original": bool(part.ORIGINAL.value),
      },
    )
    wanted = missing_parts(results, _ONLY.value)
  except ValueError as error:
    raise app.UsageError(str(error)) from error
  if not wanted:
    print(f"All figures are in {path}; --only=PART measures one again.")
  failed = []
  for name in wanted:
    measured = _measure(name)
    if measured is None:
      failed.append(name)
    else:
      results["parts"][name] = measured
      atomic_files.write_json(path, results, indent=1)
  if results["parts"]:
    atomic_files.write(page, performance_page.page(results).encode())
    print(f"The page is {page}, the figures are in {path}.")
  if failed:
    raise SystemExit(
      f"These parts failed, see above: {', '.join(failed)}. Call the command "
      "again to measure them."
    )


if __name__ == "__main__":
  app.run(main)
