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

"""What the pipelines read from: images with labels, wherever they are kept."""

import abc
from typing import Any

import tensorflow as tf


class Source(abc.ABC):
  """Images with labels that a pipeline reads, shuffles and decodes."""

  @abc.abstractmethod
  def elements(
    self,
    *,
    seed: int | None = None,
    deterministic: bool = True,
    input_context: tf.distribute.InputContext | None = None,
  ) -> tf.data.Dataset:
    """Returns one pass over what is stored, not decoded.

    Args:
      seed: order of the files, anew in each pass; None reads them in theirs.
      deterministic: whether the order may not depend on the timing of threads.
      input_context: where there are several input pipelines, each gets a part;
        the parts are disjoint and together all there is.
    """

  @abc.abstractmethod
  def decode(
    self, element: Any, *, with_label: bool = True
  ) -> dict[str, tf.Tensor]:
    """Decodes one element of `elements`; runs in graphs.

    Args:
      element: the element.
      with_label: False leaves the label out, for images that have none.

    Returns:
      image: uint8 `[height, width, 3]`, RGB; label: int32 `[height, width, 1]`,
      class indices; filename: scalar string. Others may be there.

    Raises:
      tf.errors.InvalidArgumentError: if it cannot be decoded.
    """


def several_pipelines(
  input_context: tf.distribute.InputContext | None,
) -> bool:
  """Says whether the data are split among several input pipelines."""
  return input_context is not None and input_context.num_input_pipelines > 1


def share(
  dataset: tf.data.Dataset, input_context: tf.distribute.InputContext
) -> tf.data.Dataset:
  """Returns the elements of one of several input pipelines.

  Args:
    dataset: elements in the same order in all pipelines, or they would share
      some and lose others.
    input_context: which pipeline.
  """
  return dataset.shard(
    input_context.num_input_pipelines, input_context.input_pipeline_id
  )
