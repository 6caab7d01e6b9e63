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
"""Tests of the command evaluate."""

import json
import sys
from unittest import mock

from absl import app
from absl import flags
from absl.testing import flagsaver
import pytest
import tensorflow as tf

from deeplab_ssl import evaluate
from deeplab_ssl.evaluation import boundary
from deeplab_ssl.runs import trained_run
from tests import digits


@pytest.fixture
def command_flags():
  flags.FLAGS.mark_as_parsed()
  with flagsaver.flagsaver(model_dir=[digits.initial_dir()]):
    yield flags.FLAGS


def _never():
  return mock.patch.object(trained_run.TrainedRun, "evaluate")


def test_commands_pass_the_crf_on_and_tell_it(command_flags, capsys):
  command_flags.crf_steps = 1
  evaluate.main()
  assert "on val, scale 1, 1 CRF step (window)\n" in capsys.readouterr().out
  command_flags.crf_steps = 0
  with _never():
    evaluate.main()
  assert "CRF" not in capsys.readouterr().out


def test_evaluate_passes_the_flags_of_the_boundaries_on(command_flags):
  with _never() as evaluate_run:
    evaluate.main()
    assert evaluate_run.call_args.kwargs["boundary"] is None
    command_flags.boundary_ratio = 0.01
    with pytest.raises(app.UsageError, match="nothing without --boundary"):
      evaluate.main()
    command_flags.boundary = True
    command_flags.trimap_widths = ["2", "5"]
    evaluate.main()
    assert evaluate_run.call_args.kwargs["boundary"] == boundary.Settings(
      0.01, (2, 5)
    )
    command_flags.trimap_widths = ["wide"]
    with pytest.raises(app.UsageError, match="--trimap_widths=wide: invalid"):
      evaluate.main()
  assert evaluate_run.call_count == 2


def test_wrong_flags_of_the_crf_are_told_before_the_evaluation(command_flags):
  with _never() as never:
    with pytest.raises(flags.IllegalFlagValueError, match="crf_steps"):
      command_flags["crf_steps"].parse("-1")
    command_flags.crf = "dense"
    with pytest.raises(app.UsageError, match="--crf_steps"):
      evaluate.main()
    command_flags.crf_steps = 5
    with mock.patch.dict(sys.modules, {"pydensecrf.densecrf": None}):
      with pytest.raises(ImportError, match="pip install pydensecrf2"):
        evaluate.main()
  never.assert_not_called()


def test_evaluation_sees_several_views(command_flags, capsys):
  command_flags.eval_scales = ["0.5", "1"]
  command_flags.add_flipped_images = True
  command_flags.tile_size = ["33", "65"]
  command_flags.tile_overlap = 8
  evaluate.main()
  views = "on val, scales 0.5, 1, mirrored, tiles of 33 x 65\n"
  assert views in capsys.readouterr().out


def test_evaluation_pads_images_to_one_size(command_flags, capsys):
  command_flags.eval_crop_size = ["161", "193"]
  evaluate.main()
  views = "on val, padded to 161 x 193, scale 1, own size\n"
  assert views in capsys.readouterr().out
  command_flags.eval_crop_size = ["33", "33"]
  with pytest.raises(tf.errors.InvalidArgumentError, match="--eval_crop_size"):
    evaluate.main()


@pytest.mark.parametrize(
  "flag, value, message",
  [
    ("eval_scales", ["half"], "--eval_scales must be numbers.*half"),
    ("eval_scales", ["0"], "positive"),
    ("eval_scales", ["nan"], "positive"),
    ("tile_size", ["513"], r"height, width.*\(513,\)"),
    ("tile_size", ["100", "300"], "overlap=128"),
  ],
)
def test_wrong_views_are_told_before_the_evaluation(
  command_flags, flag, value, message
):
  setattr(command_flags, flag, value)
  with _never() as never:
    with pytest.raises(app.UsageError, match=message):
      evaluate.main()
  never.assert_not_called()


def test_a_curve_is_written_beside_the_scores_of_its_end(
  command_flags, tmp_path, capsys
):
  command_flags.model_dir = [digits.trained_dir()]
  command_flags.curve = True
  command_flags.boundary = True
  command_flags.output = str(tmp_path / "scores.json")
  evaluate.main()
  content = json.loads((tmp_path / "scores.json").read_text())
  first, last = content["curve"]
  assert (first["step"], last["step"]) == (2, 4)
  assert last["mean_boundary_iou"] == content["mean_boundary_iou"]
  assert last["mean_iou"] == content["mean_iou"]
  assert "step 2: mean IoU" in capsys.readouterr().out


def test_a_curve_takes_no_single_checkpoint(command_flags):
  command_flags.curve = True
  command_flags["checkpoint"].parse("last")
  command_flags["checkpoint"].present = 1
  with _never(), pytest.raises(app.UsageError, match="nothing with --curve"):
    evaluate.main()
  command_flags["checkpoint"].present = 0
  command_flags.model_dir = []
  with _never(), pytest.raises(app.UsageError, match="--model_dir of a train"):
    evaluate.main()
