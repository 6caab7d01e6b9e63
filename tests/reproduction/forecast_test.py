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

"""What is left to do, as `--dry_run` tells it; nothing is run or timed."""

import pytest

from deeplab_ssl.reproduction import forecast
from deeplab_ssl.reproduction import pages
from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import probe
from deeplab_ssl.reproduction import suites
from deeplab_ssl.reproduction import tables
from tests.reproduction import stand_ins


@pytest.fixture
def place(tmp_path):
  return plan.Places(str(tmp_path), stand_ins.CONFIGS)


def test_the_plan_says_what_is_left(place):
  _, suite, planned = stand_ins.planned(place, 5, ["ce", "ce+crf_steps=1"])
  half = planned[0].runs[1]
  stand_ins.score(planned[0].runs[0], 0.5)
  stand_ins.checkpoint(half, 300, stand_ins.recorded(half))
  part = plan.Part("T", suite, tuple(planned))
  text = forecast.describe([part], place, probe_steps=0)
  plain, crf = text.splitlines()[1:3]
  assert plain.endswith("1 finished, 400 steps left")
  assert crf.endswith("0 finished, 0 steps left, counted above")
  assert text.endswith(
    "counted once: rows 2, runs 4, finished 1, steps left 400."
  )


def test_another_training_is_in_the_way(place):
  _, suite, planned = stand_ins.planned(place, 2, ["ce", "bce"])
  run = planned[0].runs[0]
  other = stand_ins.recorded(run).replace('"type": "ce"', '"type": "ssl"')
  stand_ins.checkpoint(run, 700, other)
  parts = [plan.Part("T", suite, tuple(planned))] * 2
  *_, head, fault = forecast.describe(parts, place, 0).splitlines()
  assert head == "In the way:"
  assert fault.startswith(f"- {run.directory} holds a training with task.losse")


def _all_tables(place):
  suite = suites.load_suite("paper", stand_ins.CONFIGS)
  return pages.plan_pages(tables.TABLES, suite, place)


def test_what_tables_share_counts_once(place, monkeypatch):
  timed = []

  def seconds_per_step(training, dataset, steps):
    timed.append(training.directory)
    if dataset == "cityscapes":
      raise probe.ProbeError("no memory")
    return 0.5

  monkeypatch.setattr(probe, "seconds_per_step", seconds_per_step)
  text = forecast.describe(_all_tables(place), place, probe_steps=2)
  # One of each setting of Sec. 4.1, not of each table.
  assert len(timed) == 4
  # 47 trainings, 40 of them with 30K + 20K steps on VOC, and four CRFs.
  assert "once: rows 51, runs 51, finished 0, steps left 2630000." in text
  assert "That is about 278 hours of training" in text  # 40 of 25,000 seconds.
  assert "7 rows are not in it." in text
  lines = text.splitlines()
  shared = [line for line in lines if line.startswith("voc2012_v3/ssl_3 ")]
  first, *later = [line.partition("finished, ")[2] for line in shared]
  assert first == "50000 steps left, about 6:56:40"
  assert later == ["0 steps left, counted above"] * 2
  assert lines.count("voc2012_v3/ssl_3, seed 1:") == 1


def test_what_is_missing_is_told_once_at_the_end(place):
  text = forecast.describe(_all_tables(place), place, probe_steps=0)
  _, _, faults = text.partition("\nMissing:\n")
  found = [line for line in faults.splitlines() if "crf" not in line]
  assert [line.partition(". ")[0] for line in found] == [
    "- There are no records data/voc2012/trainaug-*",
    "- There are no records data/voc2012/train-*",
    "- There are no records data/voc2012/val-*",
    "- There is no checkpoint in checkpoints/resnet_v1_101_beta",
    "- There is no checkpoint in checkpoints/xception_65",
    "- There are no records data/cityscapes/train-*",
    "- There are no records data/cityscapes/val-*",
  ]


@pytest.mark.parametrize(
  "seconds, text",
  [
    (0.0, "0:00:00"),
    (332.4, "0:05:32"),
    (86400, "1 day, 0:00:00"),
    (90000, "25 hours"),
    (3600 * 1234.4, "1,234 hours"),
  ],
)
def test_times_are_told_as_they_are_read(seconds, text):
  assert forecast.duration(seconds) == text
