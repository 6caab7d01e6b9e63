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


import pytest

from deeplab_ssl.visualization import gallery


def _row(name, columns, folder):
  for column in columns:
    (folder / column).mkdir(exist_ok=True)
    (folder / column / f"{name}.png").write_bytes(b"")
  return gallery.Row(
    name, {c: f"{c}/{name}.png" for c in columns}, {columns[-1]: "91 % <right>"}
  )


def test_the_page_links_pictures_with_names_of_any_kind(tmp_path):
  rows = [_row(n, ["truth", "a b"], tmp_path) for n in ("x#1", "<y> & z")]
  gallery.write_gallery(
    tmp_path / "index.html", title="T & U", rows=rows, legend={"cat": (1, 2, 3)}
  )
  page = (tmp_path / "index.html").read_text()
  for part in (
    *("T &amp; U", "&lt;y&gt; &amp; z", "91 % &lt;right&gt;", "rgb(1, 2, 3)"),
    *(
      'src="a%20b/x%231.png"',
      'id="c1" checked autocomplete="off">a b</label>',
    ),
  ):
    assert part in page
  assert page.count("<tr>") == 3


def test_names_are_text(tmp_path):
  evil = "<b onclick='x()'>&"
  (tmp_path / "p.png").write_bytes(b"")
  gallery.write_gallery(
    tmp_path / "index.html",
    title=evil,
    rows=[gallery.Row(evil, {evil: "p.png"}, {evil: evil})],
    legend={evil: (1, 2, 3)},
  )
  page = (tmp_path / "index.html").read_text()
  assert "<b " not in page
  # Title and heading, box, legend, head of the column, name, its picture (the
  # name and the column), caption.
  assert page.count("&lt;b onclick=&#x27;x()&#x27;&gt;&amp;") == 9


def test_missing_pictures_and_uneven_rows_are_refused(tmp_path):
  row = _row("x", ["truth"], tmp_path)
  other = gallery.Row("y", {"prediction": "truth/x.png"}, {})
  lost = gallery.Row("z", {"truth": "truth/z.png"}, {})

  def write(rows):
    gallery.write_gallery(tmp_path / "i.html", title="", rows=rows, legend={})

  with pytest.raises(ValueError, match=r"\['truth'\].*'prediction'.*'y'"):
    write([row, other])
  with pytest.raises(FileNotFoundError, match=r"truth/z\.png"):
    write([lost])
  with pytest.raises(ValueError, match="at least one image"):
    write([])
