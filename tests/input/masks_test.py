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

"""Tests of reading and writing label masks."""

import dataclasses
import io

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from deeplab_ssl.input import masks
from deeplab_ssl.input import png_structure
from tests import image_kinds
from tests import input_testing

LABEL = np.arange(20, dtype=np.uint8).reshape(4, 5)
PETS = input_testing.PETS


class MasksTest(parameterized.TestCase):
  def png(self, array, mode=None):
    path = input_testing.temp_dir(self) / "m.png"
    Image.fromarray(array, mode).save(path)
    return path.read_bytes()

  def test_palette_png_gives_indices(self):
    data = masks.encode_mask(LABEL, PETS)
    np.testing.assert_array_equal(masks.decode_mask(data, PETS), LABEL)

  def test_two_bit_palette_gives_indices(self):
    path = input_testing.temp_dir(self) / "m.png"
    image = Image.fromarray(LABEL % 4)
    image.putpalette(PETS.palette[:12])
    image.save(path, bits=2)
    data = path.read_bytes()
    self.assertEqual(data[24], 2)
    np.testing.assert_array_equal(masks.decode_mask(data, PETS), LABEL % 4)

  def test_rgb_is_refused_with_the_palette(self):
    rgb = np.zeros((4, 5, 3), np.uint8)
    rgb[0] = (128, 0, 0)
    with self.assertRaisesRegex(
      masks.MaskError, r"\(128, 0, 0\)=cat.*class indices"
    ):
      masks.decode_mask(self.png(rgb), PETS)

  def test_16_bit_is_refused(self):
    with self.assertRaisesRegex(masks.MaskError, "16-bit grey"):
      masks.decode_mask(self.png(LABEL.astype(np.uint16)), PETS)

  def test_other_files_are_refused(self):
    with self.assertRaisesRegex(masks.MaskError, "not a PNG"):
      masks.decode_mask(b"\xff\xd8\xff", PETS)
    data = masks.encode_mask(LABEL)
    with self.assertRaisesRegex(masks.MaskError, "cannot be decoded"):
      masks.decode_mask(data[:40], PETS)

  def test_rgb_with_equal_channels_says_which_to_keep(self):
    rgb = np.repeat(LABEL[..., None] % 2, 3, axis=-1)
    with self.assertRaisesRegex(
      masks.MaskError, r"equal, the values 0..1.*getchannel\(0\)"
    ):
      masks.decode_mask(self.png(rgb), PETS)

  @parameterized.parameters(range(8, 26))
  def test_a_file_of_a_few_bytes(self, size):
    data = masks.encode_mask(LABEL)[:size]
    with self.assertRaisesRegex(masks.MaskError, "cut short"):
      masks.decode_mask(data, PETS)

  @parameterized.product(info=(None, PETS), cut=(0, 1, 60, 128))
  def test_rows_that_a_decoder_would_fill_in(self, info, cut):
    label = np.ones((129, 40), np.uint8)
    png = png_structure.parse(masks.encode_mask(label, info))
    depth = png.header.depth
    rows = b"\0" * cut * (1 + 40 * depth // 8)
    palette = png.content(b"PLTE")
    data = image_kinds.png(
      (40, 129),
      depth,
      png.header.color_type,
      rows,
      more=image_kinds.chunk(b"PLTE", bytes(palette)) if palette else b"",
    )
    with self.assertRaisesRegex(masks.MaskError, "pixels are cut short"):
      masks.decode_mask(data, PETS)

  @parameterized.parameters(1, 2, 4)
  def test_grey_with_few_bits_is_refused(self, depth):
    data = image_kinds.png_of_bits(LABEL % 2, depth)
    with self.assertRaisesRegex(masks.MaskError, f"{depth}-bit grey.*8 bits"):
      masks.decode_mask(data, PETS)

  def test_an_animation_is_refused(self):
    image = Image.fromarray(LABEL)
    data = image_kinds.saved(
      image, "PNG", save_all=True, append_images=[image.rotate(180)]
    )
    with self.assertRaisesRegex(masks.MaskError, "animation of 2"):
      masks.decode_mask(data, PETS)

  def test_a_size_that_no_mask_has_is_refused(self):
    data = image_kinds.png((50_000, 50_000), 8, 0, b"")
    with self.assertRaisesRegex(masks.MaskError, "50000x50000.*pixels"):
      masks.decode_mask(data, PETS)

  def test_colors_to_indices(self):
    label = np.array([[0, 1], [2, 255]], np.uint8)
    palette = np.frombuffer(PETS.palette, np.uint8)
    rgb = palette.reshape(256, 3)[label]
    np.testing.assert_array_equal(masks.colors_to_indices(rgb, PETS), label)
    rgb = np.full((1, 2, 3), 7, np.uint8)
    with self.assertRaisesRegex(masks.MaskError, r"\(7, 7, 7\)"):
      masks.colors_to_indices(rgb, PETS)


class EncodeTest(absltest.TestCase):
  def test_without_a_data_set_the_png_is_grey(self):
    with Image.open(io.BytesIO(masks.encode_mask(LABEL))) as image:
      self.assertEqual(image.mode, "L")
      np.testing.assert_array_equal(image, LABEL)

  def test_with_a_data_set_it_has_the_colours(self):
    with Image.open(io.BytesIO(masks.encode_mask(LABEL, PETS))) as image:
      self.assertEqual(image.mode, "P")
      np.testing.assert_array_equal(image, LABEL)
      colors = np.array(image.getpalette()).reshape(-1, 3)
    np.testing.assert_array_equal(colors[:3], PETS.colormap)


class LabelTableTest(absltest.TestCase):
  def test_values_that_are_not_named_stand_for_themselves(self):
    info = dataclasses.replace(PETS, label_map={255: 1, 7: "void", 2: 0})
    table = masks.label_table(info)
    expected = np.full(256, masks.ILLEGAL)
    expected[[0, 1, 2, 7, 255]] = 0, 1, 0, 255, 1
    np.testing.assert_array_equal(table, expected)

  def test_without_a_map_there_is_no_table(self):
    self.assertIsNone(masks.label_table(PETS))


class CheckLabelTest(parameterized.TestCase):
  def test_pixels_are_counted(self):
    label = np.array([[0, 2, 255], [2, 2, 0]], np.uint8)
    checked, counts = masks.check_label(label, PETS, None)
    np.testing.assert_array_equal(checked, label)
    expected = np.zeros(256, int)
    expected[[0, 2, 255]] = 2, 3, 1
    np.testing.assert_array_equal(counts, expected)

  def test_a_map_turns_values_into_labels(self):
    label_map = np.full(256, masks.ILLEGAL)
    label_map[[7, 8, 26]] = 0, 255, 2
    label = np.array([[7, 26, 8, 8]], np.uint8)
    checked, counts = masks.check_label(label, PETS, label_map)
    np.testing.assert_array_equal(checked, [[0, 2, 255, 255]])
    self.assertEqual(counts[[0, 2, 255]].tolist(), [1, 1, 2])

  def test_wrong_values_are_listed_with_the_right_ones(self):
    label = np.array([[0, 3, 9]], np.uint8)
    with self.assertRaisesRegex(
      ValueError, "values 3, 9; 'pets' has the classes 0..2 and void 255"
    ):
      masks.check_label(label, PETS, None)
    label_map = np.full(256, masks.ILLEGAL)
    label_map[[0, 4, 5]] = 0
    with self.assertRaisesRegex(
      ValueError, "values 3, 9; the files of 'pets' hold 0, 4..5"
    ):
      masks.check_label(label, PETS, label_map)

  def test_a_long_list_of_wrong_values_is_cut(self):
    label = np.arange(3, 20, dtype=np.uint8)[None]
    with self.assertRaisesRegex(ValueError, r"values 3, 4, .*, 12, \.\.\.; "):
      masks.check_label(label, PETS, None)


if __name__ == "__main__":
  absltest.main()
