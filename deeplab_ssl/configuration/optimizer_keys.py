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

"""What the keys of Model Garden's optimizers and schedules may be, by name.

Their dataclasses say types and defaults. Keys of one name mean the same in all
of them, so that a range is said once.
"""

from collections.abc import Mapping
import dataclasses

from deeplab_ssl.configuration import fields
from deeplab_ssl.configuration import learning_rate
from deeplab_ssl.configuration import rules

_DECAY = rules.real(0, below=1)
_NOT_NEGATIVE = rules.real(0)
_POSITIVE = rules.real(above=0)
_CLIP = rules.optional(_POSITIVE)
# What all optimizers inherit, ours too.
_CLIPPING = {
  "clipnorm": "largest norm of the gradient of one variable; null for any",
  "clipvalue": "largest value in a gradient; null for any",
  "global_clipnorm": "largest norm of all gradients together; null for any",
}
# Patterns of names; Model Garden's experiments give one, or a list of them.
_PATTERNS = rules.optional(
  rules.either(rules.text(), rules.list_of(rules.text()))
)
_RULES = {
  "include_in_weight_decay": _PATTERNS,
  "exclude_from_weight_decay": _PATTERNS,
  "exclude_from_layer_adaptation": _PATTERNS,
  "learning_rate": learning_rate.POSITIVE_RATE,
  "initial_learning_rate": learning_rate.POSITIVE_RATE,
  "end_learning_rate": learning_rate.RATE,
  "warmup_learning_rate": learning_rate.RATE,
  "sparse_layer_learning_rate": learning_rate.RATE,
  "values": rules.list_of(learning_rate.RATE),
  "boundaries": rules.list_of(rules.integer(0)),
  "decay_steps": rules.integer(1),
  "total_decay_steps": rules.integer(1),
  "warmup_steps": rules.integer(1),
  "decay_rate": _POSITIVE,
  "alpha": rules.real(0, 1),
  "linear_decay_fraction": rules.real(0, 1),
  "momentum": _DECAY,
  "rho": _DECAY,
  "beta_1": _DECAY,
  "beta_2": _DECAY,
  "average_decay": _DECAY,
  "start_step": rules.integer(0),
  "epsilon": _NOT_NEGATIVE,
  "epsilon_1": _NOT_NEGATIVE,
  "epsilon_2": _NOT_NEGATIVE,
  "decay": _NOT_NEGATIVE,
  "weight_decay": _NOT_NEGATIVE,
  "weight_decay_rate": _NOT_NEGATIVE,
  "eeta": _POSITIVE,
  "initial_accumulator_value": _NOT_NEGATIVE,
  "gradient_clip_norm": _NOT_NEGATIVE,
  "clip_threshold": _POSITIVE,
}
_GARDEN = "official."


def keys_of(config_class: type) -> Mapping[str, fields.Key]:
  """Returns {field: its `fields.Key`} of an optimizer or a schedule.

  Args:
    config_class: its dataclass, of Model Garden or of ours.
  """
  found = dict(fields.keys_of(config_class))
  if config_class.__module__.startswith(_GARDEN):
    for name in _RULES.keys() & found.keys():
      found[name] = dataclasses.replace(found[name], rule=_RULES[name])
  for name in _CLIPPING.keys() & found.keys():
    found[name] = fields.Key(_CLIP, _CLIPPING[name])
  return found
