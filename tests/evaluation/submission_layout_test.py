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

"""Tests of where predictions lie and what their pixels hold."""

import io

import numpy as np
from PIL import Image
import pytest

from deeplab_ssl.evaluation import submission_layout
from deeplab_ssl.input import dataset_info
from tests import input_testing

VOC = dataset_info.get_dataset_info("voc2012")
CITYSCAPES = dataset_info.get_dataset_info("cityscapes")
PETS = input_testing.PETS


def test_ids_of_a_data_set_of_ones_own():
  info = dataset_info.DatasetInfo("x", tuple("abc"), eval_ids=(7, 0, 200))
  layout = submission_layout.Layout("out", "val", info)
  labels = np.array([[0, 1, 2, 2]], np.int32)
  data = layout.encode(labels)
  assert np.asarray(Image.open(io.BytesIO(data))).tolist() == [[7, 0, 200, 200]]
  np.testing.assert_array_equal(layout.decode(data), labels)


@pytest.mark.parametrize(
  "info, names",
  [(PETS, ("a", "b", "a")), (CITYSCAPES, ("a_1_2_x", "b_1_2", "a_1_2_y"))],
)
def test_records_with_one_file_are_refused(info, names):
  with pytest.raises(
    submission_layout.SubmissionError, match="record 2, b'a.*another record"
  ) as caught:
    submission_layout.check_names(
      submission_layout.Layout("out", "val", info), [n.encode() for n in names]
    )
  assert len(caught.value.problems) == 1


def test_cityscapes_takes_no_names_that_its_evaluation_does_not_find():
  layout = submission_layout.Layout("out", "val", CITYSCAPES)
  with pytest.raises(ValueError, match="CITY_SEQUENCE_FRAME"):
    layout.path("2007_000033")


@pytest.mark.parametrize(
  "change, message",
  [
    ({"format": "coco"}, "`format` must be one of .*'coco'"),
    ({"competition": "comp3"}, "`competition` must be one of .*'comp3'"),
    ({"competition": "comp5"}, "Only the format 'voc'.*not 'labels'"),
    ({"split": "../val"}, "without folders"),
    ({"format": "cityscapes"}, "no eval_ids.*--dataset=cityscapes"),
  ],
)
def test_wrong_layouts_are_refused(change, message):
  arguments = {"directory": "out", "split": "val", "info": PETS} | change
  with pytest.raises(ValueError, match=message):
    submission_layout.Layout(**arguments)


def test_files_lie_where_the_server_wants_them():
  voc = submission_layout.Layout("out", "test", VOC, competition="comp5")
  folder = "out/results/VOC2012/Segmentation/comp5_test_cls"
  assert str(voc.path("2007_000033")) == f"{folder}/2007_000033.png"
  city = submission_layout.Layout("out", "val", CITYSCAPES)
  name = "aachen_000000_000019"
  assert str(city.path(name)) == f"out/{name}_labelIds.png"
  assert city.key(f"deep/{name}_my_network") == name
  own = submission_layout.Layout("out", "val", PETS)
  assert str(own.path("berlin/1")) == "out/berlin/1.png"
  assert own.key("berlin/1") == "berlin/1"


def test_values_that_are_no_class_are_not_decoded():
  layout = submission_layout.Layout("out", "val", PETS)
  data = layout.encode(np.array([[0, 2], [3, 1]]))
  with pytest.raises(ValueError, match="holds the values 3; .* 0..2"):
    layout.decode(data)
