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

from deeplab_ssl.experiment import resolution
from tests import digits


def test_the_learning_rate_ends_with_the_training_unless_told():
  params = digits.experiment()
  resolved, _, _ = resolution.resolve(params)
  rate = resolved.trainer.optimizer_config.learning_rate
  assert rate.deeplab.training_number_of_steps == params.trainer.train_steps
  params.trainer.optimizer_config.learning_rate.deeplab.override(
    {"training_number_of_steps": 9}
  )
  resolved, _, _ = resolution.resolve(params)
  rate = resolved.trainer.optimizer_config.learning_rate
  assert rate.deeplab.training_number_of_steps == 9


def test_resolving_fills_in_a_copy():
  params = digits.experiment(validation_data={"input_path": ""})
  before = params.as_dict()
  resolved, dataset, _ = resolution.resolve(params)
  assert params.as_dict() == before
  assert dataset.name == "digits"
  assert resolved.task.model.num_classes == 11
  assert resolved.task.losses.ignore_label == 255
  assert resolved.task.losses.decay_steps == params.trainer.train_steps
  assert resolved.task.validation_data.input_path == digits.records()
  again, _, _ = resolution.resolve(resolved)
  assert again.as_dict() == resolved.as_dict()


def test_what_no_training_can_have_is_refused():
  params = digits.experiment()
  params.trainer.train_steps = 0
  with pytest.raises(
    ValueError, match="trainer.train_steps must be an integer"
  ):
    resolution.resolve(params)


@pytest.mark.parametrize("given, refused", [(255, False), (7, True)])
def test_the_label_of_void_is_that_of_the_data_set(given, refused):
  params = digits.experiment(losses={"ignore_label": given})
  if refused:
    with pytest.raises(ValueError, match="must be 255.*Received: 7"):
      resolution.resolve(params)
    with pytest.raises(ValueError, match="must be 255.*Received: 7"):
      resolution.check_ignore_label(params.task)
  else:
    resolution.resolve(params)
    resolution.check_ignore_label(params.task)


def test_a_label_of_void_without_a_data_set_is_refused(tmp_path):
  params = digits.experiment(losses={"ignore_label": 7})
  params.task.train_data.input_path = str(tmp_path)
  with pytest.raises(ValueError, match="cannot be read. Received: 7"):
    resolution.check_ignore_label(params.task)


@pytest.mark.parametrize("name, known", [("digit 3", None), ("cat", False)])
def test_the_best_checkpoint_is_not_that_of_an_unknown_class(name, known):
  params = digits.experiment()
  _, dataset, _ = resolution.resolve(params)
  name = dataset.class_names[3] if known is None else name
  params.trainer.best_checkpoint_eval_metric = f"iou/{name}"
  if known is None:
    resolution.resolve(params)
  else:
    with pytest.raises(ValueError, match="iou/cat, but data set digits has no"):
      resolution.resolve(params)


def test_another_number_of_classes_than_the_data_set_has_is_refused():
  params = digits.experiment(model={"num_classes": 5})
  with pytest.raises(ValueError, match="num_classes is 5.*11 classes"):
    resolution.resolve(params)
