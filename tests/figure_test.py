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

"""Tests of the command figure; tests/runs has those of what it draws."""

from PIL import Image
import pytest

from tests import commands


def _run(folder, *args, **options):
  command = ("-m", "deeplab_ssl.figure", *args)
  return commands.run(*command, folder=folder, **options)


def test_the_worked_example_is_drawn_and_its_numbers_are_printed(tmp_path):
  result = _run(tmp_path, "--number=2", "--output=new/figure2.png")
  assert result.returncode == 0, result.stderr
  plain, reweighted, last = result.stdout.splitlines()
  assert plain.startswith("binary cross entropy: total 2.8057")
  assert reweighted.startswith("reweighted by e: total 3.0596")
  assert last == "Drew new/figure2.png"
  assert min(Image.open(tmp_path / "new" / "figure2.png").size) > 200


@pytest.mark.parametrize(
  "args, message",
  [
    (["--output=x.png"], "--number must have a value"),
    (["--number=2"], "--output must have a value"),
    (["--number=5", "--output=x.png"], "--number=5"),
    (["--number=1", "--output=x.png"], "give --model_dir at least twice"),
    (["--number=3", "--output=x.png"], "Figure 3 shows one run. Received: []"),
    (
      ["--number=3", "--output=x.png", "--model_dir=a", "--model_dir=b"],
      "Figure 3 shows one run. Received: ['a', 'b']",
    ),
    (["--number=1", "--output=x.png", "--model_dir=nowhere"], "nowhere"),
    (["--number=4", "--output=x.png", "--model_dir=nowhere"], "nowhere"),
  ],
)
def test_wrong_arguments_are_told(args, message, tmp_path):
  result = _run(tmp_path, *args)
  assert result.returncode == 1
  assert message in result.stderr
  assert "Traceback" not in result.stderr
