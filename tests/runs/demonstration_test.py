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
"""Tests of the demo: what it tells and the report that it leaves."""

import functools
import re
import shutil

from PIL import Image
import pytest
import tensorflow as tf

from deeplab_ssl.runs import demonstration


@pytest.fixture
def one_training(monkeypatch):
  """Trains SSL alone, for two steps; the others get a copy of that run."""
  train = functools.cache(demonstration._train)
  runs = []

  def train_once(loss, records, model_dir, steps, seed):
    del loss
    if not runs:
      runs.append(model_dir)
      return train("ssl", records, model_dir, steps, seed)
    shutil.copytree(runs[0], model_dir)
    return train("ssl", records, runs[0], steps, seed)

  monkeypatch.setattr(demonstration, "_train", train_once)


def test_the_demo_tells_its_stages_and_leaves_a_report(
  one_training, tmp_path, capsys
):
  path = demonstration.run_demo(
    str(tmp_path), train_steps=2, num_train=24, num_val=4
  )

  told = capsys.readouterr().out
  stages = [line for line in told.splitlines() if line.startswith("demo  | ")]
  expected = [
    "composing 28 scenes of digits, and converting them",
    r"training 1 of 3: CE, 2 steps",
    r"CE has a mean IoU of \d+\.\d\d %",
    r"training 2 of 3: BCE, 2 steps",
    r"BCE has a mean IoU of \d+\.\d\d %",
    r"training 3 of 3: SSL, 2 steps",
    r"SSL has a mean IoU of \d+\.\d\d %",
    "exporting the SSL model and drawing the report",
    r"done in \d+\.\d minutes; IoU in %, on 4 scenes:",
  ]
  assert len(stages) == len(expected)
  for stage, pattern in zip(stages, expected, strict=True):
    assert re.fullmatch(rf"demo  \| {pattern}", stage)
  assert re.search(r"\nclass +CE +BCE +SSL\nbackground +\d", told)
  page = tf.io.read_file(path).numpy().decode()
  pictures = re.findall(r'<img src="([^"]+)"', page)
  assert pictures == ["samples.png", "loss.png", "hard_fraction.png"]
  for picture in pictures:
    assert min(Image.open(tmp_path / picture).size) > 300
