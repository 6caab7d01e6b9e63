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

"""The examples in the docstrings of the losses give what they say."""

import doctest
import importlib
import inspect
import pkgutil
import re

import pytest
import tensorflow as tf

from deeplab_ssl import losses
from deeplab_ssl.losses import on_tensorflow
from tests import source_tree

_MODULES = [
  f"{losses.__name__}.{module.name}"
  for module in pkgutil.iter_modules(losses.__path__)
  if module.name != "torch_distributed"  # Needs torch.
] + [
  f"{on_tensorflow.__name__}.{module.name}"
  for module in pkgutil.iter_modules(on_tensorflow.__path__)
]


def _is_loss(value):
  """Whether it is a function or a Keras loss, not its settings or results."""
  if inspect.isclass(value):
    return hasattr(value, "call")
  return inspect.isroutine(inspect.unwrap(value))


_PUBLIC = [
  name
  for name in losses.__all__
  if name != "torch_distributed" and _is_loss(getattr(losses, name))
]


@pytest.mark.parametrize("name", _MODULES)
def test_the_examples_of_a_module_run(name, capsys):
  failed, _ = doctest.testmod(importlib.import_module(name))

  assert not failed, capsys.readouterr().out


@pytest.mark.parametrize("name", _PUBLIC)
def test_what_is_public_has_an_example_that_runs(name, capsys):
  value = getattr(losses, name)
  (example,) = doctest.DocTestFinder(recurse=False).find(value, name)
  failed, tried = doctest.DocTestRunner().run(example)

  assert tried, f"Give the docstring of losses.{name} an example."
  assert not failed, capsys.readouterr().out


def test_the_losses_are_among_what_is_public():
  assert {"StructuralSimilarityLoss", "structural_error"} <= set(_PUBLIC)


def test_the_example_of_the_page_weighs_the_classes():
  text = (source_tree.ROOT / "docs" / "losses.md").read_text()
  blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
  (block,) = [block for block in blocks if "class_weights" in block]
  names = {}
  exec(block, names)  # noqa: S102  the page's own code
  loss = losses.StructuralSimilarityLoss()
  _, labels, weights = names["with_weights"](names["images"], names["labels"])
  weighted = loss(labels, names["model"](names["images"]), weights)
  by_hand = sum(
    float(weight)
    * tf.reduce_sum(
      tf.where(
        labels == number,
        loss.call(labels, names["model"](names["images"])),
        0.0,
      )
    )
    for number, weight in enumerate(names["class_weights"])
  ) / tf.cast(tf.size(labels), tf.float32)
  assert float(weighted) == pytest.approx(float(by_hand), rel=1e-5)
