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

"""Tests of the command demo; tests/runs has those of what it runs."""

import pytest

from tests import commands

_STAND_IN = """
from deeplab_ssl.runs import demonstration
def run_demo(output_dir, train_steps, *, seed):
  return f"{output_dir}/report.html after {train_steps} steps, seed {seed}"
demonstration.run_demo = run_demo
"""


def _run(folder, *args, **options):
  command = ("-m", "deeplab_ssl.demo", *args)
  return commands.run(*command, folder=folder, **options)


@pytest.mark.parametrize(
  "args, report",
  [
    ((), "runs/demo/report.html after 700 steps, seed 1"),
    (
      ("--output_dir=mine", "--train_steps=40", "--seed=3"),
      "mine/report.html after 40 steps, seed 3",
    ),
  ],
)
def test_the_report_is_named(args, report, tmp_path):
  result = _run(tmp_path, *args, before=_STAND_IN)
  assert result.returncode == 0, result.stderr
  assert result.stdout == f"The report is in {report}. Open it in a browser.\n"


def test_fewer_steps_than_a_loop_has_are_refused(tmp_path):
  result = _run(tmp_path, "--train_steps=39")
  assert result.returncode == 1
  assert "--train_steps=39" in result.stderr
  assert "40" in result.stderr
  assert "Traceback" not in result.stderr
