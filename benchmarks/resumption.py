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

"""Which parts are still to be measured, and figures that survive an end.

The file is written after each part, so that a run that was interrupted, or a
part that failed, costs no other part.
"""

from collections.abc import Callable
from collections.abc import Sequence
import json
import pathlib
from typing import Any

from benchmarks import aims
from deeplab_ssl.common import atomic_files


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


def measure_parts(
  names: Sequence[str],
  results: dict[str, Any],
  path: pathlib.Path,
  measure: Callable[[str], dict[str, Any] | None],
) -> list[str]:
  """Measures parts and writes the results after each.

  Args:
    names: of the parts.
    results: get their figures.
    path: the file that is written.
    measure: returns the figures of a part, or None if it failed.

  Returns:
    The parts that failed; what was known of them stays.
  """
  failed = []
  for name in names:
    measured = measure(name)
    if measured is None:
      failed.append(name)
    else:
      results["parts"][name] = measured
      atomic_files.write_json(path, results, indent=1)
  return failed
