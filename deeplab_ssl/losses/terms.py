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

"""What the functions of the losses return: a map, and scalars for a log.

The arrays are those of the backend that computed them.
"""

from typing import Any
from typing import NamedTuple

# Every eighth row and column: neighbours are nearly copies of each other, and
# the median of a crop of 513 then takes a sort of 87,000 values, not 5 million.
MEDIAN_STRIDE = 8


class StructuralSimilarityTerms(NamedTuple):
  """The loss map and the scalars that a training log shows.

  Attributes:
    loss: float32 `[batch, height, width]`; its plain mean is Eq. 17, it is 0 at
      ignored pixels and differentiable with respect to the logits.
    cross_entropy: scalar L_ce of Eq. 17, without its factor lambda.
    structural: scalar L_ssl of Eq. 13, without its factor 1 - lambda.
    hard_fraction: share of the valid samples that are hard, in [0, 1].
    error_mean: mean of `e` over this replica's valid samples.
    error_max: maximum of `e` over this replica's valid samples.
    samples: number of this replica's valid samples, pairs of pixel and class.
  """

  loss: Any
  cross_entropy: Any
  structural: Any
  hard_fraction: Any
  error_mean: Any
  error_max: Any
  samples: Any


class SSIMTerms(NamedTuple):
  """The loss map and the scalars that a training log shows.

  Attributes:
    loss: float32 `[batch, height, width]`; its plain mean is the loss, it is 0
      at ignored pixels and differentiable with respect to the logits.
    cross_entropy: scalar L_ce of Eq. 17, without its factor lambda.
    structural: scalar mean of Eq. 7 or 9, without its factor 1 - lambda.
  """

  loss: Any
  cross_entropy: Any
  structural: Any


class AffinityTerms(NamedTuple):
  """The loss map and the scalars that a training log shows.

  Attributes:
    loss: float32 `[batch, height, width]`; its plain mean is the loss, it is 0
      at ignored pixels and differentiable with respect to the logits.
    cross_entropy: scalar softmax cross entropy, without its weight.
    edge: scalar separating force, without its weight.
    same: scalar grouping force, without its weight.
  """

  loss: Any
  cross_entropy: Any
  edge: Any
  same: Any


class NormalizedStatistics(NamedTuple):
  """Scalars over the valid samples of one replica; 0 where there is none.

  Attributes:
    truth_max: maximum of y_nor.
    truth_min: minimum of y_nor.
    prediction_max: maximum of p_nor.
    prediction_min: minimum of p_nor.
    error_median: median of `e`, over every eighth row and column.
  """

  truth_max: Any
  truth_min: Any
  prediction_max: Any
  prediction_min: Any
  error_median: Any
