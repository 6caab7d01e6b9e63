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

"""A page of images, truths and what each of several runs makes of them."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
import os
import pathlib
import re

import numpy as np

from deeplab_ssl.common import atomic_files
from deeplab_ssl.common import names as names_lib
from deeplab_ssl.common import problems as problems_lib
from deeplab_ssl.input import masks
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.runs import pictures as pictures_lib
from deeplab_ssl.runs import trained_run
from deeplab_ssl.visualization import gallery as page_lib
from deeplab_ssl.visualization import images as images_lib


def subjects_of(
  runs: Sequence[trained_run.TrainedRun],
  make_predictor: Callable[[str], predictor_lib.Predictor],
) -> dict[str, pictures_lib.Subject]:
  """Loads the models of runs, under names that tell them apart.

  Args:
    runs: the runs.
    make_predictor: returns how a model is asked whose logits have the given
      activation.
  """
  return {
    name: pictures_lib.Subject(
      run, run.model(), run.on_own_size(make_predictor(run.activation))
    )
    for name, run in trained_run.by_label(runs).items()
  }


def draw_gallery(
  subjects: Mapping[str, pictures_lib.Subject],
  output_dir: str | os.PathLike,
  max_images: int,
) -> int:
  """Draws images, truths and what each run makes of them, and a page of all.

  The images are those of the validation data of the first run. Each run gets a
  folder with `masks/NAME.png`, palette PNGs of class indices, and a folder per
  kind of picture.

  Args:
    subjects: {name: run}, on the same classes.
    output_dir: folder for `index.html` and the pictures.
    max_images: how many images of the split to draw.

  Returns:
    The number of images drawn.

  Raises:
    ValueError: if the runs have other classes.
    problems.ProblemsError: naming every record whose name cannot be shown or
      can name no file, before anything is written.
  """
  output_dir = pathlib.Path(output_dir)
  subject = next(iter(subjects.values()))
  first = subject.run
  info = first.dataset
  pictures_lib.check_classes(subjects)
  folders: dict[str, str] = {}
  for name in subjects:
    folders[name] = names_lib.unused_name(_folder(name), folders.values())
  examples = first.examples(predictor=subject.predictor).take(max_images)
  files = _files_of(e["filename"][0].numpy() for e in examples)
  rows = [
    _draw_row(example, name, f"{file}.png", subjects, folders, output_dir)
    for example, (file, name) in zip(examples, files.items(), strict=True)
  ]
  page_lib.write_gallery(
    output_dir / "index.html",
    title=f"{info.name}, {first.split}",
    rows=rows,
    legend=dict(zip(info.class_names, info.colormap, strict=True)),
  )
  return len(rows)


def _files_of(filenames):
  """Returns {name of a file without its extension: name of its record}."""
  files, problems = {}, []
  for number, filename in enumerate(filenames):
    try:
      name = names_lib.of_record(filename)
      files[names_lib.unused_name(name, files)] = name
    except ValueError as error:
      problems.append(f"record {number}, {filename[:300]!r}: {error}")
  if problems:
    raise problems_lib.ProblemsError(
      "Names of records that are refused; convert them again under others",
      problems,
    )
  return files


def _draw_row(example, name, file, subjects, folders, output_dir):
  """Writes the pictures of one image and returns its row of the page."""
  info = next(iter(subjects.values())).run.dataset
  label = pictures_lib.label_of(example)
  image = pictures_lib.image_of(example)
  drawn, captions = {}, {}
  for subject_name, subject in subjects.items():
    own, labels = pictures_lib.subject_pictures(subject, example)
    drawn[subject_name] = own
    right = _share_right(label, labels, info.ignore_label)
    captions[f"{subject_name}: errors"] = right
    mask = output_dir / folders[subject_name] / "masks" / file
    atomic_files.write(mask, masks.encode_mask(labels, info))
  truth = images_lib.overlay(image, label, info.colormap)
  # {title: (folders, picture)}
  pictures = {"image": (["image"], image), "truth": (["truth"], truth)}
  # One kind of picture of all runs side by side, then the next.
  for kind in dict.fromkeys(kind for own in drawn.values() for kind in own):
    for subject_name, own in drawn.items():
      if kind in own:
        parts = [folders[subject_name], _folder(kind)]
        pictures[f"{subject_name}: {kind}"] = parts, own[kind]
  paths = {}
  for title, (parts, picture) in pictures.items():
    paths[title] = "/".join([*parts, file])
    images_lib.save(output_dir / paths[title], picture)
  return page_lib.Row(name, paths, captions)


def _folder(title):
  """Returns a title as the name of a folder."""
  return re.sub(r"[^\w.-]+", "_", title).strip("_")


def _share_right(label, predicted, ignore_label):
  valid = label != ignore_label
  if not valid.any():
    return "all void"
  return f"{np.mean((label == predicted)[valid]):.1%} right"
