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

from deeplab_ssl.training import configs


@pytest.mark.parametrize("size", [[33], [33, "33"], "33,33"])
def test_a_crop_that_is_no_size_is_refused(size):
  with pytest.raises(ValueError, match="must be two integers"):
    configs.check_crop_size(size, 8)


def test_a_crop_that_does_not_align_names_the_nearest():
  configs.check_crop_size([33, 65], 16)
  with pytest.raises(ValueError, match="sides are 33 and 49"):
    configs.check_crop_size([33, 40], 16)


@pytest.mark.parametrize(
  "field, value, message",
  [
    ("discriminator", "huge", '"" or one of .*base'),
    ("encoding", "none", "one of .*scaling"),
    ("tau", 0.5, r"in \(0.5, 1\]"),
    ("stride", 0, "a positive number of pixels"),
    ("weight", -1.0, "0 or more"),
    ("learning_rate", 0.0, "positive"),
    ("beta_1", 1.0, r"in \[0, 1\)"),
    ("alternation_steps", -1, "0 or more"),
  ],
)
def test_values_that_no_adversarial_training_can_have(field, value, message):
  config = configs.Adversarial(**{"discriminator": "base"} | {field: value})
  with pytest.raises(
    ValueError, match=f"adversarial.{field} must be {message}"
  ):
    configs.check_adversarial(config)


def test_without_a_discriminator_nothing_is_checked():
  configs.check_adversarial(configs.Adversarial(tau=7.0))
