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

import pytest

from deeplab_ssl.configuration import fields
from deeplab_ssl.experiment import configs


@pytest.mark.parametrize("size", [[33], [33, "33"], "33,33"])
def test_a_crop_that_is_no_size_is_refused(size):
  with pytest.raises(ValueError, match="must be two integers"):
    configs.check_crop_size(size, 8)


def test_a_crop_that_does_not_align_names_the_nearest():
  configs.check_crop_size([33, 65], 16)
  with pytest.raises(ValueError, match="sides are 33 and 49"):
    configs.check_crop_size([33, 40], 16)


@pytest.mark.parametrize("allow_unaligned", [False, True])
def test_features_of_a_crop_have_neighbours_in_both_directions(
  allow_unaligned,
):
  options = {"allow_unaligned": allow_unaligned}
  configs.check_crop_size([9, 17], 8, **options)
  for size in ([1, 1], [1, 33], [33, 1], [8, 33]):
    with pytest.raises(ValueError, match=r"must be 9 \(.* on both") as raised:
      configs.check_crop_size(size, 8, **options)
    assert f"Received: {size}" in str(raised.value)


@pytest.mark.parametrize(
  "field, value, message",
  [
    ("discriminator", "huge", "one of '', 'base'"),
    ("encoding", "none", "one of .*'scaling'"),
    ("tau", 0.5, r"a finite number in \(0.5, 1\]"),
    ("stride", 0, "an integer of 1 or more"),
    ("weight", -1.0, "a finite number of 0 or more"),
    ("learning_rate", 0.0, r"a finite number in \(0, 100\]"),
    ("beta_1", 1.0, r"a finite number in \[0, 1\)"),
    ("alternation_steps", -1, "an integer of 0 or more"),
  ],
)
def test_values_that_no_adversarial_training_can_have(field, value, message):
  config = configs.Adversarial(**{"discriminator": "base"} | {field: value})
  with pytest.raises(
    ValueError, match=f"adversarial.{field} must be {message}"
  ):
    fields.check_values(config, "task.adversarial")


@pytest.mark.parametrize(
  "values",
  [
    {"init_checkpoint_modules": "decoder"},
    {"last_layer_gradient_multiplier": -1},
    {"last_layer_gradient_multiplier": float("inf")},
    {"init_checkpoint": None},
    {"dataset": 2012},
    {"name": "mine"},
  ],
)
def test_values_that_no_task_can_have(values):
  (name,) = values
  config = configs.SegmentationTask(**values)
  with pytest.raises(ValueError, match=f"task.{name} must be"):
    fields.check_values(config, "task")


@pytest.mark.parametrize(
  "values",
  [
    {"type": "ssll"},
    {"type": None},
    {"l2_weight_decay": -1},
    {"ignore_label": 256},
    {"region_size": 3.0},
    {"stability_form": "sum"},
    {"log_statistics": 2},
    {"kernel_sizes": [3, "5"]},
  ],
)
def test_values_that_no_loss_can_have(values):
  (name,) = values
  config = configs.Losses(**values)
  with pytest.raises(ValueError, match=f"task.losses.{name} must be"):
    fields.check_values(config, "task.losses")
