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

"""Tests of the report."""

import numpy as np
import pytest

from deeplab_ssl.visualization import report


class _Scores:
  class_names = ("cat & dog", "bird")
  iou = np.array([0.5, np.nan])
  mean_iou = 0.5


def test_report_shows_scores_absent_classes_and_pictures(tmp_path):
  (tmp_path / "p.png").write_bytes(b"")
  report.write_html(
    tmp_path / "r.html",
    title="T",
    paragraphs=["text"],
    table=report.score_table({"CE": _Scores(), "SSL": _Scores()}),
    figures={"p.png": "caption"},
  )
  page = (tmp_path / "r.html").read_text()
  for part in ("cat &amp; dog", "50.00", "n/a", 'src="p.png"', "caption"):
    assert part in page


def test_names_are_text(tmp_path):
  evil = "<script>alert('&')</script>"
  (tmp_path / "p&q.png").write_bytes(b"")
  report.write_html(
    tmp_path / "r.html",
    title=evil,
    paragraphs=[],
    table=[["class", evil], [evil, "1"]],
    figures={"p&q.png": evil},
  )
  page = (tmp_path / "r.html").read_text()
  assert "<script>" not in page
  assert page.count("&lt;script&gt;alert(&#x27;&amp;&#x27;)") == 6
  assert 'src="p%26q.png"' in page


def test_report_refuses_a_missing_picture(tmp_path):
  with pytest.raises(FileNotFoundError, match=r"p\.png"):
    report.write_html(
      tmp_path / "r.html",
      title="T",
      paragraphs=[],
      table=[["a"]],
      figures={"p.png": ""},
    )


def test_the_table_is_aligned_on_the_console():
  table = report.score_table({"CE": _Scores(), "SSL": _Scores()})
  assert report.as_text(table).splitlines() == [
    "class         CE    SSL",
    "cat & dog  50.00  50.00",
    "bird         n/a    n/a",
    "mean IoU   50.00  50.00",
  ]
