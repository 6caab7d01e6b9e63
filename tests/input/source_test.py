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

"""Tests of how sources are split among input pipelines."""

import pytest
import tensorflow as tf

from deeplab_ssl.input import source


class _Numbers(source.Source):
  """The least that a source must have."""

  def elements(self, *, seed=None, deterministic=True, input_context=None):
    del seed, deterministic
    dataset = tf.data.Dataset.range(7)
    if source.several_pipelines(input_context):
      dataset = source.share(dataset, input_context)
    return dataset

  def decode(self, element, *, with_label=True):
    del with_label
    return {"image": element}


def test_one_pipeline_and_none_are_not_several():
  context = tf.distribute.InputContext
  assert not source.several_pipelines(None)
  assert not source.several_pipelines(context(1, 0, 4))
  assert source.several_pipelines(context(2, 1, 4))


@pytest.mark.parametrize("pipelines", [1, 2, 3])
def test_parts_are_disjoint_and_together_all_there_is(pipelines):
  parts = [
    list(
      _Numbers()
      .elements(input_context=tf.distribute.InputContext(pipelines, index))
      .as_numpy_iterator()
    )
    for index in range(pipelines)
  ]
  assert parts == [
    list(range(7))[index::pipelines] for index in range(pipelines)
  ]


def test_a_source_without_decoder_cannot_be_made():
  class Half(source.Source):
    def elements(self, **options):
      return tf.data.Dataset.range(1)

  with pytest.raises(TypeError, match="decode"):
    Half()
