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

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl import losses
from deeplab_ssl.runs import pictures
from tests.runs import run_testing


@pytest.fixture(name="run")
def fixture_run():
  return run_testing.untrained_run()


def test_the_crf_has_a_picture_of_its_own(run):
  example = next(iter(run.examples()))
  plain, labels = pictures.subject_pictures(run_testing.subject(run), example)
  refined, other = pictures.subject_pictures(
    run_testing.subject(run, 5), example
  )
  added = "5 CRF steps (window)"
  assert list(refined)[:2] == ["prediction", added]
  assert (refined.pop(added) != plain["prediction"]).any()
  assert (labels != other).any()
  # Errors are those of the labels that count; the rest is as without a CRF.
  assert (refined.pop("errors") != plain.pop("errors")).any()
  for title, picture in plain.items():
    np.testing.assert_array_equal(refined[title], picture)


def test_the_image_and_the_labels_of_an_example(run):
  example = next(iter(run.examples()))
  image, label = pictures.image_of(example), pictures.label_of(example)
  assert image.dtype == np.uint8
  np.testing.assert_array_equal(image, tf.cast(example["image"][0], tf.uint8))
  assert label.shape == image.shape[:2]
  assert set(np.unique(label)) <= {*range(11), 255}


def test_a_comparison_has_a_picture_of_each_run(run):
  example = next(iter(run.examples()))
  subjects = {"a": run_testing.subject(run), "b": run_testing.subject(run, 5)}
  drawn = pictures.comparison(example, subjects)
  assert list(drawn) == ["image", "truth", "a", "b"]
  colours = np.asarray(run.dataset.colormap)
  for name, subject in subjects.items():
    labels = subject.predictor(None, example["image"])[0].numpy()
    np.testing.assert_array_equal(drawn[name], colours[labels])
  assert (drawn["a"] != drawn["b"]).any()


def test_hard_examples_are_bright_where_two_classes_are_hard(run):
  example = next(iter(run.examples()))
  logits = run_testing.colours_decide(None, example["image"])
  drawn = pictures.loss_maps(run, example["label"], logits)
  error, hard = losses.structural_error(example["label"], logits)
  count = np.sum(hard[0], -1)
  assert 0 in count and count.max() >= 2
  # The more classes, up to two, the brighter; the greatest error likewise.
  for picture, value in (
    (drawn["hard examples"], np.minimum(count, 2)),
    (drawn["structural error"], np.max(error[0], -1)),
  ):
    brightness = picture.astype(int).sum(-1)
    lowest, highest = value == value.min(), value == value.max()
    assert brightness[lowest].max() < brightness[highest].min()
