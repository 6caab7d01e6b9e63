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

"""Tests of the checks that files and records have in common."""

import dataclasses
import io
import os

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from deeplab_ssl.input import masks
from deeplab_ssl.input import records
from deeplab_ssl.preparation import samples
from tests import input_testing

PETS = input_testing.PETS


class RecordTest(parameterized.TestCase):
  def setUp(self):
    super().setUp()
    folder = input_testing.temp_dir(self)
    content = input_testing.write_devkit(folder, {"train": ["a"]})
    self.label = content["a"][1]
    self.image = (folder / "JPEGImages" / "a.png").read_bytes()

  def record(self, label=None, **changed):
    height, width = self.label.shape
    example = records.make_example(
      self.image,
      filename="a",
      image_format="png",
      height=height,
      width=width,
      label_data=None if label is None else masks.encode_mask(label),
    )
    for key, value in changed.items():
      example.features.feature[key].bytes_list.value[:] = value
    return example.SerializeToString()

  def problem(self, serialized):
    sample, (problem,) = samples.read_record(serialized, PETS, "x.tfrecord:7")
    self.assertIsNone(sample)
    self.assertStartsWith(problem, "x.tfrecord:7")
    problem.encode("utf-8")
    return problem

  def test_right(self):
    sample, problems = samples.read_record(self.record(self.label), PETS, "x")
    self.assertEmpty(problems)
    self.assertEqual(sample.name, "a")
    np.testing.assert_array_equal(sample.label, self.label)
    self.assertEqual((sample.height, sample.width), self.label.shape)
    self.assertEqual(sample.counts[255], (self.label == 255).sum())

  def test_what_is_cut_short_or_damaged_is_refused(self):
    # Without its end, and with a wrong checksum in the last chunk of pixels.
    right = self.image
    for image, reason in (
      (right[:-12], "is a PNG that is cut short"),
      (right[:-13] + bytes([right[-13] ^ 1]) + right[-12:], "checksum"),
    ):
      with self.subTest(reason):
        record = self.record(self.label, **{records.IMAGE_ENCODED: [image]})
        self.assertIn(reason, self.problem(record))
    label = masks.encode_mask(self.label)[:-12]
    record = self.record(self.label, **{records.LABEL_ENCODED: [label]})
    self.assertIn("is a PNG that is cut short", self.problem(record))

  def test_names_that_cannot_be_shown(self):
    for name in (b"caf\xe9", b"a\nb", b"../a", b""):
      with self.subTest(name):
        record = self.record(self.label, **{records.IMAGE_FILENAME: [name]})
        self.assertIn("its id", self.problem(record))

  def test_images_that_viewers_turn_are_told(self):
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.open(io.BytesIO(self.image)).save(buffer, "JPEG", exif=exif)
    record = self.record(
      self.label, **{records.IMAGE_ENCODED: [buffer.getvalue()]}
    )
    sample, _ = samples.read_record(record, PETS, "x")
    self.assertTrue(sample.turned)
    self.assertEqual((sample.height, sample.width), self.label.shape)

  def test_a_jpeg_with_further_pictures_is_a_jpeg(self):
    image = Image.open(io.BytesIO(self.image)).convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, "MPO", save_all=True, append_images=[image])
    record = self.record(
      self.label, **{records.IMAGE_ENCODED: [buffer.getvalue()]}
    )
    sample, problems = samples.read_record(record, PETS, "x")
    self.assertEmpty(problems)
    self.assertEqual(sample.image_format, "jpeg")
    self.assertEqual(
      records.parse_record(record)["image"].shape, (*self.label.shape, 3)
    )

  def test_without_a_label(self):
    sample, problems = samples.read_record(self.record(), PETS, "x")
    self.assertEmpty(problems)
    self.assertIsNone(sample.label)
    self.assertIsNone(sample.counts)

  def test_wrong(self):
    wrong = self.label.copy()
    wrong[3, :2] = 40, 128
    self.assertIn(
      "'a': holds the values 40, 128", self.problem(self.record(wrong))
    )
    self.assertIn("the mask is", self.problem(self.record(self.label[1:])))
    palette = masks.encode_mask(self.label, PETS)
    self.assertIn(
      "8-bit grey",
      self.problem(
        self.record(self.label, **{records.LABEL_ENCODED: [palette]})
      ),
    )
    self.assertIn(
      "cut short",
      self.problem(self.record(**{records.IMAGE_ENCODED: [self.image[:90]]})),
    )
    self.assertIn(
      "has no image/encoded",
      self.problem(tf.train.Example().SerializeToString()),
    )
    self.assertIn("no tf.train.Example", self.problem(b"nothing"))


class PairTest(absltest.TestCase):
  def setUp(self):
    super().setUp()
    self.folder = input_testing.temp_dir(self)
    content = input_testing.write_devkit(self.folder, {"train": ["a"]})
    self.image, self.label = content["a"]

  def read(self, info=PETS, **changed):
    pair = samples.Pair(
      "a",
      self.folder / "JPEGImages" / "a.png",
      self.folder / "SegmentationClass" / "a.png",
    )
    return samples.read_pair(pair._replace(**changed), info)

  def test_a_bmp_becomes_a_png_of_the_same_pixels(self):
    path = self.folder / "a.bmp"
    Image.fromarray(self.image).save(path)
    sample, problems = self.read(image_path=path)
    self.assertEmpty(problems)
    self.assertEqual(sample.image_format, "png")
    np.testing.assert_array_equal(
      tf.io.decode_png(sample.image_data), self.image
    )
    np.testing.assert_array_equal(samples.decode_image(sample), self.image)

  def test_the_label_map_of_the_data_set(self):
    info = dataclasses.replace(PETS, label_map={0: "void", 255: "cat"})
    sample, problems = self.read(info)
    self.assertEmpty(problems)
    expected = np.where(self.label == 0, 255, self.label)
    expected[self.label == 255] = 1
    np.testing.assert_array_equal(sample.label, expected)

  def test_other_values_lead_to_a_label_map(self):
    path = self.folder / "wrong.png"
    path.write_bytes(masks.encode_mask(np.full_like(self.label, 128)))
    _, (problem,) = self.read(mask_path=path)
    self.assertIn("holds the values 128;", problem)
    self.assertEndsWith(
      problem, "--label_map=VALUE:LABEL says what another value stands for"
    )

  def test_what_is_no_file_is_refused(self):
    pipe, folder = self.folder / "pipe.jpg", self.folder / "folder.png"
    os.mkfifo(pipe)
    folder.mkdir()
    _, problems = self.read(image_path=pipe, mask_path=folder)
    self.assertEqual(
      [problem.split(";")[0] for problem in problems],
      [
        f"{pipe}: is a named pipe, not a file",
        f"{folder}: is a folder, not a file",
      ],
    )


if __name__ == "__main__":
  absltest.main()
