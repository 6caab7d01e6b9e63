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

import io

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
    return problem

  def test_right(self):
    sample, problems = samples.read_record(self.record(self.label), PETS, "x")
    self.assertEmpty(problems)
    self.assertEqual(sample.name, "a")
    np.testing.assert_array_equal(sample.label, self.label)
    self.assertEqual((sample.height, sample.width), self.label.shape)
    self.assertEqual(sample.counts[255], (self.label == 255).sum())

  def test_what_only_pillow_decodes_is_refused(self):
    # Without its end, and with a wrong checksum in the last chunk of pixels.
    for image in (
      self.image[:-12],
      self.image[:-13] + bytes([self.image[-13] ^ 1]) + self.image[-12:],
    ):
      with self.subTest(len(image)):
        record = self.record(self.label, **{records.IMAGE_ENCODED: [image]})
        self.assertIn("TensorFlow: Invalid PNG", self.problem(record))
    label = masks.encode_mask(self.label)[:-12]
    record = self.record(self.label, **{records.LABEL_ENCODED: [label]})
    self.assertIn("TensorFlow: Invalid PNG", self.problem(record))

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
      "truncated",
      self.problem(self.record(**{records.IMAGE_ENCODED: [self.image[:90]]})),
    )
    self.assertIn(
      "has no image/encoded",
      self.problem(tf.train.Example().SerializeToString()),
    )
    self.assertIn("no tf.train.Example", self.problem(b"nothing"))


if __name__ == "__main__":
  absltest.main()
