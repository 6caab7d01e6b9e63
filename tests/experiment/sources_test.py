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

"""Training on TFRecords or on a data set of TFDS."""

import os

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import sources
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import record_source
from deeplab_ssl.input import source
from deeplab_ssl.input import tfds_source
from deeplab_ssl.runs import gallery
from deeplab_ssl.runs import logs
from deeplab_ssl.runs import pictures
from deeplab_ssl.runs import trained_run
from deeplab_ssl.training import run
from tests import digits
from tests import input_testing
from tests.input import tfds_testing

_MOBILENET = str(input_testing.ROOT / "configs" / "voc2012_mnv2.yaml")
_DATASET = "name: scenes\nclass_names: [one, two, three]\n"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
  path = str(tmp_path_factory.mktemp("tfds"))
  tfds_testing.prepare_scenes(path, num_train=4, num_test=2, size=(33, 41))
  return path


def _scenes(data_dir, **kwargs):
  fields = {
    "input_path": "",
    "tfds_name": "scenes",
    "tfds_split": "train",
    "tfds_data_dir": data_dir,
    "tfds_label_key": "segmentation_mask",
    "tfds_label_map": [255, 0, 1, 2],
  }
  return fields | kwargs


def _experiment(data_dir, **task):
  params = digits.experiment(
    train_data=_scenes(data_dir),
    validation_data={"input_path": "", "tfds_split": "test"},
  )
  params.override({"task": task})
  return params


def test_a_run_is_trained_evaluated_and_drawn(data_dir, tmp_path):
  dataset = tmp_path / "scenes.yaml"
  dataset.write_text(_DATASET)
  model_dir = str(tmp_path / "run")
  params = _experiment(data_dir, dataset=str(dataset))
  outcome = run.run_experiment(params, "train_and_eval", model_dir)
  assert np.isfinite(logs.read_scalars(model_dir)["structural"][1]).all()
  dataset.unlink()  # A run needs its own files and the data.

  opened = trained_run.TrainedRun.open(model_dir)
  validation = opened.params.task.validation_data
  assert validation.tfds_label_map == [255, 0, 1, 2]
  assert validation.split == "test"  # What `evaluate` prints.
  scores = opened.evaluate()
  # All pixels but those of void are classes in the two images.
  assert scores.matrix.sum() == 2 * 33 * 41
  np.testing.assert_array_equal(scores.matrix, outcome.scores.matrix)
  drawn = pictures.Subject.of(opened)
  assert gallery.draw_gallery({"run": drawn}, tmp_path / "drawn", 9) == 2
  found = os.listdir(tmp_path / "drawn" / "run" / "masks")
  assert sorted(found) == ["scene4.png", "scene5.png"]

  opened = trained_run.TrainedRun.open(model_dir, split="train[:3]")
  assert len(list(opened.examples())) == 3
  opened = trained_run.TrainedRun.open(
    model_dir,
    data_dir=digits.records(),
    split="val",
    dataset=str(tmp_path / "run" / run.DATASET_FILE),
  )
  assert isinstance(
    sources.open_source(opened.params.task.validation_data),
    record_source.RecordSource,
  )


def test_validation_data_keep_a_source_of_their_own(data_dir):
  params = _experiment(data_dir)
  params.task.validation_data.input_path = digits.records()
  sources.inherit(params.task)
  assert not params.task.validation_data.tfds_name
  params = digits.experiment()
  params.task.validation_data.override(_scenes(data_dir, tfds_split="test"))
  sources.inherit(params.task)
  assert not params.task.validation_data.input_path
  assert isinstance(
    sources.open_source(params.task.validation_data), tfds_source.TfdsSource
  )


def test_classes_come_from_the_data_set_where_it_names_them(tmp_path):
  image, label = tfds_testing.scene(0)
  names = ["void", "sky", "road"]
  tfds_testing.prepare(
    tmp_path,
    {
      "image": tfds_testing.IMAGE,
      "segmentation_label": tfds.features.LabeledImage(labels=names),
    },
    {"train": [{"image": image, "segmentation_label": label}]},
    num_shards=1,
  )
  task = configs.SegmentationTask()
  task.train_data.override(
    {
      "tfds_name": "tiny",
      "tfds_split": "train",
      "tfds_data_dir": str(tmp_path),
      "tfds_label_map": [255, 0, 1],
    }
  )
  assert sources.dataset_of(task).class_names == ("sky", "road")
  task.dataset = "voc2012"
  assert sources.dataset_of(task).num_classes == 21


@pytest.mark.parametrize(
  "override, error, message",
  [
    (
      {"input_path": "/records"},
      ValueError,
      "^task.train_data.input_path .*two sources.*'/records'.*scenes",
    ),
    ({"tfds_split": ""}, ValueError, "tfds_split is empty"),
    ({"tfds_split": "val"}, ValueError, "Unknown split 'val'"),
    ({"tfds_name": "scenery"}, ValueError, "no data set 'scenery'"),
    ({"tfds_data_dir": "/nowhere"}, ValueError, "/nowhere holds none"),
    ({"tfds_label_map": [-1]}, ValueError, "tfds_label_map must be"),
    ({}, ValueError, "does not name the classes.*task.dataset"),
  ],
)
def test_wrong_data_are_told_before_anything_is_written(
  override, error, message, data_dir, tmp_path
):
  params = _experiment(data_dir)
  params.task.train_data.override(override)
  with pytest.raises(error, match=message):
    run.run_experiment(params, "train", str(tmp_path / "run"))
  assert not (tmp_path / "run").exists()


def test_records_of_other_classes_are_told_before_a_training(tmp_path):
  # What a configuration for VOC does with the records of another data set.
  params = digits.experiment(dataset="voc2012")
  with pytest.raises(ValueError, match="records of 'digits' with class_names"):
    run.run_experiment(params, "train", str(tmp_path / "run"))
  assert not (tmp_path / "run").exists()


def test_validation_records_of_other_classes_are_told_before_a_training(
  tmp_path,
):
  other = dataset_info.DatasetInfo("letters", tuple("abcdefghijk"))
  dataset_info.save_dataset_info(other, tmp_path)
  params = digits.experiment(validation_data={"input_path": str(tmp_path)})
  with pytest.raises(ValueError, match="records of 'letters'.*links to"):
    run.run_experiment(params, "train", str(tmp_path / "run"))
  assert not (tmp_path / "run").exists()


def test_classes_beside_records_count_whatever_the_folder_is_called(
  tmp_path, monkeypatch
):
  dataset_info.save_dataset_info(
    dataset_info.DatasetInfo("two", ("a", "b")), tmp_path
  )
  monkeypatch.chdir(tmp_path.parent)
  os.symlink(tmp_path.name, "camvid")
  task = configs.SegmentationTask()
  task.train_data.input_path = "camvid"
  assert sources.dataset_of(task).num_classes == 2


class _Labels(source.Source):
  """Images of one pixel each."""

  fingerprint = ""

  def __init__(self, *labels):
    self.size = len(labels)
    self._labels = tf.constant(labels)

  def read(self, index):
    return index

  def decode(self, element, *, with_label=True):
    del with_label
    return {"label": tf.reshape(self._labels[element], [1, 1, 1])}


_SPOTS = dataset_info.DatasetInfo("spots", ("sky", "spot"))


@pytest.mark.parametrize(
  "labels, seen",
  [((0, 0, 255), "sky alone"), ((1,), "spot alone"), ((255, 255), "nothing")],
)
def test_one_class_alone_is_not_trained_on(labels, seen):
  with pytest.raises(ValueError, match=f"show {seen}.*--label_map=255:LABEL"):
    sources.check_learnable(_Labels(*labels), _SPOTS)


def test_two_classes_are_enough():
  sources.check_learnable(_Labels(0, 255, 1, 7), _SPOTS)


@pytest.mark.parametrize(
  "data, message",
  [
    ({"input_path": "/nowhere"}, ".input_path is '/nowhere', which is no fold"),
    (
      {"input_path": "/a", "tfds_name": "pets"},
      ".input_path and tfds_name are",
    ),
    ({"tfds_name": "pets"}, ".tfds_name is 'pets', but tfds_split is empty"),
  ],
)
def test_validation_data_are_named_by_their_keys(data, message):
  config = configs.SegmentationTask().validation_data
  config.override(data)
  with pytest.raises(
    (ValueError, OSError), match="^task.validation_data" + message
  ):
    sources.open_source(config)
