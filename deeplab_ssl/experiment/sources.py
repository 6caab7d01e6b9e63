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

"""Where the images of a configuration come from: TFRecords or TFDS."""

import tensorflow as tf

from deeplab_ssl.experiment import configs
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import preprocess
from deeplab_ssl.input import record_source
from deeplab_ssl.input import source
from deeplab_ssl.input import tfds_source

# What validation data take over from the training data, the splits aside.
_SHARED = (
  "input_path",
  "tfds_name",
  "tfds_data_dir",
  "tfds_image_key",
  "tfds_label_key",
  "tfds_label_map",
)


def open_source(config: configs.DataConfig) -> source.Source:
  """Returns the source that a data configuration names.

  Args:
    config: the configuration of one split.

  Raises:
    ValueError: if it names both kinds of source, or one that is not usable.
    FileNotFoundError: if the data are not there.
  """
  place = "task.train_data" if config.is_training else "task.validation_data"
  folder = config.input_path
  if not config.tfds_name:
    # Without a split, it is a pattern of files.
    if config.split and not tf.io.gfile.isdir(folder):
      raise FileNotFoundError(
        f"{place}.input_path is {folder!r}, which is no folder. Convert your "
        "data first (docs/datasets.md)."
      )
    return record_source.open_split(folder, config.split)
  if folder:
    raise ValueError(
      f"{place}.input_path and tfds_name are two sources of one split; give "
      f"one of them. Received: input_path={folder!r}, "
      f"tfds_name={config.tfds_name!r}."
    )
  if not config.tfds_split:
    raise ValueError(
      f"{place}.tfds_name is {config.tfds_name!r}, but tfds_split is empty: "
      "name a split of the data set, such as train."
    )
  return tfds_source.TfdsSource(
    config.tfds_name,
    config.tfds_split,
    data_dir=config.tfds_data_dir,
    image_key=config.tfds_image_key,
    label_key=config.tfds_label_key,
    label_map=config.tfds_label_map,
  )


def size_range(config: configs.DataConfig) -> preprocess.SizeRange | None:
  """Returns to which size images of a split are resized; None for their own.

  Args:
    config: the configuration of the split.
  """
  if config.min_resize_value is None:
    return None
  return preprocess.SizeRange(
    config.min_resize_value,
    config.max_resize_value,
    config.resize_factor,
    config.keep_aspect_ratio,
  )


def open_training(config: configs.DataConfig) -> source.Source:
  """Opens the training data; says how to give them where they are not there.

  Args:
    config: `task.train_data`.

  Raises:
    ValueError: if the configuration names no source, or two.
    FileNotFoundError: if the data are not there.
  """
  if not config.input_path and not config.tfds_name:
    raise ValueError(
      "task.train_data.input_path is empty: give the folder of your records, "
      "--params_override=task.train_data.input_path=DIR, or a data set of TFDS "
      "with tfds_name."
    )
  opened = open_source(config)
  if not opened.size:
    raise ValueError(
      f"task.train_data is of {config.tfds_name!r}, whose split "
      f"{config.tfds_split!r} is empty. Name another tfds_split."
    )
  return opened


def told(config: configs.DataConfig, opened: source.Source) -> str:
  """Returns which images these are, the same for equal ones wherever they lie.

  Args:
    config: the configuration of the split.
    opened: its images.
  """
  words = f"{opened.size} images (checksum {opened.fingerprint[:16]}"
  if config.tfds_name:
    # They say what of an example is read, and how its labels are.
    words += (
      f", {config.tfds_image_key}, {config.tfds_label_key}, "
      f"{list(config.tfds_label_map)}"
    )
  return f"{words})"


def check_learnable(
  opened: source.Source, info: dataset_info.DatasetInfo
) -> None:
  """Fails if a single class is all there is to learn.

  So look masks of 0 and 255 where 255 should have been a class, not void. The
  labels are read until there are two classes, which is soon in other data.

  Args:
    opened: the training images.
    info: their data set.

  Raises:
    ValueError: if all pixels that are not void are of one class, or all void.
  """
  labels = tf.data.Dataset.range(opened.size).map(
    lambda index: (
      tf.unique(tf.reshape(opened.decode(opened.read(index))["label"], [-1])).y
    ),
    num_parallel_calls=tf.data.AUTOTUNE,
  )
  seen = set()
  for values in labels.as_numpy_iterator():
    seen |= set(values.tolist()) - {info.ignore_label}
    if len(seen) > 1:
      return
  names = [
    info.class_names[label] for label in seen if label < info.num_classes
  ]
  raise ValueError(
    f"The training images show {', '.join(names) or 'nothing'} alone; all else "
    f"is void ({info.ignore_label}), which is not learned. If the masks mean a "
    f"class by {info.ignore_label}, convert them again with --label_map="
    f"{info.ignore_label}:LABEL. `python -m deeplab_ssl.check_data` counts the "
    "pixels of each class."
  )


def dataset_of(task: configs.SegmentationTask) -> dataset_info.DatasetInfo:
  """Returns the data set of a task.

  Args:
    task: its configuration. Without `dataset`, the classes are those beside
      the training records, or those that the TFDS data set names.

  Raises:
    ValueError: if the data set is unknown or names no classes.
    FileNotFoundError: if a file of it does not exist.
  """
  train = task.train_data
  if train.tfds_name and not task.dataset:
    return open_source(train).info()
  if task.dataset:
    return dataset_info.get_dataset_info(task.dataset)
  return dataset_info.dataset_of_folder(train.input_path)


def check_classes(
  info: dataset_info.DatasetInfo, data: configs.DataConfig, remedy: str
) -> None:
  """Fails if records say that their labels stand for other classes.

  Args:
    info: the data set of the model.
    data: the configuration of a split; TFDS, and a folder without a
      dataset.yaml, pass.
    remedy: a sentence on what the user can do, besides giving other records.

  Raises:
    ValueError: if the classes or the void of the records are others.
  """
  data_dir = data.input_path
  facts = f"{data_dir}/{dataset_info.DATASET_FILE}"
  if not data_dir or not tf.io.gfile.exists(facts):
    return
  found = dataset_info.dataset_of_folder(data_dir)
  if differing := dataset_info.differing_classes(found, info):
    field, theirs, ours = differing
    raise ValueError(
      f"{data_dir} holds records of {found.name!r} with {field}={theirs}; "
      f"{info.name!r} has {ours}. Give other records. {remedy}"
    )


def inherit(task: configs.SegmentationTask) -> None:
  """Lets the validation data be of the training data's source.

  Args:
    task: its validation data are changed if they name no source themselves.
  """
  train, validation = task.train_data, task.validation_data
  if not validation.input_path and not validation.tfds_name:
    for name in _SHARED:
      setattr(validation, name, getattr(train, name))


def redirect(
  data: configs.DataConfig, data_dir: str | None, split: str | None
) -> None:
  """Points a data configuration to other data.

  Args:
    data: is changed.
    data_dir: a folder of records, which takes the place of any source.
    split: another split of the source.
  """
  if data_dir:
    data.input_path, data.tfds_name = data_dir, ""
  if data.tfds_name:
    data.tfds_split = split or data.tfds_split
    data.split = data.tfds_split  # What reports name.
  data.split = split or data.split
