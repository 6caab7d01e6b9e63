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

"""Tests of the embedded demo data."""

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import record_source
from deeplab_ssl.preparation import conversion
from deeplab_ssl.preparation import digit_scenes
from deeplab_ssl.preparation import layouts
from deeplab_ssl.reproduction import requirements
from tests import input_testing


class SceneTest(parameterized.TestCase):
  @parameterized.parameters(33, 65, 129)
  def test_scene(self, size):
    labels = []
    for seed in range(20):
      rng = np.random.default_rng(seed)
      image, label = digit_scenes.make_scene(rng, size)
      self.assertEqual(image.shape, (size, size, 3))
      self.assertEqual(label.shape, (size, size))
      self.assertEqual((image.dtype, label.dtype), (np.uint8, np.uint8))
      self.assertContainsSubset(np.unique(label), [*range(11), 255])
      self.assertGreater((label == 0).mean(), 0.2)
      labels.append(label)
    digits = np.unique(labels)
    self.assertEqual(digits.tolist(), [*range(11), 255])

  def test_equal_generators_give_equal_scenes(self):
    one, two = (
      digit_scenes.make_scene(np.random.default_rng(4), 65) for _ in range(2)
    )
    np.testing.assert_array_equal(one[0], two[0])
    np.testing.assert_array_equal(one[1], two[1])

  def test_void_separates_all_regions_by_one_pixel(self):
    for seed in range(10):
      _, label = digit_scenes.make_scene(np.random.default_rng(seed))
      for a, b in ((label[1:], label[:-1]), (label[:, 1:], label[:, :-1])):
        seen = (a != digit_scenes.VOID) & (b != digit_scenes.VOID)
        np.testing.assert_array_equal(a[seen], b[seen])
      # Void touches a digit, as a border of one pixel does; only where digits
      # lie over digits over digits may the one below have vanished.
      inside = (label > 0) & (label != digit_scenes.VOID)
      near = digit_scenes._neighbour_max(inside)
      self.assertGreater(near[label == digit_scenes.VOID].mean(), 0.99)

  def test_samples_are_disjoint(self):
    train, val = digit_scenes.split_samples()
    self.assertEmpty(set(train) & set(val))
    self.assertLen({*train, *val}, 1797)

  def test_samples_restrict_the_digits(self):
    only_zero = [0]  # scikit-learn's first digit.
    for seed in range(5):
      _, label = digit_scenes.make_scene(
        np.random.default_rng(seed), 65, only_zero
      )
      self.assertContainsSubset(np.unique(label), [0, 1, 255])

  def test_small_scenes_are_refused(self):
    with self.assertRaisesRegex(ValueError, "at least 33. Received: 20"):
      digit_scenes.make_scene(np.random.default_rng(0), 20)


class DevkitTest(absltest.TestCase):
  def test_devkit_is_what_the_converter_wants(self):
    info = dataset_info.get_dataset_info("digits")
    root = input_testing.temp_dir(self)
    devkit = digit_scenes.write_devkit(root / "devkit", 6, 3, size=65, seed=1)
    for split, count in (("train", 6), ("val", 3)):
      pairs = layouts.devkit_pairs(devkit, split)
      histogram = conversion.convert_split(
        pairs, root / "records", split, info, num_shards=1, subset=True
      )
      self.assertEqual(histogram.num_images, count)
      self.assertGreater(histogram.void, 0)
    self.assertEqual(pairs[0].image_path.suffix, ".jpg")
    with Image.open(pairs[0].mask_path) as mask:
      self.assertEqual(mask.mode, "P")
      palette = np.array(mask.getpalette()).reshape(-1, 3)
    np.testing.assert_array_equal(info.colormap, palette[:11])

  def test_halves_of_the_validation_are_splits(self):
    folder = digit_scenes.make_records(
      input_testing.temp_dir(self), 4, 5, seed=1, halves=True
    )
    ids = {}
    for split, count in requirements.recorded_splits(folder).items():
      source = record_source.open_split(folder, split)
      self.assertEqual(source.size, count)
      ids[split] = [
        source.decode(source.read(i), with_label=False)["filename"].numpy()
        for i in range(count)
      ]
    self.assertEqual(sorted(ids), ["train", "val", "val_a", "val_b"])
    self.assertEqual(ids["val_a"] + ids["val_b"], ids["val"])
    self.assertLen(ids["val_a"], 2)

  def test_scenes_do_not_depend_on_their_number(self):
    root = input_testing.temp_dir(self)
    few = digit_scenes.write_devkit(root / "few", 1, 1, size=65)
    more = digit_scenes.write_devkit(root / "more", 2, 1, size=65)
    for file in ("JPEGImages/train_00000.jpg", "JPEGImages/val_00000.jpg"):
      self.assertEqual((few / file).read_bytes(), (more / file).read_bytes())
    train = (more / "SegmentationClass/train_00000.png").read_bytes()
    val = (more / "SegmentationClass/val_00000.png").read_bytes()
    self.assertNotEqual(train, val)


if __name__ == "__main__":
  absltest.main()
