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

"""Prepares the docstrings for the pages: formulas, examples, signatures.

An extension of griffe, which reads the modules for `make docs`.
"""

import re
import textwrap

import griffe
from latex2mathml import converter

# A formula, on the line of the directive or indented below it.
_MATH = re.compile(r"^\.\. math::(?: (.+)\n|\n((?:(?:[ \t].*)?\n)+))", re.M)
# Prompts, continuations and what they print, up to an empty line.
_EXAMPLE = re.compile(r"^>>> (?:.+(?:\n|\Z))+", re.M)


def _formula(match):
  latex = textwrap.dedent(match.group(1) or match.group(2)).strip()
  return "\n" + converter.convert(latex, display="block") + "\n\n"


def _example(match):
  return f"```pycon\n{match.group().rstrip()}\n```\n"


class Docstrings(griffe.Extension):
  """Turns formulas into MathML and examples into blocks of code."""

  def on_instance(self, *, obj: griffe.Object, **kwargs) -> None:
    """Rewrites the docstring of an object as it is read.

    Args:
      obj: the module, class or function.
      **kwargs: not used.
    """
    if obj.docstring:
      text = _MATH.sub(_formula, obj.docstring.value + "\n")
      obj.docstring.value = _EXAMPLE.sub(_example, text).rstrip()

  def on_class_members(
    self,
    *,
    node: griffe.ObjectNode,
    cls: griffe.Class,
    agent: griffe.Inspector,
    **kwargs,
  ) -> None:
    """Adds an inherited signature, and leaves out what a docstring lists.

    Args:
      node: the class as it was imported.
      cls: the class as it will be shown.
      agent: what reads it.
      **kwargs: not used.
    """
    for name, member in list(cls.members.items()):
      # The docstring says what attributes are; of the tuple that holds them,
      # griffe only knows their places. What lives elsewhere has its own page,
      # or none, as the methods that Python gives a tuple.
      if member.is_alias or member.is_attribute:
        cls.del_member(name)
    if "__init__" not in cls.members:
      # A NamedTuple is made by `__new__`.
      made_by = node.obj.__init__
      if made_by is object.__init__:
        made_by = node.obj.__new__
      inherited = griffe.ObjectNode(made_by, "__init__", parent=node)
      around, agent.current = agent.current, cls
      agent.inspect(inherited)
      agent.current = around
