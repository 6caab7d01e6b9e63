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

"""The keys of `task.train_data` and `task.validation_data`."""

import dataclasses

from official.core import config_definitions as cfg

from deeplab_ssl.configuration import fields
from deeplab_ssl.configuration import rules

_TFDS = "where tfds_name is given"
_ORIGINAL = "`{}` of train.py"
_LARGEST_SEED = 2**32 - 1  # numpy takes no larger one.
# Smaller leaves nothing of an image, larger fills the memory.
_SCALE = rules.real(0.01, 16)
_SCHEDULE = "Leave it out: the input reads, mixes and buffers by itself."
_SERVICE = "Leave it out: the input is read by the machine that trains."
_DECODED = "Leave it out: images and masks are decoded together."
_COMMON = "`{}` of common.py"
_SIDE = rules.optional(rules.integer(1))


def _text(default, meaning):
  return fields.declared(default, rules.text(), meaning)


def _augmentation(default, rule, meaning, **options):
  return fields.declared(default, rule, meaning, training_only=True, **options)


def _unused(default, meaning, instead=_SCHEDULE):
  return fields.unused(default, meaning, instead)


@dataclasses.dataclass
class DataConfig(cfg.DataConfig):
  """One split of TFRecords or of TFDS and, for training, its augmentation.

  docs/datasets.md describes both sources.
  """

  input_path: str = _text(
    "", "folder of the shards SPLIT-00000-of-0000N.tfrecord"
  )
  split: str = _text("", "name of the split of records")
  global_batch_size: int = fields.declared(
    0,
    rules.integer(1),
    "images of a step, over all devices; in a validation, images of one size "
    "that are looked at together",
    source=_ORIGINAL.format("train_batch_size"),
    required=True,
  )
  min_resize_value: int | None = fields.declared(
    None,
    _SIDE,
    "shorter side in pixels to which each image is resized with its label "
    "before anything else; null leaves it as it is",
    source=_COMMON.format("min_resize_value"),
  )
  max_resize_value: int | None = fields.declared(
    None,
    _SIDE,
    "longest side that it may get then, which goes before min_resize_value; "
    "null for no limit",
    source=_COMMON.format("max_resize_value"),
  )
  resize_factor: int | None = fields.declared(
    None,
    _SIDE,
    "what both sides become multiples of then, plus one; null for no such "
    "step. It should be the output stride",
    source=_COMMON.format("resize_factor"),
  )
  keep_aspect_ratio: bool = fields.declared(
    True,
    rules.flag(),
    "whether the sides keep their ratio then; if not, both get the length of "
    "the longer one",
    source="`resize_to_range` of preprocess_utils.py",
  )
  crop_size: list[int] = _augmentation(
    [513, 513],
    rules.list_of(rules.integer(1), 2),
    "height and width of a training crop in pixels, each k * output_stride + 1 "
    "with k of 1 or more",
    source=_ORIGINAL.format("train_crop_size"),
  )
  allow_unaligned_crop: bool = _augmentation(
    False,
    rules.flag(),
    "whether larger sides between these are taken, as the original does; two "
    "of the paper's four crops are such",
  )
  min_scale_factor: float = _augmentation(
    0.5,
    _SCALE,
    "smallest random scale of an image",
    source=_ORIGINAL.format("min_scale_factor"),
  )
  max_scale_factor: float = _augmentation(
    2.0,
    _SCALE,
    "largest random scale, at least min_scale_factor",
    source=_ORIGINAL.format("max_scale_factor"),
  )
  scale_factor_step_size: float = _augmentation(
    0.25,
    rules.real(0),
    "distance of the scales, at most that of smallest and largest; 0 draws "
    "them uniformly",
    source=_ORIGINAL.format("scale_factor_step_size"),
  )
  flip: bool = _augmentation(
    True, rules.flag(), "whether images are flipped left to right at random"
  )
  shuffle_buffer_size: int = _unused(
    1000,
    "images among which the next one is drawn",
    "Leave it out: it is drawn among all of the split.",
  )
  seed: int | None = _augmentation(
    None,
    rules.optional(rules.integer(0, _LARGEST_SEED)),
    "makes initial weights, order and augmentation reproducible",
  )
  is_training: bool | None = fields.declared(
    None,
    rules.optional(rules.flag()),
    "true in train_data and false in validation_data, which need not be said",
  )
  tfds_name: str = _text(
    "", "instead of input_path, a data set that TFDS has prepared"
  )
  tfds_split: str = _text("", f'its split, "train" or "train[:80%]", {_TFDS}')
  tfds_data_dir: str = _text(
    "", 'folder where it is prepared; "" takes that of TFDS'
  )
  tfds_image_key: str = _text("image", "its feature with the image")
  tfds_label_key: str = _text(
    "segmentation_label", "its feature with the labels"
  )
  tfds_label_map: list[int] = fields.declared(
    [],
    rules.list_of(rules.integer(0, 255)),
    "at position v the class, or the ignore label, that its label v stands "
    "for; [] if its labels are the classes",
  )
  drop_remainder: bool = _unused(
    True,
    "whether the last, smaller batch is left out",
    "Leave it out: a training repeats its images, a validation reads each.",
  )
  cache: bool = _unused(
    False,
    "whether decoded images stay in memory",
    "Leave it out: records are read anew in each epoch, and the system keeps "
    "files in free memory.",
  )
  cycle_length: int | None = _unused(None, "files that are read together")
  block_length: int = _unused(1, "images that are read from each in turn")
  ram_budget: int | None = _unused(None, "memory of the input in GB")
  deterministic: bool | None = _unused(
    None,
    "whether the order repeats",
    "Give a task.train_data.seed instead: with one the order repeats.",
  )
  sharding: bool = _unused(True, "whether machines share the files")
  prefetch_buffer_size: int | None = _unused(None, "batches that wait")
  autotune_algorithm: str | None = _unused(None, "how tf.data tunes itself")
  enable_tf_data_service: bool = _unused(
    False, "whether other machines read", _SERVICE
  )
  tf_data_service_address: str | None = _unused(None, "their address", _SERVICE)
  tf_data_service_job_name: str | None = _unused(
    None, "name of their work", _SERVICE
  )
  enable_shared_tf_data_service_between_parallel_trainers: bool = _unused(
    False, "whether trainings share them", _SERVICE
  )
  apply_tf_data_service_before_batching: bool = _unused(
    False, "whether they give single images", _SERVICE
  )
  trainer_id: str | None = _unused(
    None, "which of these trainings this is", _SERVICE
  )
  tfds_as_supervised: bool = _unused(
    False,
    "whether TFDS gives pairs",
    "Name the features: tfds_image_key and tfds_label_key.",
  )
  tfds_skip_decoding_feature: str = _unused(
    "", "features that TFDS leaves encoded", _DECODED
  )
