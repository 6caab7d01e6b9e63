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

import pytest

from deeplab_ssl import losses

_MODULES = [
  f"{losses.__name__}.{module.name}"
  for module in pkgutil.iter_modules(losses.__path__)
]


def _is_loss(value):
  """Whether it is a function or a Keras loss, not its settings or results."""
  if inspect.isclass(value):
    return hasattr(value, "call")
  return inspect.isroutine(inspect.unwrap(value))


_PUBLIC = [name for name in losses.__all__ if _is_loss(getattr(losses, name))]


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
