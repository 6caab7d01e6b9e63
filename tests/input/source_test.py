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

"""Tests of what a source of the pipelines must have."""

import pytest
import tensorflow as tf

from deeplab_ssl.input import pipeline
from deeplab_ssl.input import source


class _Numbers(source.Source):
  """The least that a source must have: image i is full of i."""

  size = 7
  fingerprint = "numbers"

  def read(self, index):
    return index

  def decode(self, element, *, with_label=True):
    image = tf.fill([3, 4, 3], tf.cast(element, tf.uint8))
    example = {"image": image, "filename": tf.strings.as_string(element)}
    if with_label:
      example["label"] = tf.zeros([3, 4, 1], tf.int32)
    return example


def test_the_pipelines_take_any_source():
  examples = pipeline.eval_dataset(_Numbers(), num_classes=2)
  assert [int(e["image"][0, 0, 0, 0]) for e in examples] == [*range(7)]
  batches = pipeline.train_dataset(
    _Numbers(),
    crop_size=(3, 4),
    batch_size=7,
    num_classes=2,
    min_scale_factor=1.0,
    max_scale_factor=1.0,
  )
  for batch in batches.take(2):
    assert sorted(batch["image"][:, 0, 0, 0].numpy()) == [*range(7)]


def test_a_source_need_not_know_how_to_read_a_part():
  source_of_numbers = _Numbers()
  assert source_of_numbers.image_size(5).numpy().tolist() == [3, 4]
  part = source_of_numbers.decode_box(5, tf.constant([1, 2, 2, 1]))
  assert part["image"].shape == (2, 1, 3)
  assert part["label"].shape == (3, 4, 1)
  with pytest.raises(tf.errors.InvalidArgumentError):
    source_of_numbers.decode_box(5, tf.constant([1, 2, 3, 1]))


def test_a_source_without_decoder_cannot_be_made():
  class Half(source.Source):
    def read(self, index):
      return index

  with pytest.raises(TypeError, match="decode"):
    Half()
