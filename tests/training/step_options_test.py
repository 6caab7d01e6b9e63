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
import tensorflow as tf

from deeplab_ssl.training import step_options
from tests import digits
from tests import replicas


def _params(batch=4, **trainer):
  params = digits.experiment(train_data={"global_batch_size": batch})
  params.override({"trainer": trainer})
  return params


def test_a_plain_training_takes_the_batch_at_once():
  found = step_options.step_options(_params(), tf.distribute.get_strategy())
  assert found == step_options.PLAIN


@pytest.mark.parametrize("batch, parts", [(4, 2), (4, 4), (6, 3)])
def test_parts_that_divide_the_batch(batch, parts):
  found = step_options.step_options(
    _params(batch, accumulation_steps=parts), tf.distribute.get_strategy()
  )
  assert found.accumulation_steps == parts


@pytest.mark.parametrize(
  "batch, parts, strategy",
  [
    (4, 3, tf.distribute.get_strategy),
    (4, 8, tf.distribute.get_strategy),
    (4, 4, replicas.two_replicas),
  ],
)
def test_parts_that_do_not_are_refused(batch, parts, strategy):
  params = _params(batch, accumulation_steps=parts)
  message = rf"trainer.accumulation_steps must divide .* Received: {parts}\."
  with pytest.raises(ValueError, match=message):
    step_options.step_options(params, strategy())


def test_xla_is_refused_without_a_gpu():
  params = _params()
  params.runtime.enable_xla = True
  if tf.config.list_logical_devices("GPU"):
    pytest.skip("There is a GPU here.")
  with pytest.raises(ValueError, match="runtime.enable_xla is for GPUs"):
    step_options.step_options(params, tf.distribute.get_strategy())
