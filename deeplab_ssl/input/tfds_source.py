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

"""Data sets of TensorFlow Datasets as a source of the pipelines."""

from collections.abc import Sequence
import functools
import os

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import encoded_image
from deeplab_ssl.input import label_maps
from deeplab_ssl.input import masks
from deeplab_ssl.input import record_index
from deeplab_ssl.input import records
from deeplab_ssl.input import source

# Features that name an image, in builders of ours and in TFDS's catalogue.
_NAME_KEYS = ("filename", "file_name", "image_id")


class TfdsSource(source.Source):
  """Reads one split of a data set that TFDS has prepared.

  Args:
    name: what `tfds.builder` takes, "oxford_iiit_pet:3.*.*"; a data set whose
      code is not imported is found by its files.
    split: "train", or a part such as "train[:80%]".
    data_dir: folder of the prepared data sets; "" takes TFDS's default.
    image_key: the feature with the image, a `tfds.features.Image` of 3 channels
      and 8 bits.
    label_key: the feature with the labels, an 8-bit `Image`, a `LabeledImage`
      or an integer `Tensor` `[height, width]` or `[height, width, 1]`.
    label_map: at position v, the class of the stored label v, or the ignore
      label; a stored label beyond it is an error. Empty: the stored labels are
      the classes.

  Raises:
    ValueError: if there is no such data set or split, or the features do not
      serve.
    FileNotFoundError: from `size` and `read`, if the data set is not prepared.
  """

  def __init__(
    self,
    name: str,
    split: str,
    *,
    data_dir: str = "",
    image_key: str = "image",
    label_key: str = "segmentation_label",
    label_map: Sequence[int] = (),
  ):
    self.name, self.split = name, split
    self._data_dir = data_dir
    try:
      self._builder = tfds.builder(name, data_dir=data_dir or None)
    except tfds.core.DatasetNotFoundError as error:
      where = data_dir or tfds.core.constants.DATA_DIR
      raise ValueError(
        f"TFDS has no data set {name!r}, and {where} holds none of that name. "
        "Build it first, or give tfds_data_dir (docs/datasets.md)."
      ) from error
    features = self._builder.info.features
    self._image_key, self._label_key = image_key, label_key
    for key in (image_key, label_key):
      if key not in features:
        raise ValueError(
          f"Data set {name!r} has no feature {key!r}. It has "
          f"{', '.join(sorted(features))}; set tfds_image_key and "
          "tfds_label_key."
        )
    _check_image(name, image_key, features[image_key])
    _check_label(name, label_key, features[label_key])
    self._label_map = _table(label_map)
    self._name_key = next(
      (k for k in _NAME_KEYS if k in features and _is_text(features[k])), None
    )

    self._partial = tfds.decode.PartialDecoding(
      dict.fromkeys(filter(None, (image_key, label_key, self._name_key)), True),
      # Encoded images wait for `decode`, which knows what a label may be.
      decoders={
        key: tfds.decode.SkipDecoding()
        for key in (image_key, label_key)
        if isinstance(features[key], tfds.features.Image)
      },
    )

  @functools.cached_property
  def _index(self) -> record_index.RecordIndex:
    splits = self._builder.info.splits
    if not splits:
      where = f", data_dir={self._data_dir!r}" if self._data_dir else ""
      raise FileNotFoundError(
        f"Data set {self.name!r} is not prepared in {self._builder.data_dir}. "
        "Prepare it first: import tensorflow_datasets as tfds; "
        f"tfds.builder({self.name!r}{where}).download_and_prepare()"
      )
    file_format = self._builder.info.file_format
    if file_format != tfds.core.FileFormat.TFRECORD:
      raise ValueError(
        f"Data set {self.name!r} is prepared as {file_format.value} files; "
        "prepare it as TFRecords: download_and_prepare(file_format='tfrecord')."
      )
    parts = splits[self.split].file_instructions
    return record_index.RecordIndex(
      [
        record_index.Span(os.fspath(part.filename), part.skip, part.take)
        for part in parts
      ]
    )

  @property
  def size(self) -> int:
    """How many images there are; see the base class."""
    return len(self._index)

  @property
  def fingerprint(self) -> str:
    """A digest of the contents; see the base class."""
    return self._index.fingerprint

  def read(self, index):
    return {
      "serialized": self._index.read(index),
      "id": self._index.name(index),
    }

  def decode(self, element, *, with_label=True):
    example = self._deserialize(element)
    image = encoded_image.decode(example[self._image_key])
    size = tf.shape(image)[:2]
    decoded = self._decoded(element, example, image, size, with_label)
    if with_label:
      decoded["label"] = tf.cast(decoded["label"], tf.int32)
    return decoded

  def image_size(self, element):
    return encoded_image.size(self._deserialize(element)[self._image_key])

  def decode_box(self, element, box):
    example = self._deserialize(element)
    encoded = example[self._image_key]
    image = encoded_image.decode_box(encoded, box)
    size = encoded_image.size(encoded)
    return self._decoded(element, example, image, size, with_label=True)

  def _deserialize(self, element):
    features = self._builder.info.features
    return self._partial.extract_features(features).deserialize_example(
      element["serialized"], decoders=self._partial.decoders
    )

  def _decoded(self, element, example, image, size, with_label):
    filename = example[self._name_key] if self._name_key else element["id"]
    decoded = {"image": image, "filename": filename}
    if with_label:
      decoded["label"] = self._decode_label(example, filename, size)
    return decoded

  def _decode_label(self, element, filename, size):
    label = element[self._label_key]
    if label.dtype == tf.string:
      label = records.decode_label(label, filename, size)
    else:
      label = records.check_label_size(label, filename, size)
      label = tf.reshape(tf.cast(label, tf.int32), [size[0], size[1], 1])
    if self._label_map is not None:
      label = _map_label(label, self._label_map, filename)
    return label

  def info(self) -> dataset_info.DatasetInfo:
    """Returns the classes that the data set itself names.

    Without a label map, the labels of a class called "void" are void.

    Raises:
      ValueError: if it names none.
    """
    feature = self._builder.info.features[self._label_key]
    names = list(getattr(feature, "names", None) or ())
    if not names or names == [str(i) for i in range(len(names))]:
      raise ValueError(
        f"Data set {self.name!r} does not name the classes of "
        f"{self._label_key!r}. Give task.dataset, the name or the YAML file of "
        "a data set (docs/datasets.md)."
      )
    void = 255
    if self._label_map is not None:
      names = self._mapped(names)
    elif label_maps.VOID in names:
      void = names.index(label_maps.VOID)
    return dataset_info.DatasetInfo(
      self._builder.name, tuple(names), ignore_label=void
    )

  def _mapped(self, names):
    """Names by class instead of by stored label."""
    stored = self._label_map[: len(names)]
    classes = np.setdiff1d(stored, [masks.ILLEGAL, 255])
    if not np.array_equal(classes, np.arange(len(classes))):
      raise ValueError(
        "tfds_label_map must lead to the classes 0, 1, ... and 255 for void. "
        f"Received: {stored.tolist()}."
      )
    return [names[np.flatnonzero(stored == label)[0]] for label in classes]


def _is_text(feature):
  return isinstance(feature, tfds.features.Text)


def _check_image(name, key, feature):
  if (
    not isinstance(feature, tfds.features.Image)
    or feature.shape[-1] != 3
    or feature.np_dtype != np.uint8
  ):
    raise ValueError(
      f"Feature {key!r} of {name!r} must be an 8-bit image with 3 channels. "
      f"Received: {feature}."
    )


def _check_label(name, key, feature):
  if isinstance(feature, tfds.features.Image):
    legal = feature.np_dtype == np.uint8
  else:
    legal = (
      isinstance(feature, tfds.features.Tensor)
      and np.issubdtype(feature.np_dtype, np.integer)
      and (len(feature.shape) == 2 or feature.shape[2:] == (1,))
    )
  if not legal:
    raise ValueError(
      f"Feature {key!r} of {name!r} must be an 8-bit image or an integer "
      f"[height, width]. Received: {feature}."
    )


def _table(label_map):
  """int32 `[256]` with `masks.ILLEGAL` past the map, None without one."""
  if not label_map:
    return None
  if len(label_map) > 256 or not all(
    type(label) is int and 0 <= label <= 255 for label in label_map
  ):
    raise ValueError(
      "tfds_label_map must be at most 256 integers in 0..255. Received: "
      f"{list(label_map)}."
    )
  table = np.full(256, masks.ILLEGAL, np.int32)
  table[: len(label_map)] = label_map
  return table


def _map_label(label, table, filename):
  label = tf.cast(label, tf.int32)
  inside = (label >= 0) & (label < 256)
  mapped = tf.gather(tf.constant(table), tf.where(inside, label, 0))
  wrong = ~inside | (mapped == masks.ILLEGAL)
  values = tf.unique(tf.boolean_mask(label, wrong)).y
  check = tf.debugging.Assert(
    tf.equal(tf.size(values), 0),
    ["A label beyond tfds_label_map: file, values:", filename, values],
    summarize=20,
  )
  with tf.control_dependencies([check] if check is not None else []):
    return tf.identity(mapped)
