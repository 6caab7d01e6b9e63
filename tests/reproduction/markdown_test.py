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
"""Tables are laid out with a head and a rule."""

from deeplab_ssl.reproduction import markdown


def test_a_table_has_its_head_its_rule_and_its_rows():
  assert markdown.table_lines(["", "IoU"], [["CE", "70"], ["BCE", "71"]]) == [
    "|  | IoU |",
    "| --- | --- |",
    "| CE | 70 |",
    "| BCE | 71 |",
  ]
  assert markdown.table_lines(["a"], []) == ["| a |", "| --- |"]
