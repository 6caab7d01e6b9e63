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

"""What remains to the limit of the machine, in sentences with figures.

All of it is computed from the rows of one run. The limit is what the work of a
graph takes at the rates that the machine reached in the same run: its FLOPs at
that of a large matrix product, its bytes at that of adding two large arrays.
"""

from collections.abc import Mapping
from typing import Any

from benchmarks import operation_times

# {part: {row: row}}.
Rows = Mapping[str, Mapping[str, Mapping[str, Any]]]

_PRODUCT = "matrix product"
_ADDITION = "adding two arrays in place"
# The smallest traffic of a loss: its logits are read, its gradient is written.
_LOGITS_BYTES = 2 * 4 * 513 * 513 * 21
_LOSSES = ("ssl k=3", "ssl k=11", "ssim k=3", "affinity k=3")
_BCE = "BCE by hand"


def _median(rows, part, name, side=None):
  """Returns the median of one side of a row, the first by default, or None."""
  row = rows.get(part, {}).get(name)
  if row is None:
    return None
  sides = row["sides"]
  side = side or next(iter(sides))
  return sides[side]["median"] if side in sides else None


def _rates(rows, part):
  """Returns FLOP/s and byte/s, or None."""
  rates = [_median(rows, part, name) for name in (_PRODUCT, _ADDITION)]
  return None if None in rates else [1e9 * rate for rate in rates]


def _costs(rows, model):
  """Returns the GFLOP and GB of a step, or None."""
  costs = [
    _median(rows, "limits", f"{model}, {kind} of a training step")
    for kind in ("FLOPs", "bytes")
  ]
  return None if None in costs else costs


def _step_at_limit(rows, model):
  """Returns the milliseconds of a step's FLOPs and bytes, or None."""
  rates, costs = _rates(rows, "limits"), _costs(rows, model)
  if rates is None or costs is None:
    return None
  return [1e12 * cost / rate for cost, rate in zip(costs, rates, strict=True)]


def _shares(rows, row, ours):
  """Says which kinds of operations a loss spends its time in."""
  loss = row.split(" against ")[0]
  by_hand = _median(rows, "losses", row, _BCE)
  told = []
  for kind in operation_times.KINDS:
    share = _median(rows, "losses", f"{loss}, {kind}")
    if share is not None:
      times = share / 100 * ours / by_hand
      told.append(f"{kind} {share:.0f} % ({times:.1f} times all of BCE)")
  return f"of its time take {', '.join(told)}" if told else ""


def explanation(part: str, row: str, rows: Rows) -> str:
  """Says by what was measured how far a row is from what its work takes.

  Args:
    part: of the row.
    row: its name.
    rows: of all parts.

  Returns:
    A clause; empty if nothing was measured that says so.
  """
  ours = _median(rows, part, row)
  if part == "steps":
    at_limit = _step_at_limit(rows, row.removesuffix(", training step"))
    if at_limit:
      return (
        f"at the rates of the machine its FLOPs take {at_limit[0]:.0f} and "
        f"its bytes {at_limit[1]:.0f} ms, and all of it took {ours:.0f} ms"
      )
  elif part == "losses" and row.endswith("memory"):
    return (
      f"the gradient that it returns is {_LOGITS_BYTES / 2**21:.0f} of its "
      f"{ours:.0f} MiB"
    )
  elif part == "losses":
    return _shares(rows, row, ours)
  return ""


def steps(rows: Rows) -> list[str]:
  """Returns the lines on training steps; none if parts are missing.

  Args:
    rows: of the parts "limits" and "steps".
  """
  rates = _rates(rows, "limits")
  if rates is None or "steps" not in rows:
    return []
  lines = [
    "A step at the limit would take its FLOPs at "
    f"{rates[0] / 1e9:.0f} GFLOP/s (a float32 matrix product), or its bytes at "
    f"{rates[1] / 1e9:.1f} GB/s (adding two large arrays in place), whichever "
    "takes longer. FLOPs are those of convolutions and matrix products; bytes "
    "are those of operations that each read their inputs and write their "
    "outputs once: where they would take longer than the step, caches or "
    "fusions have saved the rest.",
    "",
    "| training step | GFLOP | GB | FLOPs at the limit | bytes at the limit | "
    "ours | FLOPs of ours | bytes of ours | lowest ratio to the original |",
    "|---|---|---|---|---|---|---|---|---|",
  ]
  found = False
  for title in rows["steps"]:
    model = title.removesuffix(", training step")
    costs, at_limit = _costs(rows, model), _step_at_limit(rows, model)
    if costs is None or at_limit is None:
      continue
    found = True
    ours = _median(rows, "steps", title)
    theirs = _median(rows, "steps", title, "original")
    lowest = f"{at_limit[0] / theirs:.2f}" if theirs else "-"
    lines.append(
      f"| {model} | {costs[0]:.1f} | {costs[1]:.2f} | {at_limit[0]:.0f} ms | "
      f"{at_limit[1]:.0f} ms | {ours:.0f} ms | {at_limit[0] / ours:.0%} | "
      f"{at_limit[1] / ours:.0%} | "
      f"{lowest} |"
    )
  if not found:
    return []
  return [
    *lines,
    "",
    "FLOPs and bytes are those of our graph. On a CPU it sums atrous "
    "convolutions over their taps, where the original's computes their "
    "padding, too. The last column is what would remain of the original's time "
    "if every convolution ran at the rate of the matrix product and nothing "
    "else took any time.",
  ]


def losses(rows: Rows) -> list[str]:
  """Returns the lines on the losses; none if parts are missing.

  Args:
    rows: of the parts "limits one thread" and "losses".
  """
  rates = _rates(rows, "limits one thread")
  row = rows.get("losses", {}).get(f"ssl k=3 against {_BCE}, time")
  if rates is None or row is None:
    return []
  least = 1e3 * _LOGITS_BYTES / rates[1]
  by_hand = row["sides"][_BCE]["median"]
  lines = [
    "A loss reads its logits once and writes their gradient once, "
    f"{_LOGITS_BYTES / 1e6:.0f} MB in all, which at {rates[1] / 1e9:.1f} GB/s "
    f"of one thread is {least:.1f} ms. BCE by hand takes {by_hand:.1f} ms, as "
    f"long as {by_hand / least:.1f} such passes; no loss could have a ratio "
    f"below {least / by_hand:.2f}. The others, in passes:",
    "",
    "| loss | ms | passes | ratio to BCE by hand |",
    "|---|---|---|---|",
  ]
  for name in _LOSSES:
    title = f"{name} against {_BCE}, time"
    ours = _median(rows, "losses", title)
    if ours is not None:
      ratio = rows["losses"][title]["ratio"]["median"]
      lines.append(
        f"| {name} | {ours:.1f} | {ours / least:.1f} | {ratio:.2f} |"
      )
  return lines


def precision(rows: Rows, machine: Mapping[str, Any]) -> list[str]:
  """Returns the lines on bfloat16; none if the part is missing.

  Args:
    rows: of the part "bfloat16".
    machine: as `measurement.machine` describes it.
  """
  ratios = [row["ratio"]["median"] for row in rows.get("bfloat16", {}).values()]
  if not ratios:
    return []
  told = (
    "This CPU multiplies bfloat16 matrices by AMX"
    if machine["amx"]
    else "This CPU has no AMX, so that bfloat16 is computed by other kernels"
  )
  if machine["gpus"]:
    told = "The devices are GPUs"
  return [
    f"{told}: a step in bfloat16 takes {min(ratios):.2f} to {max(ratios):.2f} "
    "times that in float32. A training that asks for a type that is slower "
    "says so in a warning, after a measurement of its own."
  ]
