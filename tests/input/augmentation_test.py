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

"""Tests of what training draws."""

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.input import augmentation
from deeplab_ssl.input import cropping
from tests import input_testing

SCALES = input_testing.load_json("preprocess_units.json")["get_random_scale"]
UNIFORM = {
  "min_scale_factor": 0.3,
  "max_scale_factor": 1.7,
  "scale_factor_step_size": 0.0,
}


@pytest.mark.parametrize(
  "case", [case for case in SCALES if isinstance(case["support"], list)]
)
def test_the_scales_are_those_of_the_original(case):
  drawn = {
    float(augmentation.get_random_scale(*case["args"], [seed, 0]))
    for seed in range(100)
  }
  np.testing.assert_allclose(sorted(drawn), case["support"], rtol=1e-7)


def test_a_uniform_scale_is_a_scalar_in_range():
  drawn = [
    augmentation.get_random_scale(0.5, 2.0, 0, [seed, 0]) for seed in range(50)
  ]
  assert drawn[0].shape == []
  assert 0.5 <= min(drawn) < 0.7
  assert 1.8 < max(drawn) < 2.0


@pytest.mark.parametrize("args", [(0, 1, 0.1), (2, 1, 0.1), (1, 2, -1)])
def test_scales_are_validated(args):
  with pytest.raises(ValueError, match="min_scale_factor"):
    augmentation.get_random_scale(*args, [1, 2])


@pytest.mark.parametrize("size", [(1, 9), (9, 1), (1, 1), (37, 53)])
@pytest.mark.parametrize("scale", [0.25, 0.5, 0.99, 1.7])
def test_a_scaled_side_is_rounded_down_to_one_or_more(size, scale):
  scaled = augmentation.scale_size(tf.constant(size), tf.constant(scale))
  assert scaled.numpy().tolist() == [max(1, int(s * scale)) for s in size]


# Of each seed, the positions of the first and last pixels that show the image,
# and the sum of the labels that are shown, when each pixel has its own: so the
# stream of a training that began earlier goes on.
@pytest.mark.parametrize(
  "size, crop_size, options, seed, first, last, total",
  [
    ((37, 53), (33, 33), {}, (1, 2), (8, 26.4), (33.6, 52), 1244232),
    (
      *((37, 53), (33, 33), {}, (3, 0)),
      *((3.4286, 42.8571), (21.7143, 24.5714), 762309),
    ),
    ((37, 53), (33, 33), {}, (7, 11), (8.8, 12), (34.4, 37.6), 1274064),
    (
      *((37, 53), (33, 33), {}, (2**31, 5)),
      *((1.3333, 2.6667), (22.6667, 24), 707124),
    ),
    ((20, 91), (48, 32), {}, (1, 2), (0, 63.4821), (19, 88.3929), 753321),
    ((20, 91), (48, 32), {}, (3, 0), (0, 46.7089), (19, 29.0506), 1012116),
    (
      *((64, 48), (17, 40), UNIFORM, (1, 2)),
      *((39.6404, 14.0299), (50.9663, 41.3881), 1497236),
    ),
    (
      *((64, 48), (17, 40), UNIFORM, (3, 0)),
      *((26.6197, 46.1132), (40.8169, 11.5283), 1119744),
    ),
    ((64, 48), (17, 40), UNIFORM, (2**31, 5), (15.75, 0), (47.25, 47), 653196),
  ],
)
def test_a_seed_draws_what_it_always_drew(
  size, crop_size, options, seed, first, last, total
):
  crop = augmentation.draw(
    tf.constant(size),
    tf.constant(seed, tf.int64),
    crop_size=crop_size,
    **options,
  )
  ends = [(crop.rows[i], crop.columns[i]) for i in (0, -1)]
  np.testing.assert_allclose(ends, [first, last], atol=1e-4)
  numbers = np.arange(size[0] * size[1]).reshape(*size, 1)
  label = cropping.cut_label(tf.constant(numbers), crop, ignore_label=-1)
  # The pixel of label 255 was not told from void where this was computed.
  assert np.sum(label, where=~np.isin(label, (-1, 255))) == total


def test_a_crop_depends_on_the_seed_alone():
  settings = {"crop_size": (33, 65)}

  def draw(seed):
    return augmentation.draw(tf.constant([37, 53]), seed, **settings)

  eager, graph = (
    draw(tf.constant([1, 2])),
    tf.function(draw)(tf.constant([1, 2])),
  )
  other = draw(tf.constant([1, 3]))
  for a, b in zip(eager, graph, strict=True):
    np.testing.assert_array_equal(a, b)
  assert not np.array_equal(eager.columns, other.columns)


def test_crops_lie_inside_and_reach_all_places():
  places = set()
  for seed in range(150):
    crop = augmentation.draw(
      tf.constant([5, 7]),
      [seed, 3],
      crop_size=(3, 4),
      min_scale_factor=1.0,
      max_scale_factor=1.0,
      flip=False,
    )
    top, left = int(crop.rows[0]), int(crop.columns[0])
    np.testing.assert_array_equal(crop.rows, np.arange(top, top + 3))
    np.testing.assert_array_equal(crop.columns, np.arange(left, left + 4))
    places.add((top, left))
  assert places == {(top, left) for top in range(3) for left in range(4)}


def test_half_of_the_crops_are_mirrored():
  mirrored = [
    bool(
      augmentation.draw(
        tf.constant([9, 9]), [seed, 0], crop_size=(5, 5)
      ).mirrored
    )
    for seed in range(200)
  ]
  assert 70 <= sum(mirrored) <= 130
  assert not any(
    augmentation.draw(
      tf.constant([9, 9]), [seed, 0], crop_size=(5, 5), flip=False
    ).mirrored
    for seed in range(20)
  )
