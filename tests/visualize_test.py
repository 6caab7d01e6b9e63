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

"""Tests of the command visualize."""

from unittest import mock

from absl import app
from absl import flags
from absl.testing import flagsaver
import pytest

from deeplab_ssl import visualize
from deeplab_ssl.runs import gallery
from tests import digits


@pytest.fixture
def command_flags(tmp_path):
  flags.FLAGS.mark_as_parsed()
  with flagsaver.flagsaver(
    model_dir=[digits.initial_dir()], output_dir=str(tmp_path), max_images=1
  ):
    yield flags.FLAGS


def _draw():
  return mock.patch.object(gallery, "draw_gallery", return_value=1)


def test_the_crf_is_passed_on(command_flags):
  command_flags.crf_steps = 1
  with _draw() as draw:
    visualize.main()
  ((name, drawn),) = draw.call_args.args[0].items()
  assert name == "SSL, size 3, beta 0.1"
  assert str(drawn.predictor) == "scale 1, 1 CRF step (window)"


def test_the_page_is_named_and_as_many_images_are_drawn(
  command_flags, tmp_path, capsys
):
  with _draw() as draw:
    visualize.main()
  assert draw.call_args.args[1:] == (str(tmp_path), 1)
  page = tmp_path / "index.html"
  assert capsys.readouterr().out == f"Drew 1 images; look at {page}\n"


def test_several_runs_are_drawn_side_by_side(command_flags):
  folder = digits.initial_dir()
  command_flags.compare_with = [folder]
  with _draw() as draw:
    visualize.main()
  assert list(draw.call_args.args[0]) == [
    *("SSL, size 3, beta 0.1", f"SSL, size 3, beta 0.1 ({folder})")
  ]


def test_wrong_flags_are_told_before_anything_is_drawn(command_flags):
  with _draw() as draw:
    command_flags.eval_scales = ["half"]
    with pytest.raises(app.UsageError, match="--eval_scales must be numbers"):
      visualize.main()
    command_flags.model_dir = []
    with pytest.raises(app.UsageError, match="Give --model_dir"):
      visualize.main()
    with pytest.raises(flags.IllegalFlagValueError, match="max_images"):
      command_flags["max_images"].parse("0")
  draw.assert_not_called()
