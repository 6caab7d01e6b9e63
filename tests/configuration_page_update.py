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

"""Writes docs/configuration.md: `python -m tests.configuration_page_update`.

The page is made of the declarations of the keys, in `deeplab_ssl/training`.
"""

from deeplab_ssl.experiment import reference_page
from tests import source_tree

PAGE = source_tree.ROOT / "docs" / "configuration.md"


def main():
  """Writes the page if it changes."""
  text = reference_page.page()
  if not PAGE.exists() or PAGE.read_text() != text:
    PAGE.write_text(text)
    print(f"Updated {PAGE.relative_to(source_tree.ROOT)}")


if __name__ == "__main__":
  main()
