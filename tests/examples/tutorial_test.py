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

"""docs/tutorial.ipynb runs, and shows what it shows."""

import os

import nbclient
import nbformat
import pytest

from tests import source_tree

_PATH = source_tree.ROOT / "docs" / "tutorial.ipynb"


def _printed(notebook):
  return [
    output["text"]
    for cell in notebook.cells
    for output in cell.get("outputs", [])
    if output.output_type == "stream" and output.name == "stdout"
  ]


def _pictures(notebook):
  return sum(
    "image/png" in output.get("data", {})
    for cell in notebook.cells
    for output in cell.get("outputs", [])
  )


@pytest.mark.slow
def test_it_runs_and_has_the_pictures_that_it_shows(monkeypatch):
  stored = nbformat.read(_PATH, as_version=4)
  monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
  path = [str(source_tree.ROOT), os.environ.get("PYTHONPATH", "")]
  monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, path)))
  notebook = nbformat.read(_PATH, as_version=4)
  nbclient.NotebookClient(notebook, timeout=600).execute()
  assert _pictures(notebook) == _pictures(stored) == 5
  first, *scores = "".join(_printed(notebook)).splitlines()
  assert first.startswith("Keras 3") and len(scores) == 2
  for line in scores:
    assert float(line.split("mean IoU ")[1].split(",")[0]) > 0.8, line


def test_it_stores_no_warnings():
  notebook = nbformat.read(_PATH, as_version=4)
  names = {
    output.get("name")
    for cell in notebook.cells
    for output in cell.get("outputs", [])
  }
  assert "stderr" not in names
