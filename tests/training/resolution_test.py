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

from deeplab_ssl.training import resolution
from tests import digits


def test_the_learning_rate_ends_with_the_training_unless_told():
  params = digits.experiment()
  resolved, _ = resolution.resolve(params)
  rate = resolved.trainer.optimizer_config.learning_rate
  assert rate.deeplab.training_number_of_steps == params.trainer.train_steps
  params.trainer.optimizer_config.learning_rate.deeplab.override(
    {"training_number_of_steps": 9}
  )
  resolved, _ = resolution.resolve(params)
  rate = resolved.trainer.optimizer_config.learning_rate
  assert rate.deeplab.training_number_of_steps == 9


def test_resolving_fills_in_a_copy():
  params = digits.experiment(validation_data={"input_path": ""})
  before = params.as_dict()
  resolved, dataset = resolution.resolve(params)
  assert params.as_dict() == before
  assert dataset.name == "digits"
  assert resolved.task.model.num_classes == 11
  assert resolved.task.losses.ignore_label == 255
  assert resolved.task.losses.decay_steps == params.trainer.train_steps
  assert resolved.task.validation_data.input_path == digits.records()
  again, _ = resolution.resolve(resolved)
  assert again.as_dict() == resolved.as_dict()


@pytest.mark.parametrize(
  "name",
  [
    "train_steps",
    "steps_per_loop",
    "summary_interval",
    "checkpoint_interval",
    "validation_interval",
  ],
)
def test_an_interval_that_is_not_positive_is_refused(name):
  params = digits.experiment()
  setattr(params.trainer, name, 0)
  with pytest.raises(ValueError, match=f"trainer.{name} must be a positive"):
    resolution.resolve(params)


def test_another_number_of_classes_than_the_data_set_has_is_refused():
  params = digits.experiment(model={"num_classes": 5})
  with pytest.raises(ValueError, match="num_classes is 5.*11 classes"):
    resolution.resolve(params)
