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

"""Counts over the processes of `torch.distributed` that share a global batch.

DistributedDataParallel averages gradients, and so it divides each process's
loss by their number. The losses divide by counts: of valid pixels, of hard
examples. With the counts of one process alone, one with many ignored pixels
would weigh as much as one without; with their means over all processes the
result is that of the whole batch on one device.
"""

from collections.abc import Sequence

from deeplab_ssl.common import extras

with extras.advised():
  import torch


def count_mean(counts: Sequence[torch.Tensor]) -> list[torch.Tensor]:
  """Averages scalar counts over the processes of the default group.

  All processes of the group must call the loss equally often, or they wait for
  each other for ever: evaluate on one process without it.

  Args:
    counts: float32 scalars of this process, on the device of its group.

  Returns:
    Their means, the same in all processes; the counts themselves where
    `torch.distributed` was not initialised.

  Example:

  In each process, with its share of the batch::

    terms = functional.structural_similarity_terms(
      labels, logits, count_mean=torch_distributed.count_mean
    )
    terms.loss.mean().backward()
  """
  group = torch.distributed
  if not (group.is_available() and group.is_initialized()):
    return list(counts)
  stacked = torch.stack([count.detach() for count in counts])
  group.all_reduce(stacked)
  return list(stacked / group.get_world_size())
