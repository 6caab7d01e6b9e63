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

"""The constants of the affinity field loss, with its authors' values."""

from collections.abc import Sequence
import dataclasses

from deeplab_ssl.common import arguments

# Probabilities are clipped from below before a logarithm sees them; the value
# of the authors' code.
MIN_PROBABILITY = 1e-4


@dataclasses.dataclass(frozen=True)
class AffinitySettings:
  """Constants of the loss, with the values of its authors' training scripts.

  Attributes:
    kernel_sizes: sides of the square kernels in pixels, odd, 3 or more; the
      neighbours are the four corners and the middles of the four sides. (3,) is
      the plain loss of Table 5, (3, 5, 7) that of the adaptive form.
    margin: divergence in nats up to which neighbours of two classes are pushed
      apart, positive.
    edge_weight: weight of the separating force, not negative.
    same_weight: weight of the grouping force, not negative.
    ce_weight: weight of the softmax cross entropy beside it, not negative.

  Raises:
    ValueError: naming the first constant that is out of its range.
  """

  kernel_sizes: Sequence[int] = (3,)
  margin: float = 3.0
  edge_weight: float = 1.0
  same_weight: float = 1.0
  ce_weight: float = 1.0

  def __post_init__(self):
    names = ("margin", "edge_weight", "same_weight", "ce_weight")
    arguments.require_numbers(self, *names)
    sizes = self.kernel_sizes
    arguments.require(
      bool(sizes)
      and len(set(sizes)) == len(sizes)
      and all(isinstance(s, int) and s >= 3 and s % 2 for s in sizes),
      "kernel_sizes",
      "distinct odd numbers of pixels from 3 on, e.g. (3,) or (3, 5, 7)",
      sizes,
    )
    arguments.require(
      self.margin > 0, "margin", "a positive divergence (3.0)", self.margin
    )
    for name in names[1:]:
      value = getattr(self, name)
      arguments.require(value >= 0, name, "not negative", value)


# What functions and classes take their defaults from.
DEFAULTS = AffinitySettings()
