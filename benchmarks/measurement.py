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

"""How everything here is timed: in turn, in one process, by medians.

Functions take turns, so that a change of the machine's speed meets all of them
alike; a ratio is that of neighbouring rounds. A peak of memory is measured in a
fresh process, which has held nothing else.
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
import json
import statistics
import subprocess
import sys
import time
from typing import Any

# A row of figures, as JSON holds it: {"name", "unit", "sides": {label: a
# summary}, "ratio": a summary of the first side over the second}.
Row = dict[str, Any]

_MEGABYTE = 1 << 20


def seconds(function: Callable[[], Any], clock=time.perf_counter) -> float:
  """Returns the seconds of one call."""
  start = clock()
  function()
  return clock() - start


def seconds_in_turn(
  functions: Mapping[str, Callable[[], Any]],
  rounds: int,
  clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
  """Calls functions in turn, each once before that, which traces its graph.

  Args:
    functions: {name: function}; it returns when its result is there.
    rounds: how often each is timed.
    clock: of seconds.

  Returns:
    {name: seconds of each round}.
  """
  for function in functions.values():
    function()
  timed: dict[str, list[float]] = {name: [] for name in functions}
  for _ in range(rounds):
    for name, function in functions.items():
      timed[name].append(seconds(function, clock))
  return timed


def summary(values: Sequence[float]) -> dict[str, Any]:
  """Returns {"median", "range": [least, greatest]}, to four digits."""
  return {
    "median": _rounded(statistics.median(values)),
    "range": [_rounded(min(values)), _rounded(max(values))],
  }


def _rounded(value):
  return float(f"{value:.4g}")


def row(
  name: str, sides: Mapping[str, Sequence[float]], unit: str = "ms"
) -> Row:
  """Summarises what was measured in turn.

  Args:
    name: of the row, unique in its part.
    sides: {label: value of each round}, seconds where the unit is "ms". The
      ratio is that of the first to the second.
    unit: of the summaries.

  Returns:
    The row; without "ratio" if there is one side.

  Raises:
    ValueError: if the sides have not the same number of rounds, or none.
  """
  lengths = {len(values) for values in sides.values()}
  if len(lengths) != 1 or 0 in lengths:
    raise ValueError(
      f"Row {name!r} needs sides of equally many rounds. Received: "
      f"{ {label: len(values) for label, values in sides.items()} }"
    )
  factor = 1e3 if unit == "ms" else 1.0
  found: Row = {
    "name": name,
    "unit": unit,
    "sides": {
      label: summary([factor * value for value in values])
      for label, values in sides.items()
    },
  }
  if len(sides) > 1:
    ours, others = list(sides.values())[:2]
    found["ratio"] = summary([a / b for a, b in zip(ours, others, strict=True)])
  return found


def table(rows: Sequence[Row]) -> str:
  """Returns rows as lines of text."""
  lines = []
  for found in rows:
    parts = [
      f"{label} {side['median']:g} {found['unit']}"
      for label, side in found.get("sides", {}).items()
    ]
    if "ratio" in found:
      low, high = found["ratio"]["range"]
      parts.append(f"ratio {found['ratio']['median']:g} ({low:g} to {high:g})")
    lines.append(f"{found['name']}: {', '.join(parts)}")
    lines[-1] += f" {found['note']}" if "note" in found else ""
  return "\n".join(lines)


def _resident(key):
  with open("/proc/self/status") as status:
    line = next(line for line in status if line.startswith(key))
  return int(line.split()[1]) * 1024


def peak_growth(function: Callable[[], Any], calls: int = 3) -> float:
  """Measures the memory that calls of a function need beside what is held.

  Args:
    function: what is called. Memory that a call before this has taken may stay
      with the process, and is then not counted.
    calls: how often it is called.

  Returns:
    MiB: on a GPU by its allocator, else by the resident set of this process.

  Raises:
    OSError: on a machine that has neither a GPU nor Linux's /proc.
  """
  import tensorflow as tf

  if tf.config.list_physical_devices("GPU"):
    held = tf.config.experimental.get_memory_info("GPU:0")["current"]
    tf.config.experimental.reset_memory_stats("GPU:0")
    for _ in range(calls):
      function()
    peak = tf.config.experimental.get_memory_info("GPU:0")["peak"]
    return (peak - held) / _MEGABYTE
  # Forgets the peak so far: that of the parent process, inherited at the fork,
  # and that of making the inputs.
  with open("/proc/self/clear_refs", "w") as clear:
    clear.write("5")
  held = _resident("VmRSS:")
  for _ in range(calls):
    function()
  return (_resident("VmHWM:") - held) / _MEGABYTE


def in_fresh_process(*arguments: str) -> Any:
  """Runs this program once more, with arguments added to its own.

  Args:
    *arguments: such as "--peak_of=bce".

  Returns:
    What the last line of its output says in JSON.

  Raises:
    subprocess.CalledProcessError: if it fails.
  """
  module = sys.modules["__main__"].__spec__
  program = ["-m", module.name] if module else [sys.argv[0]]
  output = subprocess.run(
    [sys.executable, *program, *sys.argv[1:], *arguments],
    check=True,
    stdout=subprocess.PIPE,
    text=True,
  ).stdout
  return json.loads(output.splitlines()[-1])
