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

"""Per-variable gradient multipliers of research/deeplab.

They multiply the gradient of the *total* loss, so they scale the weight decay
of a variable as well. Source: `get_model_gradient_multipliers` of
research/deeplab/utils/train_utils.py.
"""

from collections.abc import Iterable

_LAST_LAYERS = (
  "logits",
  "image_pooling",
  "aspp",
  "concat_projection",
  "decoder",
  "meta_architecture",
)
_BIAS_MULTIPLIER = 2.0


def gradient_multiplier(
  name: str,
  last_layer_gradient_multiplier: float = 1.0,
  last_layers_contain_logits_only: bool = False,
) -> float:
  """Returns the multiplier of one variable.

  Args:
    name: slim name of the variable.
    last_layer_gradient_multiplier: factor for the head, found by substring.
    last_layers_contain_logits_only: whether only `logits` count as the head.

  Returns:
    The factor; biases get twice that of their layer.
  """
  multiplier = 1.0
  if "biases" in name:
    multiplier = _BIAS_MULTIPLIER
  scopes = ("logits",) if last_layers_contain_logits_only else _LAST_LAYERS
  if any(scope in name for scope in scopes):
    multiplier *= last_layer_gradient_multiplier
  return multiplier


def multipliers_of(model, variables: Iterable, **options) -> list[float]:
  """Returns one multiplier per variable, 1 where the original has no name.

  Args:
    model: a model; only one with `slim_variables()` has multipliers.
    variables: trainable variables of `model`.
    **options: options of `gradient_multiplier`.

  Returns:
    A list as long as `variables`.
  """
  if not hasattr(model, "slim_variables"):
    return [1.0 for _ in variables]
  names = {v.ref(): name for name, v in model.slim_variables().items()}
  return [
    gradient_multiplier(names[v.ref()], **options) if v.ref() in names else 1.0
    for v in variables
  ]
