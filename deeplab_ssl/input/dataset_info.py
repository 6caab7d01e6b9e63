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

"""What is known about a data set: its classes, colours, void and splits.

Facts live in one table, `_REGISTRY`; data sets of one's own are YAML files
with the fields of `DatasetInfo`:

    name: pets
    class_names: [background, cat, dog]
"""

from collections.abc import Mapping
import dataclasses
import os
import pathlib
from typing import Any

import yaml

from deeplab_ssl.common import atomic_files
from deeplab_ssl.common import names as names_lib
from deeplab_ssl.common import suggestions
from deeplab_ssl.common import yaml_keys
from deeplab_ssl.input import ade20k_classes
from deeplab_ssl.input import label_maps

DATASET_FILE = "dataset.yaml"
Color = tuple[int, int, int]


def voc_colormap(num_classes: int) -> tuple[Color, ...]:
  """Computes the colours of PASCAL VOC, which exist for every class count.

  Bit `3 k + c` of the class index becomes bit `7 - k` of channel c.

  Args:
    num_classes: how many colours are wanted, 1 to 256.

  Returns:
    One (red, green, blue) in 0..255 per class; class 0 is black.

  Source: VOClabelcolormap of the VOC development kit.
  """
  colors = []
  for index in range(num_classes):
    color = [0, 0, 0]
    for k in range(8):
      for channel in range(3):
        color[channel] |= (index >> (3 * k + channel) & 1) << (7 - k)
    colors.append(tuple(color))
  return tuple(colors)


@dataclasses.dataclass(frozen=True)
class DatasetInfo:
  """The facts of one data set.

  Attributes:
    name: what reports call it.
    class_names: one name per class, two or more; the position is the label.
      Void is not a class and is not listed, unless a network has a channel for
      it.
    colormap: one (red, green, blue) in 0..255 per class; if left out, the
      colours of PASCAL VOC.
    ignore_label: the label of void pixels, which are not counted; 0..255 and
      not a class. Or that of the class "void": logits have a channel for it,
      which no pixel trains and no score counts.
    splits: number of records per split; empty if unknown.
    eval_ids: one number in 0..255 per class, all different, that stands for the
      class in the files a test server takes; empty if that is the label.
    label_map: {value in a mask file: its class, by number or name, or void, as
      the ignore label or "void"}; kept as numbers. Other values stand for
      themselves. Records hold labels, to which it is not applied again.

  Raises:
    ValueError: if the fields do not fit together.
  """

  name: str
  class_names: tuple[str, ...]
  colormap: tuple[Color, ...] = ()
  ignore_label: int = 255
  splits: Mapping[str, int] = dataclasses.field(default_factory=dict)
  eval_ids: tuple[int, ...] = ()
  label_map: Mapping[int, int | str] = dataclasses.field(default_factory=dict)

  def __post_init__(self):
    def fail(field, expected):
      raise ValueError(
        f"Data set {self.name!r}: `{field}` must be {expected}. "
        f"Received: {getattr(self, field)!r}."
      )

    if not isinstance(self.name, str) or not self.name:
      fail("name", "a non-empty string")
    names = self.class_names
    if not isinstance(names, (list, tuple)) or not names:
      fail("class_names", "a non-empty list of strings")
    if not all(isinstance(name, str) and name for name in names):
      # YAML reads an unquoted `no` or `7` as something other than text.
      fail("class_names", "a list of strings (quote names like 'no' or '7')")
    if any(map(names_lib.holds_control, (self.name, *names))):
      # Tables and the tags of TensorBoard have each name in one line.
      fail("class_names", "names of one line, like that of the data set")
    if len(set(names)) < len(names):
      fail("class_names", "free of duplicates")
    if len(names) < 2:
      # Every pixel that is not void would be of the class, so that any model
      # is always right.
      fail(
        "class_names",
        "two or more names, since with one class there is nothing to tell "
        "apart: name what is not of it as well, [background, "
        f"{names[0]}], void being what is neither",
      )
    if len(names) > 255:
      fail("class_names", "at most 255 names, since masks hold 8 bits")
    colors = self.colormap or voc_colormap(len(names))
    if not isinstance(colors, (list, tuple)) or not all(
      isinstance(color, (list, tuple))
      and len(color) == 3
      and all(map(label_maps.is_byte, color))
      for color in colors
    ):
      fail("colormap", "a list of [red, green, blue] in 0..255")
    if len(colors) != len(names):
      fail("colormap", f"as long as class_names, {len(names)}")
    ignored = self.ignore_label
    if not label_maps.is_byte(ignored) or (
      ignored < len(names) and names[ignored] != label_maps.VOID
    ):
      fail(
        "ignore_label",
        f"an integer in {len(names)}..255, outside the {len(names)} classes, "
        f"or the label of a class that is called {label_maps.VOID!r}",
      )
    if not isinstance(self.splits, Mapping) or not all(
      isinstance(split, str) and type(size) is int and size >= 0
      for split, size in self.splits.items()
    ):
      fail("splits", "a mapping of split names to numbers of records")
    ids = self.eval_ids
    if not isinstance(ids, (list, tuple)) or not all(
      map(label_maps.is_byte, ids)
    ):
      fail("eval_ids", "a list of integers in 0..255")
    if ids and (len(ids) != len(names) or len(set(ids)) < len(ids)):
      fail("eval_ids", f"empty or {len(names)} different ids, one per class")
    try:
      label_map = label_maps.resolve(self.label_map, names, self.ignore_label)
    except ValueError as error:
      raise ValueError(f"Data set {self.name!r}: {error}.") from error
    set_field = object.__setattr__  # The way round `frozen` in a constructor.
    set_field(self, "class_names", tuple(names))
    set_field(self, "colormap", tuple(map(tuple, colors)))
    set_field(self, "splits", dict(self.splits))
    set_field(self, "eval_ids", tuple(ids))
    set_field(self, "label_map", label_map)

  @property
  def num_classes(self) -> int:
    """How many classes there are, which is how many channels logits have."""
    return len(self.class_names)

  @property
  def scored_labels(self) -> tuple[int, ...]:
    """The labels that are trained on and scored: all classes but void."""
    return tuple(
      label for label in range(self.num_classes) if label != self.ignore_label
    )

  @property
  def palette(self) -> bytes:
    """256 x 3 bytes for palette PNGs; entries without a class are VOC's."""
    colors = self.colormap + voc_colormap(256)[self.num_classes :]
    return bytes(value for color in colors for value in color)


def differing_classes(
  first: DatasetInfo, second: DatasetInfo
) -> tuple[str, Any, Any] | None:
  """Finds where labels of two data sets do not mean the same.

  Args:
    first: a data set.
    second: another one.

  Returns:
    (the field, its value in the first, that in the second); None if a label of
    one means the same in the other.
  """
  for field in ("class_names", "ignore_label"):
    values = getattr(first, field), getattr(second, field)
    if values[0] != values[1]:
      return field, *values
  return None


_VOC_NAMES = (
  "background aeroplane bicycle bird boat bottle bus car cat chair cow "
  "diningtable dog horse motorbike person pottedplant sheep sofa train "
  "tvmonitor"
).split()

# labelId and colour of the classes with a trainId, in the order of trainIds;
# from the label table of cityscapesScripts.
_CITYSCAPES = {
  "road": (7, 128, 64, 128),
  "sidewalk": (8, 244, 35, 232),
  "building": (11, 70, 70, 70),
  "wall": (12, 102, 102, 156),
  "fence": (13, 190, 153, 153),
  "pole": (17, 153, 153, 153),
  "traffic light": (19, 250, 170, 30),
  "traffic sign": (20, 220, 220, 0),
  "vegetation": (21, 107, 142, 35),
  "terrain": (22, 152, 251, 152),
  "sky": (23, 70, 130, 180),
  "person": (24, 220, 20, 60),
  "rider": (25, 255, 0, 0),
  "car": (26, 0, 0, 142),
  "truck": (27, 0, 0, 70),
  "bus": (28, 0, 60, 100),
  "train": (31, 0, 80, 100),
  "motorcycle": (32, 0, 0, 230),
  "bicycle": (33, 119, 11, 32),
}

# The 11 classes and colours that the literature evaluates (SegNet's choice).
_CAMVID = {
  "Sky": (128, 128, 128),
  "Building": (128, 0, 0),
  "Pole": (192, 192, 128),
  "Road": (128, 64, 128),
  "Pavement": (60, 40, 222),
  "Tree": (128, 128, 0),
  "SignSymbol": (192, 128, 128),
  "Fence": (64, 64, 128),
  "Car": (64, 0, 128),
  "Pedestrian": (64, 64, 0),
  "Bicyclist": (0, 128, 192),
}

_REGISTRY = {
  info.name: info
  for info in (
    DatasetInfo(
      "voc2012",
      _VOC_NAMES,
      splits={
        "train": 1464,
        "trainaug": 10582,
        "trainval": 2913,
        "val": 1449,
        "test": 1456,
      },
    ),
    DatasetInfo(
      "cityscapes",
      tuple(_CITYSCAPES),
      tuple(color for _, *color in _CITYSCAPES.values()),
      splits={"train": 2975, "val": 500, "test": 1525},
      eval_ids=tuple(label_id for label_id, *_ in _CITYSCAPES.values()),
    ),
    DatasetInfo(
      "camvid",
      tuple(_CAMVID),
      tuple(_CAMVID.values()),
      splits={"train": 367, "val": 101, "test": 233},
    ),
    # The label 0 is void and has a channel in the original's networks.
    DatasetInfo(
      "ade20k",
      (label_maps.VOID, *ade20k_classes.CLASSES),
      ((0, 0, 0), *ade20k_classes.CLASSES.values()),
      ignore_label=0,
      splits={"train": 20210, "val": 2000},
    ),
    DatasetInfo(
      "digits", ("background", *(f"digit {digit}" for digit in range(10)))
    ),
  )
}


def _load(path):
  try:
    text = path.read_text(encoding="utf-8")
    yaml_keys.check(text, str(path))
    raw = yaml.safe_load(text)
  except (UnicodeDecodeError, yaml.YAMLError) as error:
    raise ValueError(f"{path} is not valid YAML: {error}") from error
  if not isinstance(raw, dict):
    raise ValueError(
      f"{path} must hold the fields name and class_names. Received: "
      f"{type(raw).__name__}."
    )
  fields = [field.name for field in dataclasses.fields(DatasetInfo)]
  for key in raw:
    if key not in fields:
      raise ValueError(
        f"{path}: unknown key {key!r}."
        f"{suggestions.did_you_mean(str(key), fields)} Known keys: "
        f"{', '.join(fields)}."
      )
  missing = {"name", "class_names"} - raw.keys()
  if missing:
    raise ValueError(f"{path} lacks {', '.join(sorted(missing))}.")
  try:
    return DatasetInfo(**raw)
  except ValueError as error:
    raise ValueError(f"{path}: {error}") from error


def dataset_of_folder(folder: str | os.PathLike) -> DatasetInfo:
  """Returns the facts that lie beside records or an exported model.

  Args:
    folder: holds a `dataset.yaml`, whatever the folder is called.

  Returns:
    The facts.

  Raises:
    FileNotFoundError: if there is no such folder, or no such file in it.
    ValueError: for an unknown key in the file or fields that do not fit
      together.
  """
  folder = pathlib.Path(folder)
  if not folder.is_dir():
    raise FileNotFoundError(f"The folder {folder} does not exist.")
  if not (folder / DATASET_FILE).is_file():
    raise FileNotFoundError(
      f"{folder} holds no {DATASET_FILE}. Convert a split into it, or give a "
      f"known name ({', '.join(_REGISTRY)}) or the path of a YAML file."
    )
  return _load(folder / DATASET_FILE)


def declared_size(folder: str | os.PathLike, split: str) -> int | None:
  """Returns how many records a split has, by the facts beside them.

  Args:
    folder: of the records.
    split: the split, "train".

  Returns:
    The number; None if the folder does not say it.

  Raises:
    ValueError: as `dataset_of_folder`.
  """
  facts = pathlib.Path(folder) / DATASET_FILE
  return _load(facts).splits.get(split) if facts.is_file() else None


def get_dataset_info(name_or_path: str | os.PathLike) -> DatasetInfo:
  """Returns the facts of a known data set or of one's own.

  Args:
    name_or_path: "voc2012", "cityscapes", "camvid", "ade20k" or "digits"; or
      the path of a YAML file; or a folder that holds a `dataset.yaml`, as every
      folder of converted records does. A folder that may be called like a known
      data set is read by `dataset_of_folder`.

  Returns:
    The facts.

  Raises:
    ValueError: for an unknown name (with the nearest known one), an unknown
      key in the file or fields that do not fit together.
    FileNotFoundError: if the path does not exist.
  """
  name = os.fspath(name_or_path)
  if name in _REGISTRY:
    return _REGISTRY[name]
  path = pathlib.Path(name)
  if path.is_dir():
    return dataset_of_folder(path)
  if path.is_file():
    return _load(path)
  if path.name == DATASET_FILE:
    return dataset_of_folder(path.parent)
  if path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
    raise FileNotFoundError(f"The data set file {path} does not exist.")
  raise ValueError(
    f"Unknown data set {name!r}."
    f"{suggestions.did_you_mean(name, _REGISTRY)} Known: "
    f"{', '.join(_REGISTRY)}; or give the path of a YAML file."
  )


def save_dataset_info(info: DatasetInfo, path: str | os.PathLike) -> None:
  """Writes the facts as YAML that `get_dataset_info` reads back equal.

  Args:
    info: the facts.
    path: the file, or an existing folder that gets a `dataset.yaml`.
  """
  path = pathlib.Path(path)
  if path.is_dir():
    path = path / DATASET_FILE
  raw = dataclasses.asdict(info)
  raw["class_names"] = list(info.class_names)
  raw["colormap"] = [list(color) for color in info.colormap]
  raw["eval_ids"] = list(info.eval_ids)
  text = yaml.safe_dump(raw, sort_keys=False, default_flow_style=None)
  atomic_files.write(path, text.encode())
