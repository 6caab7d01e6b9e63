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

"""Tests of the frame of a page."""

from html import parser

from deeplab_ssl.visualization import page


class _Tags(parser.HTMLParser):
  """Notes tags that are not closed, and the texts of the others."""

  def __init__(self):
    super().__init__()
    self.open, self.texts = [], {}

  def handle_starttag(self, tag, attrs):
    if tag not in ("meta", "link"):
      self.open.append(tag)

  def handle_endtag(self, tag):
    assert self.open.pop() == tag

  def handle_data(self, data):
    if self.open:
      self.texts.setdefault(self.open[-1], []).append(data)


def test_the_frame_is_closed_and_the_title_is_text(tmp_path):
  path = tmp_path / "new" / "index.html"
  page.write(
    path,
    title="Cats & <dogs>",
    style="p { color: var(--link); }",
    body=["<p>one</p>", "<p>zwölf</p>"],
  )
  text = path.read_text(encoding="utf-8")
  assert text.startswith("<!DOCTYPE html>\n")
  found = _Tags()
  found.feed(text)
  assert not found.open
  assert found.texts["title"] == ["Cats & <dogs>"]
  assert found.texts["h1"] == ["Cats & <dogs>"]
  assert found.texts["p"] == ["one", "zwölf"]
  (style,) = found.texts["style"]
  assert style.endswith("p { color: var(--link); }")


def test_a_page_is_replaced_as_a_whole(tmp_path):
  path = tmp_path / "index.html"
  for title in ("First", "Second"):
    page.write(path, title=title, style="", body=[])
  assert "First" not in path.read_text()
  assert [p.name for p in tmp_path.iterdir()] == ["index.html"]
