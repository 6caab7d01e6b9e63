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

"""Where predictions lie as PNGs, and what these hold, for test servers.

The pixels hold the `eval_ids` of the data set, or the labels where it has none;
the latter as palette PNGs in the colours of the classes. The layouts:

  voc: `results/VOC2012/Segmentation/comp6_SPLIT_cls/ID.png`, as the devkit of
    PASCAL VOC names them; pack the folder `results`.
  cityscapes: `ID_labelIds.png`, where ID is CITY_SEQUENCE_FRAME. The official
    evaluation (evalPixelLevelSemanticLabeling of cityscapesScripts) takes the
    one file `CITY_SEQUENCE_FRAME*.png` in any folder.
  labels: `ID.png`, for every other data set.
"""

from collections.abc import Iterable
import dataclasses
import os
import pathlib
import re

import numpy as np

from deeplab_ssl.common import atomic_files
from deeplab_ssl.common import names as names_lib
from deeplab_ssl.common import problems as problems_lib
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks

FORMATS = ("voc", "cityscapes", "labels")
# comp5 allows the data of VOC alone for training, comp6 any.
COMPETITIONS = ("comp5", "comp6")

_FORMAT_OF = {"voc2012": "voc", "cityscapes": "cityscapes"}
_CITYSCAPES_ID = re.compile(r"[^_/]+_\d+_\d+")
# Of usual file systems, in bytes, for one name without its folders.
_MAX_NAME = 255


class SubmissionError(problems_lib.ProblemsError):
  """All that is wrong with the names of records, or with predictions."""


@dataclasses.dataclass(frozen=True)
class Layout:
  """Where the predictions of a split lie and what their pixels hold.

  Attributes:
    directory: the folder of the submission.
    split: the split, "test".
    info: the data set.
    format: one of `FORMATS`; by default the one of the data set.
    competition: one of `COMPETITIONS`, by default comp6, for "voc", which has
      it in its folder; None for the others.

  Raises:
    ValueError: if an attribute is wrong.
  """

  directory: str | os.PathLike
  split: str
  info: dataset_info.DatasetInfo
  format: str | None = None
  competition: str | None = None

  def __post_init__(self):
    if self.format is None:
      form = _FORMAT_OF.get(self.info.name, "labels")
      object.__setattr__(self, "format", form)
    if self.format == "voc" and self.competition is None:
      object.__setattr__(self, "competition", "comp6")
    for field, known in (
      ("format", FORMATS),
      ("competition", (*COMPETITIONS, None)),
    ):
      if getattr(self, field) not in known:
        raise ValueError(
          f"Attribute `{field}` must be one of {known}. Received: "
          f"{getattr(self, field)!r}"
        )
    if self.format != "voc" and self.competition is not None:
      raise ValueError(
        f"Only the format 'voc' has a competition, not {self.format!r}. "
        f"Received: competition={self.competition!r}"
      )
    if self.format == "cityscapes" and not self.info.eval_ids:
      raise ValueError(
        f"The data set {self.info.name!r} has no eval_ids, the label ids that "
        "the Cityscapes server takes: give --dataset=cityscapes, or add them "
        "to its YAML file."
      )
    if not names_lib.is_safe_name(self.split) or "/" in self.split:
      raise ValueError(
        f"A split must have a name without folders. Received: {self.split!r}"
      )

  @property
  def folder(self) -> pathlib.Path:
    """The folder of the PNGs."""
    folder = pathlib.Path(self.directory)
    if self.format == "voc":
      folder /= "results/VOC2012/Segmentation"
      folder /= f"{self.competition}_{self.split}_cls"
    return folder

  def path(self, name: str) -> pathlib.Path:
    """Returns the path of the prediction for a record.

    Args:
      name: the file name of the record, without extension.

    Raises:
      ValueError: if the path would leave the folder, could not be written or
        would not be found by the official evaluation.
    """
    if not names_lib.is_safe_name(name):
      raise ValueError("names no file in a folder")
    if self.format == "cityscapes" and not _CITYSCAPES_ID.match(name):
      raise ValueError("is not CITY_SEQUENCE_FRAME, as Cityscapes names images")
    if self.format != "labels" and "/" in name:
      raise ValueError(f"names a folder, which {self.format!r} does not have")
    ending = "_labelIds.png" if self.format == "cityscapes" else ".png"
    path = self.folder / f"{name}{ending}"
    longest = max(len(part.encode()) for part in f"{name}{ending}".split("/"))
    if longest + len(atomic_files.PARTIAL_ENDING) > _MAX_NAME:
      raise ValueError(f"is too long for a file name, {longest} bytes")
    return path

  def key(self, name: str) -> str:
    """Returns what a record and its prediction have in common.

    Args:
      name: the file name of a record, or the path of a prediction in the
        folder, without ".png".
    """
    found = _CITYSCAPES_ID.match(name.rpartition("/")[2])
    return found[0] if found and self.format == "cityscapes" else name

  def encode(self, labels: np.ndarray) -> bytes:
    """Encodes a prediction as a PNG.

    Args:
      labels: integer `[height, width]` of class indices.
    """
    if not self.info.eval_ids:
      return masks.encode_mask(labels, self.info)
    return masks.encode_mask(np.array(self.info.eval_ids)[labels])

  def decode(self, data: bytes) -> np.ndarray:
    """Decodes a PNG to class indices, uint8 `[height, width]`.

    Args:
      data: the bytes of a palette PNG, of which the indices are taken, or of an
        8-bit grey PNG.

    Raises:
      ValueError: if it is no such PNG or holds a value that is no class.
    """
    label_map = np.full(256, masks.ILLEGAL)
    ids = self.info.eval_ids or range(self.info.num_classes)
    label_map[list(ids)] = range(self.info.num_classes)
    values = masks.decode_mask(data, self.info)
    return masks.check_label(values, self.info, label_map)[0]


def check_names(layout: Layout, filenames: Iterable[bytes]) -> list[str]:
  """Checks that every record has a file of its own in the folder.

  Args:
    layout: where the predictions lie.
    filenames: the file names of all records.

  Returns:
    The names.

  Raises:
    SubmissionError: naming every record whose file would lie elsewhere, could
      not be written, or is that of another record.
  """
  names, problems, seen = [], [], set()
  for number, filename in enumerate(filenames):
    try:
      name = names_lib.from_here(filename.decode("utf-8"))
      layout.path(name)
      if layout.key(name) in seen:
        raise ValueError("is the name of another record, too")
    except ValueError as error:  # Of the decoding, too.
      problems.append(f"record {number}, {filename[:300]!r}: {error}")
      continue
    seen.add(layout.key(name))
    names.append(name)
  if problems:
    raise SubmissionError("Names of records that are refused", problems)
  return names
