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

"""The figures of recorded runs, by their command.

A process of their own: the flags are those of `benchmarks.suite_table`, too.
"""

import json
import subprocess
import sys

import pytest

from tests import source_tree


@pytest.fixture
def draw(tmp_path):
  """Draws the figure of a record, and returns the process and the text."""
  run = {
    "mean_iou": 0.5,
    "curve": {"step": [0, 10], "mean_iou": [0.25, 0.5]},
    "logged": {"hard_fraction": [0.5]},
  }
  content = {
    "title": "Scenes, in short",
    "rows": {
      name: {"method": name.upper(), "runs": {"seed 1": run, "seed 2": run}}
      for name in ("ce", "ssl")
    },
  }
  record, output = tmp_path / "a.json", tmp_path / "x.svg"
  record.write_text(json.dumps(content))

  def run_command(*arguments, files=1):
    done = subprocess.run(
      [
        *(sys.executable, "-m", "benchmarks.suite_figures"),
        *[str(record)] * files,
        f"--output={output}",
        *arguments,
      ],
      cwd=source_tree.ROOT,
      capture_output=True,
      text=True,
    )
    text = output.read_text() if output.exists() else ""
    return done.returncode, done.stdout + done.stderr, text

  return run_command


def test_a_figure_of_one_file_has_its_title_and_the_reference(draw):
  _, message, drawn = draw(
    "--logged=hard_fraction", "--reference=0.1", "--reference_label=elsewhere"
  )
  assert message.startswith("Drew")
  # A text is drawn as paths, below a comment that has it.
  assert all(
    f"<!-- {text} -->" in drawn
    for text in ("Scenes, in short", "elsewhere", "SSL", "0.0")
  )


def test_a_forest_of_several_files_has_the_titles_in_its_rows(draw):
  _, _, drawn = draw("--kind=forest", "--baseline=ce", files=2)
  assert "<!-- Scenes: SSL -->" in drawn
  assert "<!-- Scenes, in short -->" not in drawn
  _, _, drawn = draw("--kind=forest", "--baseline=ce")
  assert "<!-- Scenes, in short -->" in drawn
  assert "<!-- SSL -->" in drawn


@pytest.mark.parametrize(
  "arguments, message",
  [
    (["--reference=0.1"], "--reference and --reference_label together"),
    (["--reference_label=x"], "--reference and --reference_label together"),
    (
      ["--kind=forest", "--baseline=ce"]
      + ["--reference=0", "--reference_label=x"],
      "--reference is for curves",
    ),
  ],
)
def test_a_reference_that_cannot_be_drawn_is_refused(draw, arguments, message):
  code, printed, drawn = draw(*arguments)
  assert code
  assert message in printed
  assert not drawn
