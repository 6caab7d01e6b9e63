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

"""Tests of metrics/structural_error.py."""

import doctest

import pytest

from deeplab_ssl import metrics
from deeplab_ssl.metrics import structural_error
from tests.losses import inputs
from tests.losses import reference
from tests.metrics import testing


@pytest.mark.parametrize("statistic", ["error_mean", "hard_fraction"])
def test_the_structural_error_is_that_of_all_samples(statistic):
  metric = metrics.StructuralError(statistic, region_size=5)
  found, samples = [], 0
  for labels, _ in testing.batches():
    logits = inputs.noise(labels, testing.CLASSES)
    metric.update_state(labels, logits)
    expected = reference.structural_similarity(labels, logits, region_size=5)
    field = expected.error if statistic == "error_mean" else expected.hard
    found.append(field.sum())
    samples += (labels != inputs.VOID).sum() * testing.CLASSES
  assert float(metric.result()) == pytest.approx(sum(found) / samples, rel=1e-5)


def test_the_examples_run(capsys):
  found = doctest.testmod(structural_error)
  assert found.attempted and not found.failed, capsys.readouterr().out
