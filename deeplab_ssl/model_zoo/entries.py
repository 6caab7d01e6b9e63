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

"""The checkpoints of research/deeplab's model zoo, in one table.

Source: names, archives and figures are those of
research/deeplab/g3doc/model_zoo.md. It refers to slim's page of MobileNets for
the ImageNet MobileNetV2.
"""

from collections.abc import Mapping
import dataclasses
from typing import Any

from deeplab_ssl.common import suggestions

URL_BASE = "https://download.tensorflow.org/models"
_SLIM_URL_BASE = "https://storage.googleapis.com/mobilenet_v2/checkpoints"

_DECODER = {"decoder_output_stride": 4, "decoder_use_separable_conv": True}
_XCEPTION = _DECODER | {
  "atrous_rates": [6, 12, 18],
  "aspp_with_separable_conv": True,
}
_MOBILENET = {"atrous_rates": None}
_RESNET = {"multi_grid": [1, 2, 4]}

_DPC = _DECODER | {
  "dense_prediction_cell": "dense_prediction_cell_branch5_top1_cityscapes",
}
# At output stride 32, which the page gives with the others.
_MOBILENET_V3 = {
  "output_stride": 32,
  "atrous_rates": None,
  "image_pooling_crop_size": [769, 769],
  "image_pooling_stride": [4, 5],
  "aspp_convs_filters": 128,
  "aspp_with_concat_projection": False,
  "aspp_with_squeeze_and_excitation": True,
  "image_se_uses_qsigmoid": True,
  "decoder_output_stride": 8,
  "decoder_use_sum_merge": True,
  "decoder_filters": 19,
  "decoder_output_is_logits": True,
}
# First components of the names of variables, where the backbone is called
# otherwise.
_SCOPES = {
  "mobilenet_v2": "MobilenetV2",
  "mobilenet_v3_large_seg": "MobilenetV3",
  "mobilenet_v3_small_seg": "MobilenetV3",
  "mobilenet_edgetpu": "MobilenetEdgeTPU",
}


# The registered data sets of the heads; `trained_on` ends with one of them.
_DATASETS = {"VOC": "voc2012", "Cityscapes": "cityscapes", "ADE20K": "ade20k"}


@dataclasses.dataclass(frozen=True)
class Entry:
  """One checkpoint of the zoo.

  Attributes:
    name: its name in the zoo.
    archive: file name of the `.tar.gz` or `.tgz`.
    backbone: `backbone` of `modeling.build_deeplab`.
    trained_on: data sets, in the order of the trainings.
    mean_iou: as the zoo reports it, in percent, with split and output stride;
      "" for a backbone alone.
    size: size of the archive as the zoo gives it; "" where it does not.
    options: further arguments of `modeling.build_deeplab` that the checkpoint
      needs, at output stride 16 unless they say another.
    modules: value for `init_checkpoint_modules`: "all", or "backbone" where
      there is nothing else.
    url_base: where the archive lies.
  """

  name: str
  archive: str
  backbone: str
  trained_on: str
  mean_iou: str = ""
  size: str = ""
  options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
  modules: str = "all"
  url_base: str = URL_BASE

  @property
  def scope(self) -> str:
    """First component of the names of the backbone's variables."""
    return _SCOPES.get(self.backbone, self.backbone.removesuffix("_beta"))

  @property
  def dataset(self) -> str:
    """Name of the registered data set of its classes; "" without a head."""
    if self.modules == "backbone":
      return ""
    last = self.trained_on.rpartition(", ")[2]
    return _DATASETS[last.partition(" ")[0]]

  def url(self, url_base: str = "") -> str:
    """Returns where the archive is fetched.

    Args:
      url_base: a mirror's address that takes the place of the zoo's.
    """
    return f"{(url_base or self.url_base).rstrip('/')}/{self.archive}"


def _backbone(name, archive, backbone, trained_on, size="", **kwargs):
  return Entry(
    name, archive, backbone, trained_on, size=size, modules="backbone", **kwargs
  )


_VOC = "ImageNet, COCO, VOC 2012 trainaug"
_VOC_TRAINVAL = "ImageNet, COCO, VOC 2012 trainaug and trainval"
ENTRIES = (
  Entry(
    "mobilenetv2_dm05_coco_voc_trainaug",
    "deeplabv3_mnv2_dm05_pascal_trainaug_2018_10_01.tar.gz",
    "mobilenet_v2",
    _VOC,
    "70.19 (val, 16)",
    "7.6 MB",
    _MOBILENET | {"depth_multiplier": 0.5},
  ),
  Entry(
    "mobilenetv2_dm05_coco_voc_trainval",
    "deeplabv3_mnv2_dm05_pascal_trainval_2018_10_01.tar.gz",
    "mobilenet_v2",
    _VOC_TRAINVAL,
    "71.83 (test, 8)",
    "7.6 MB",
    _MOBILENET | {"depth_multiplier": 0.5},
  ),
  Entry(
    "mobilenetv2_coco_voc_trainaug",
    "deeplabv3_mnv2_pascal_train_aug_2018_01_29.tar.gz",
    "mobilenet_v2",
    _VOC,
    "75.32 (val, 16); multi-scale 77.33 (val, 8)",
    "23 MB",
    _MOBILENET,
  ),
  Entry(
    "mobilenetv2_coco_voc_trainval",
    "deeplabv3_mnv2_pascal_trainval_2018_01_29.tar.gz",
    "mobilenet_v2",
    _VOC_TRAINVAL,
    "multi-scale 80.25 (test, 8)",
    "23 MB",
    _MOBILENET,
  ),
  Entry(
    "xception65_coco_voc_trainaug",
    "deeplabv3_pascal_train_aug_2018_01_04.tar.gz",
    "xception_65",
    _VOC,
    "82.20 (val, 16); multi-scale 83.58 (val, 8)",
    "439 MB",
    _XCEPTION,
  ),
  Entry(
    "xception65_coco_voc_trainval",
    "deeplabv3_pascal_trainval_2018_01_04.tar.gz",
    "xception_65",
    _VOC_TRAINVAL,
    "multi-scale 87.80 (test, 8)",
    "439 MB",
    _XCEPTION,
  ),
  Entry(
    "mobilenetv2_coco_cityscapes_trainfine",
    "deeplabv3_mnv2_cityscapes_train_2018_02_05.tar.gz",
    "mobilenet_v2",
    "ImageNet, COCO, Cityscapes train",
    "70.71 (val, 16); multi-scale 73.57 (val, 8)",
    "23 MB",
    _MOBILENET,
  ),
  Entry(
    "mobilenetv3_large_cityscapes_trainfine",
    "deeplab_mnv3_large_cityscapes_trainfine_2019_11_15.tar.gz",
    "mobilenet_v3_large_seg",
    "Cityscapes train",
    "72.41 (val, 32)",
    "17 MB",
    _MOBILENET_V3,
  ),
  Entry(
    "mobilenetv3_small_cityscapes_trainfine",
    "deeplab_mnv3_small_cityscapes_trainfine_2019_11_15.tar.gz",
    "mobilenet_v3_small_seg",
    "Cityscapes train",
    "68.99 (val, 32)",
    "5 MB",
    _MOBILENET_V3,
  ),
  Entry(
    "xception65_cityscapes_trainfine",
    "deeplabv3_cityscapes_train_2018_02_06.tar.gz",
    "xception_65",
    "ImageNet, Cityscapes train",
    "78.79 (val, 16); multi-scale 80.42 (val, 8)",
    "439 MB",
    _XCEPTION,
  ),
  Entry(
    "xception71_dpc_cityscapes_trainfine",
    "deeplab_cityscapes_xception71_trainfine_2018_09_08.tar.gz",
    "xception_71",
    "ImageNet, COCO, Cityscapes train",
    "80.31 (val, 16)",
    "445 MB",
    _DPC,
  ),
  Entry(
    "xception71_dpc_cityscapes_trainval",
    "deeplab_cityscapes_xception71_trainvalfine_2018_09_08.tar.gz",
    "xception_71",
    "ImageNet, COCO, Cityscapes trainval and coarse",
    "multi-scale 82.66 (test, 8)",
    "446 MB",
    _DPC,
  ),
  Entry(
    "EdgeTPU-DeepLab",
    "edgetpu-deeplab_2020_03_09.tar.gz",
    "mobilenet_edgetpu",
    "ImageNet, Cityscapes train",
    "70.6 (val, 32); 74.1 (val, 16)",
    options=_MOBILENET,
  ),
  Entry(
    "EdgeTPU-DeepLab-slim",
    "edgetpu-deeplab-slim_2020_03_09.tar.gz",
    "mobilenet_edgetpu",
    "ImageNet, Cityscapes train",
    "70.0 (val, 32); 73.2 (val, 16)",
    options=_MOBILENET | {"depth_multiplier": 0.75, "aspp_convs_filters": 128},
  ),
  Entry(
    "mobilenetv2_ade20k_train",
    "deeplabv3_mnv2_ade20k_train_2018_12_03.tar.gz",
    "mobilenet_v2",
    "ImageNet, ADE20K train",
    "32.04 (val, 16)",
    "24.8 MB",
    _MOBILENET | _DECODER,
  ),
  Entry(
    "xception65_ade20k_train",
    "deeplabv3_xception_ade20k_train_2018_05_29.tar.gz",
    "xception_65",
    "ImageNet, ADE20K train",
    "multi-scale 45.65 (val, 8)",
    "439 MB",
    _XCEPTION,
  ),
  _backbone(
    "mobilenet_v2_imagenet",
    "mobilenet_v2_1.0_224.tgz",
    "mobilenet_v2",
    "ImageNet",
    url_base=_SLIM_URL_BASE,
  ),
  _backbone(
    "xception_41_imagenet",
    "xception_41_2018_05_09.tar.gz",
    "xception_41",
    "ImageNet",
    "288 MB",
  ),
  _backbone(
    "xception_65_imagenet",
    "deeplabv3_xception_2018_01_04.tar.gz",
    "xception_65",
    "ImageNet",
    "447 MB",
  ),
  _backbone(
    "xception_65_imagenet_coco",
    "xception_65_coco_pretrained_2018_10_02.tar.gz",
    "xception_65",
    "ImageNet, COCO",
    "292 MB",
  ),
  _backbone(
    "xception_71_imagenet",
    "xception_71_2018_05_09.tar.gz",
    "xception_71",
    "ImageNet",
    "474 MB",
  ),
  _backbone(
    "resnet_v1_50_beta_imagenet",
    "resnet_v1_50_2018_05_04.tar.gz",
    "resnet_v1_50_beta",
    "ImageNet",
    "274 MB",
    options=_RESNET,
  ),
  _backbone(
    "resnet_v1_101_beta_imagenet",
    "resnet_v1_101_2018_05_04.tar.gz",
    "resnet_v1_101_beta",
    "ImageNet",
    "477 MB",
    options=_RESNET,
  ),
)


def find(name: str) -> Entry:
  """Returns the entry of a name.

  Args:
    name: a name of the zoo.

  Raises:
    ValueError: for an unknown name, with the nearest known one.
  """
  by_name = {entry.name: entry for entry in ENTRIES}
  if name not in by_name:
    hint = suggestions.did_you_mean(name, by_name)
    raise ValueError(
      f"The model zoo has no checkpoint {name!r}.{hint} --list shows all."
    )
  return by_name[name]


def table() -> str:
  """Returns all entries as a table of text."""
  rows = [
    (
      *("name", "backbone", "trained on", "--dataset"),
      *("mean IoU (split, stride)", "size"),
    )
  ]
  for entry in ENTRIES:
    # The ImageNet classifiers at the end of the list have no head.
    row = (entry.name, entry.backbone, entry.trained_on, entry.dataset)
    rows.append((*row, entry.mean_iou, entry.size))
  widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
  return "\n".join(
    "  ".join(
      cell.ljust(width) for cell, width in zip(row, widths, strict=True)
    ).rstrip()
    for row in rows
  )
