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

"""Tests of the flags of how a model is asked for labels."""

from absl import app
from absl import flags
from absl.testing import flagsaver
import pytest

from deeplab_ssl.cli import predictor_flags
from deeplab_ssl.prediction import crf
from deeplab_ssl.prediction import input_size
from deeplab_ssl.prediction import mean_field
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.prediction import views


@pytest.fixture(autouse=True)
def parsed_flags():
  flags.FLAGS.mark_as_parsed()
  with flagsaver.flagsaver():
    yield


def _load(activation="softmax", **values):
  with flagsaver.flagsaver(**values):
    return predictor_flags.load(activation)


def test_without_flags_the_image_is_seen_as_it_is():
  found = _load()
  assert found.logits == views.Views()
  assert found.labels is predictor_lib.MOST_LIKELY


def test_views():
  found = _load(
    "sigmoid",
    eval_scales=["0.5", "1.25"],
    add_flipped_images=True,
    tile_size=["65", "33"],
    tile_overlap=8,
  )
  assert found.logits == views.Views(
    (0.5, 1.25), True, (65, 33), 8, activation="sigmoid"
  )


def test_the_overlap_of_tiles_has_a_default():
  assert _load(tile_size=["513", "257"]).logits.tile_overlap == 128


def test_the_size_and_the_interpolation_of_the_original():
  assert _load(own_size=True).logits == views.Views(own_size=True)
  found = _load(upsample_logits=False, crf_steps=3)
  assert isinstance(found.logits, predictor_lib.Nearest)
  assert found.labels.refines


def test_one_size_for_all_images():
  found = _load(eval_crop_size=["513", "769"], eval_scales=["0.5"]).logits
  assert found == input_size.Padded(
    (513, 769), views.Views((0.5,), own_size=True)
  )
  found = _load(eval_crop_size=["65", "33"], upsample_logits=False).logits
  assert found.size == (65, 33)
  assert isinstance(found.rule, predictor_lib.Nearest)


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
@pytest.mark.parametrize("kind", [None, "window"])
def test_a_crf(activation, kind):
  found = _load(activation, crf_steps=3, crf=kind)
  assert found.labels == crf.Refinement(
    settings=mean_field.Settings(steps=3), kind="window", activation=activation
  )


@pytest.mark.parametrize(
  "values, message",
  [
    ({"eval_scales": ["1", "big"]}, "--eval_scales must be numbers .*: 1,big"),
    ({"tile_size": ["9", "9.5"]}, "--tile_size must be numbers .*: 9,9.5"),
    ({"tile_size": ["9"]}, r"\(height, width\)"),
    ({"tile_overlap": 9}, "--tile_overlap does nothing without --tile_size"),
    (
      {"upsample_logits": False, "eval_scales": ["0.5"]},
      "--eval_scales does nothing with --noupsample_logits",
    ),
    (
      {"upsample_logits": False, "own_size": True},
      "--own_size does nothing with --noupsample_logits",
    ),
    (
      {"own_size": True, "tile_size": ["513", "513"]},
      "must be false with `tile_size`",
    ),
    ({"eval_crop_size": ["513"]}, "HEIGHT,WIDTH, e.g. 513,513. Received: 513"),
    ({"eval_crop_size": ["0", "9"]}, "HEIGHT,WIDTH, e.g. 513,513. Rec.*: 0,9"),
    ({"eval_crop_size": ["a", "9"]}, "--eval_crop_size must be numbers .*: a"),
    (
      {"eval_crop_size": ["65", "65"], "own_size": True},
      "--own_size does nothing with --eval_crop_size",
    ),
    (
      {"eval_crop_size": ["65", "65"], "tile_size": ["33", "33"]},
      "--tile_size does nothing with --eval_crop_size",
    ),
    ({"crf": "window"}, "--crf does nothing without --crf_steps"),
  ],
)
def test_wrong_values_are_named(values, message):
  with pytest.raises(app.UsageError, match=message):
    _load(**values)
