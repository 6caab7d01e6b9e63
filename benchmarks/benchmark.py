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

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from absl import app
from absl import flags

from benchmarks import aims
from benchmarks import original_modules
from benchmarks import part
from benchmarks import performance_page
from benchmarks import resumption
from deeplab_ssl.cli import environment
from deeplab_ssl.common import atomic_files
from deeplab_ssl.reproduction import machine

_ONLY = flags.DEFINE_list("only", None, "Parts to measure, again if need be.")
_PAGE = flags.DEFINE_string(
  "page", None, "Markdown file for the page; by default docs/performance.md."
)
_RESULTS = "benchmarks/results/performance.json"
_DOCS = "docs/performance.md"
# What does not overwrite the figures of a whole run.
_QUICK_RESULTS = "runs/performance_quick.json"


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
    results = resumption.resumed(
      path,
      {
        "machine": machine.describe(),
        "quick": part.QUICK.value,
        "original": bool(part.ORIGINAL.value),
      },
    )
    wanted = resumption.missing_parts(results, _ONLY.value)
  except ValueError as error:
    raise app.UsageError(str(error)) from error
  if not wanted:
    print(f"All figures are in {path}; --only=PART measures one again.")
  failed = resumption.measure_parts(wanted, results, path, _measure)
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
