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

"""Writes the table in docs/parity.md: `python -m tests.flags_table_update`.

The table is made of the declarations in `deeplab_ssl/original_flags`.
"""

import re

from deeplab_ssl.original_flags import table
from tests import source_tree

PAGE = source_tree.ROOT / "docs" / "parity.md"
# The table is the first one below this heading.
_TABLE = re.compile(r"(?s)(?<=\n## Every flag\n)(.*?)\n((?:\|[^\n]*\n)+)")


def main():
  """Writes the table if it changes."""
  text = PAGE.read_text()
  new = _TABLE.sub(lambda m: f"{m[1]}\n{table.page_table()}", text, count=1)
  if new != text:
    PAGE.write_text(new)
    print(f"Updated {PAGE.relative_to(source_tree.ROOT)}")


if __name__ == "__main__":
  main()
