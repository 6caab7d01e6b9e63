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

"""The page from made-up figures."""

import json
import sys

from absl import app
from absl import flags
from absl.testing import flagsaver
import pytest

from benchmarks import aims
from benchmarks import analysis
from benchmarks import measurement
from benchmarks import performance_page
from tests import source_tree

_STEP = "mobilenet_v2, training step"


def _part(*rows):
  return {"seconds": 60.0, "load": 0.5, "rows": list(rows)}


def _limits():
  return _part(
    measurement.row("matrix product", {"rate": [100]}, "GFLOP/s"),
    measurement.row("adding two arrays in place", {"rate": [10]}, "GB/s"),
    measurement.row(
      "mobilenet_v2, FLOPs of a training step", {"count": [20]}, "GFLOP"
    ),
    measurement.row(
      "mobilenet_v2, bytes of a training step", {"count": [1]}, "GB"
    ),
  )


def _results(amx=False, **parts):
  return {
    "machine": {
      "cpu": "Abacus",
      "cores": 2,
      "amx": amx,
      "gpus": [],
      "python": "3.11",
      "tensorflow": "2.20",
      "tf_keras": "2.20",
      "numpy": "2.4",
    },
    "quick": False,
    "original": True,
    "parts": {name.replace("_", " "): part for name, part in parts.items()},
  }


def _steps(ours, original):
  sides = {"ours": [ours], "original": [original]}
  return _part(measurement.row(_STEP, sides))


def _lines(results):
  return performance_page.page(results).splitlines()


@pytest.mark.parametrize("ours, word", [(0.8, "met"), (0.9, "not met")])
def test_an_aim_stands_beside_its_figure(ours, word):
  lines = _lines(_results(steps=_steps(ours, 1.0)))
  assert f"| steps | {_STEP} | 0.8 | {ours:g} | {word} |" in lines
  assert (
    f"| {_STEP} | ours: {ours * 1e3:g} ms; original: 1000 ms | {ours:g} |"
    in lines
  )


def test_what_was_not_measured_is_said():
  alone = _part(measurement.row(_STEP, {"ours": [1.0]}))
  lines = _lines(_results(steps=alone) | {"original": False})
  assert f"| steps | {_STEP} | 0.8 | - | not measured |" in lines
  assert "The original's sources were not given." in lines
  (missing,) = [line for line in lines if line.startswith("Not measured: ")]
  assert "losses" in missing and "steps" not in missing


def test_aims_depend_on_the_machine():
  losses = _part(
    measurement.row(
      "ssl k=3 against BCE by hand, time",
      {"ssl k=3": [1.5], "BCE by hand": [1.0]},
    )
  )
  for amx, limit, word in ((False, "1.9", "met"), (True, "1.2", "not met")):
    lines = _lines(_results(amx, losses=losses))
    title = "ssl k=3 against BCE by hand, time"
    assert f"| losses | {title} | {limit} | 1.5 | {word} |" in lines


def test_without_amx_bfloat16_is_told_and_not_judged():
  title = f"{_STEP} in bfloat16"
  sides = {"ours": [3.0], "ours in float32": [1.0]}
  results = _results(bfloat16=_part(measurement.row(title, sides)))
  lines = _lines(results)
  assert f"| bfloat16 | {title} | - | 3 | no aim without AMX |" in lines
  assert any("takes 3.00 to 3.00 times" in line for line in lines)


def test_a_step_is_compared_with_the_limit_of_the_machine():
  results = _results(limits=_limits(), steps=_steps(0.5, 1.0))
  # 20 GFLOP at 100 GFLOP/s are 200 ms, 1 GB at 10 GB/s are 100 ms.
  wanted = "20.0 | 1.00 | 200 ms | 100 ms | 500 ms | 40% | 20% | 0.20"
  assert f"| mobilenet_v2 | {wanted} |" in _lines(results)


def test_an_aim_that_is_not_met_is_explained():
  losses = _part(
    measurement.row(
      "ssl k=3 against BCE by hand, time",
      {"ssl k=3": [0.088427], "BCE by hand": [0.0442134]},
    ),
    measurement.row(
      "ssl k=3 against BCE by hand, memory",
      {"ssl k=3": [70], "BCE by hand": [100]},
      "MiB",
    ),
    measurement.row("ssl k=3, window sums", {"share": [60.0]}, "%"),
    measurement.row("ssl k=3, copies", {"share": [25.0]}, "%"),
  )
  results = _results(limits=_limits(), losses=losses, steps=_steps(0.9, 1.0))
  results["parts"]["limits one thread"] = results["parts"]["limits"]
  page = performance_page.page(results)
  assert (
    "| 0.9 | not met: at the rates of the machine its FLOPs take 200 and"
    in page
  )
  assert (
    "| 2 | not met: of its time take window sums 60 % (1.2 times all of BCE), "
    "copies 25 % (0.5 times all of BCE) |"
  ) in page
  assert "not met: the gradient that it returns is 21 of its 70 MiB |" in page


def test_a_loss_is_compared_with_one_pass_over_its_logits():
  rows = {
    "limits one thread": {row["name"]: row for row in _limits()["rows"]},
    "losses": {
      "ssl k=3 against BCE by hand, time": measurement.row(
        "", {"ssl k=3": [0.088427], "BCE by hand": [0.0442134]}
      )
    },
  }
  text = "\n".join(analysis.losses(rows))
  # 44.2 MB at 10 GB/s are 4.42 ms.
  assert "4.4 ms. BCE by hand takes 44.2 ms, as long as 10.0" in text
  assert "| ssl k=3 | 88.4 | 20.0 | 2.00 |" in text


@pytest.mark.parametrize(
  "part", ["limits", "limits one thread", "steps", "bfloat16", "losses"]
)
def test_the_analysis_does_without_a_part(part):
  results = _results(limits=_limits(), steps=_steps(0.5, 1.0))
  results["parts"].pop(part, None)
  assert performance_page.page(results).startswith("# Performance\n")


def test_every_aim_is_of_a_part():
  assert {aim.part for aim in aims.AIMS} <= set(aims.PARTS)
  assert list(performance_page._TITLES) == list(aims.PARTS)


def test_a_quick_run_says_that_it_has_no_figures():
  results = _results(steps=_steps(1.0, 1.0)) | {"quick": True}
  assert "These are not figures" in performance_page.page(results)


def test_the_page_in_docs_is_that_of_the_figures():
  root = source_tree.ROOT
  figures = root / "benchmarks" / "results" / "performance.json"
  page = performance_page.page(json.loads(figures.read_text()))
  assert (root / "docs" / "performance.md").read_text() == page


@pytest.fixture
def parsed():
  if not flags.FLAGS.is_parsed():
    flags.FLAGS(sys.argv[:1])


def test_the_command_writes_the_page_of_a_file(tmp_path, parsed):
  figures, page = tmp_path / "figures.json", tmp_path / "page.md"
  results = _results(steps=_steps(1.0, 1.0))
  figures.write_text(json.dumps(results))
  with flagsaver.flagsaver(figures=str(figures), page_output=str(page)):
    performance_page.main([""])
  assert page.read_text() == performance_page.page(results)


def test_the_command_names_a_file_that_is_missing(tmp_path, parsed):
  with flagsaver.flagsaver(figures=str(tmp_path / "none.json")):
    with pytest.raises(app.UsageError, match="none.json is missing"):
      performance_page.main([""])
