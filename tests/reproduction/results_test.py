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

"""Tests of the table of finished runs."""

import json
import pathlib

import pytest

from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import results
from deeplab_ssl.reproduction import suites
from deeplab_ssl.reproduction import tables
from tests.reproduction import stand_ins


@pytest.fixture
def place(tmp_path):
  return plan.Places(str(tmp_path), stand_ins.CONFIGS)


def test_the_table_shows_paper_ours_and_paired_differences(place):
  table, suite, planned = stand_ins.planned(place, 2, ["ce", "bce", "ssl_3"])
  ce, bce, ssl = planned
  for p, ious in ((ce, (0.70, 0.72)), (ssl, (0.71, 0.75))):
    for run, iou in zip(p.runs, ious, strict=True):
      stand_ins.score(run, iou)
  page = results.render(table, suite, planned)
  # Differences 1 and 3: mean 2, half 12.706 * sqrt(2) / sqrt(2).
  assert (
    "| DeepLabv3 | SSL | 3 | 78.46 | 73.00 ± 2.83 (2 seeds) | -5.46 | "
    "+2.00 ± 12.71 |"
  ) in page
  assert "| DeepLabv3 | BCE | – | 76.80 |  |  |  |" in page
  assert "--params_override=" in page
  exported = results.export(suite, planned)
  assert exported["ssl_3"]["seed 2"]["mean_iou"] == 0.75
  assert "bce" not in exported


def test_each_setting_has_its_own_baseline(place):
  table = tables.load_table(2, stand_ins.CONFIGS)
  suite = suites.load_suite("paper", stand_ins.CONFIGS)
  planned = plan.plan_rows(table.rows, suite, place)
  for p in planned:
    stand_ins.score(p.runs[0], p.row.paper / 100)
  page = results.render(table, suite, planned)
  assert "| SSL | 3 | 78.46 | 78.46 | +0.00 | +2.13 | +1.66 |" in page
  assert "| SSL | 3 | 80.63 | 80.63 | +0.00 | +2.51 | +2.32 |" in page
  exported = results.export(suite, planned)
  assert len(exported) == 18
  assert exported["voc2012_v3/ce"]["seed 1"]["mean_iou"] == 0.7633


def test_classes_stand_beside_the_papers_where_they_are_the_same(place):
  table = tables.load_table(4, stand_ins.CONFIGS)
  suite = suites.load_suite("paper", stand_ins.CONFIGS)
  rows = tables.select_rows(table.rows, ["ssl_3"], "Table")
  planned = plan.plan_rows(rows, suite, place)
  (run,) = planned[0].runs
  names = [f"class {i}" for i in range(19)]
  classes = {n: {"iou": 0.5, "accuracy": 0.6, "pixels": 5} for n in names}
  classes["class 3"]["iou"] = None
  pathlib.Path(run.directory).mkdir(parents=True)
  pathlib.Path(run.scores).write_text(
    json.dumps({"mean_iou": 0.5, "pixel_accuracy": 0.9, "classes": classes})
  )
  page = results.render(table, suite, planned)
  assert "| class 2 | 91.56 | 50.00 |" in page
  assert "| class 3 | 53.14 | n/a |" in page
