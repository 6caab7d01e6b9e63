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

"""An error that tells all that is wrong at once, not the first of it."""

from collections.abc import Sequence

from deeplab_ssl.common import names

_MAX_LISTED = 100


class ProblemsError(ValueError):
  """Everything that is wrong with many files.

  Args:
    headline: what the problems are of.
    problems: one line per problem; the message shows the first 100.

  Attributes:
    problems: one line per problem, all of them.
  """

  def __init__(self, headline: str, problems: Sequence[str]):
    self.problems = tuple(problems)
    lines = [f"{headline} ({len(problems)}):"]
    lines += [f"  {problem}" for problem in problems[:_MAX_LISTED]]
    if len(problems) > _MAX_LISTED:
      lines.append(f"  and {len(problems) - _MAX_LISTED} more")
    # A name that is not UTF-8 must not keep the others from being printed.
    super().__init__(names.printable("\n".join(lines)))
