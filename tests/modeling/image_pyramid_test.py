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

from deeplab_ssl.modeling import image_pyramid
from deeplab_ssl.modeling import resizing


def _images(*shape):
  rng = np.random.default_rng(0)
  return tf.constant(rng.uniform(0, 255, shape), tf.float32)


def test_without_scales_the_image_is_seen_as_it_is():
  images = tf.zeros([1, 5, 4, 3], tf.uint8)
  ((scale, view),) = image_pyramid.ImagePyramid().views(images)
  assert scale == 1 and view is images


def test_a_view_has_the_size_of_its_scale():
  images = _images(1, 33, 20, 3)
  views = image_pyramid.ImagePyramid([0.5, 1.0, 1.25]).views(images)
  assert [(s, v.shape[1:3]) for s, v in views] == [
    (0.5, [17, 10]),
    (1.0, [33, 20]),
    (1.25, [41, 24]),
  ]
  np.testing.assert_array_equal(
    views[0][1], resizing.resize_align_corners(images, (17, 10))
  )
  np.testing.assert_allclose(views[1][1], images, rtol=1e-6)


@pytest.mark.parametrize(
  "scales, size",
  [
    (None, None),
    ([0.5, 0.75], (9, 5)),  # That of scale 1.
    ([0.5, 1.0], (9, 5)),
    ([1.5], (13, 8)),
    ([0.5, 1.5], (13, 8)),
  ],
)
@pytest.mark.parametrize("known", [True, False])
def test_logits_have_the_size_of_the_largest_scale(scales, size, known):
  pyramid = image_pyramid.ImagePyramid(scales)
  logits = [_images(1, i + 2, 3, 2) for i in range(len(scales or [1]))]
  spec = tf.TensorSpec([1, 33, 20, 3] if known else [None, None, None, 3])

  @tf.function(input_signature=[spec])
  def align(images):
    return pyramid.aligned(logits, images, 4)

  for found, given in zip(align(_images(1, 33, 20, 3)), logits, strict=True):
    expected = (
      given if size is None else (resizing.resize_align_corners(given, size))
    )
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_logits_are_merged_by_their_maximum_or_their_mean():
  maps = [_images(1, 2, 3, 2), 255 - _images(1, 2, 3, 2)]
  greatest = image_pyramid.ImagePyramid([1, 2], "max").merge(maps)
  np.testing.assert_array_equal(greatest, np.maximum(*maps))
  mean = image_pyramid.ImagePyramid([1, 2], "avg").merge(maps)
  np.testing.assert_allclose(mean, np.full([1, 2, 3, 2], 127.5), rtol=1e-5)
  assert image_pyramid.ImagePyramid().merge(maps[:1]) is maps[0]
