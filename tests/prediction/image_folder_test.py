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


import os

import numpy as np
from PIL import Image
import pytest
import tensorflow as tf

from deeplab_ssl.input import dataset_info
from deeplab_ssl.prediction import image_folder

INFO = dataset_info.DatasetInfo(
  "two", ("back", "cat"), ((0, 0, 0), (200, 0, 0))
)


def _bright(image):
  """Stands in for a model: bright pixels are cats."""
  if image.shape[0] > 50:
    raise ValueError("is larger than the model")
  if image.shape[1] == 7:
    raise tf.errors.ResourceExhaustedError(None, None, "out of memory")
  return (image.mean(-1) > 127).astype(np.int32)


def _save(path, height=8, width=6):
  path.parent.mkdir(parents=True, exist_ok=True)
  image = np.zeros([height, width, 3], np.uint8)
  image[: height // 2] = 255
  Image.fromarray(image).save(path)
  return path


def test_names_are_the_paths_in_their_folder(tmp_path):
  _save(tmp_path / "in" / "a.png")
  _save(tmp_path / "in" / "city" / "a.JPG")
  (tmp_path / "in" / "readme.txt").write_text("")
  single = _save(tmp_path / "b.c.png")
  paths = [tmp_path / "in", single]
  _save(tmp_path / "in" / ".thumbs" / "a.png")
  _save(tmp_path / "in" / "._a.jpg")
  found = image_folder.find_images(paths, tmp_path / "out")
  assert {n: p.name for n, p in found.images.items()} == {
    "a": "a.png",
    "city/a": "a.JPG",
    "b.c": "b.c.png",
  }
  assert found.others.startswith(
    "Files that were not taken for images: 1 with .txt. Images have"
  )
  assert not image_folder.find_images([single], "out").others


def test_missing_empty_and_equal_names_are_refused(tmp_path):
  with pytest.raises(FileNotFoundError, match="nowhere does not exist"):
    image_folder.find_images([tmp_path / "nowhere"], "out")
  with pytest.raises(FileNotFoundError, match="holds no image"):
    image_folder.find_images([tmp_path], "out")
  _save(tmp_path / "a.png")
  _save(tmp_path / "a.jpg")
  with pytest.raises(ValueError, match=r"a\.jpg and .*a\.png would both"):
    image_folder.find_images([tmp_path], "out")


def test_masks_hold_indices_and_overlays_colours(tmp_path):
  files = {"city/a": _save(tmp_path / "a.png")}
  outcome = image_folder.predict_files(_bright, files, tmp_path / "out", INFO)
  assert outcome == (1, 0, [], [])
  mask = Image.open(tmp_path / "out" / "masks" / "city" / "a.png")
  assert mask.mode == "P"
  assert mask.getpalette()[3:6] == [200, 0, 0]
  labels = np.asarray(mask)
  np.testing.assert_array_equal(
    labels, np.repeat([1] * 4 + [0] * 4, 6).reshape(8, 6)
  )
  overlay = np.asarray(
    Image.open(tmp_path / "out" / "overlays" / "city" / "a.png")
  )
  assert overlay.shape == (8, 6, 3)
  assert (overlay[0, 0] == [225, 115, 115]).all()


def test_predictions_stay_out_of_the_folder_of_images(tmp_path):
  _save(tmp_path / "a.png")
  for out in (tmp_path, tmp_path / "new" / "out"):
    with pytest.raises(ValueError, match="taken for images the next time"):
      image_folder.find_images([tmp_path], out)
  assert image_folder.find_images([tmp_path / "a.png"], tmp_path).images


@pytest.mark.parametrize("folder", ["masks", "overlays"])
def test_nothing_is_overwritten_unasked(tmp_path, folder):
  files = {"a": _save(tmp_path / "a.png"), "b": _save(tmp_path / "b.png")}
  mine = tmp_path / folder / "b.png"
  mine.parent.mkdir()
  mine.write_bytes(b"drawn by hand")
  with pytest.raises(ValueError, match=f"such as {mine}. .*--existing"):
    image_folder.predict_files(_bright, files, tmp_path, INFO)
  assert mine.read_bytes() == b"drawn by hand"
  with pytest.raises(ValueError, match="must be one of .*'Skip'"):
    image_folder.predict_files(_bright, files, tmp_path, INFO, existing="Skip")
  assert not (tmp_path / "masks" / "a.png").exists()
  image_folder.predict_files(
    _bright, files, tmp_path, INFO, existing="overwrite"
  )
  assert Image.open(mine).size == (6, 8)


def test_an_interrupted_prediction_is_continued(tmp_path):
  files = {name: _save(tmp_path / f"{name}.png") for name in "abc"}
  asked = []

  def fails_once(image):
    asked.append(1)
    if len(asked) == 2:
      raise KeyboardInterrupt
    return _bright(image)

  out = tmp_path / "out"
  with pytest.raises(KeyboardInterrupt):
    image_folder.predict_files(fails_once, files, out, INFO)
  made = (out / "masks" / "a.png").stat().st_mtime_ns
  outcome = image_folder.predict_files(
    fails_once, files, out, INFO, existing="skip"
  )
  assert outcome == (2, 1, [], [])
  assert len(asked) == 4
  assert (out / "masks" / "a.png").stat().st_mtime_ns == made
  for kind in ("masks", "overlays"):
    assert len(list((out / kind).glob("*.png"))) == 3
  # Without overlays, those of the older masks go.
  image_folder.predict_files(
    _bright, files, out, INFO, overlays=False, existing="overwrite"
  )
  assert not list((out / "overlays").glob("*.png"))


def test_an_output_that_cannot_be_written_ends_it(tmp_path):
  files = {name: _save(tmp_path / f"{name}.png") for name in "ab"}
  asked = []

  def segment(image):
    asked.append(1)
    return _bright(image)

  (tmp_path / "masks").write_text("")
  with pytest.raises(OSError, match="masks"):
    image_folder.predict_files(segment, files, tmp_path, INFO, overlays=False)
  assert len(asked) == 1


def test_the_rest_is_predicted_when_some_fail(tmp_path_factory):
  tmp_path, out = map(tmp_path_factory.mktemp, ("in", "out"))
  (tmp_path / "cut.png").write_bytes(
    _save(tmp_path / "a.png").read_bytes()[:60]
  )
  _save(tmp_path / "large.png", height=60)
  (tmp_path / "link.png").symlink_to("nowhere.png")
  _save(tmp_path / "memory.png", width=7)
  outcome = image_folder.predict_files(
    _bright,
    image_folder.find_images([tmp_path], out).images,
    out,
    INFO,
    overlays=False,
  )
  assert outcome.written == 1
  assert outcome.failures == [
    f"{tmp_path / 'cut.png'}: is a PNG that is cut short, after 60 bytes; copy "
    "it again from where it came from",
    f"{tmp_path / 'large.png'}: is larger than the model",
    f"{tmp_path / 'link.png'}: [Errno 2] No such file or directory: "
    f"'{tmp_path / 'link.png'}'",
    f"{tmp_path / 'memory.png'}: out of memory",
  ]
  written = [p.relative_to(out) for p in out.rglob("*.*")]
  assert [str(p) for p in written] == ["masks/a.png"]


def test_a_palette_counts_by_its_colours(tmp_path):
  image = Image.fromarray(np.array([[0, 1], [1, 0]], np.uint8))
  image.putpalette([255, 255, 255, 0, 0, 0])
  files = {}
  for kind in ("bmp", "png"):
    files[kind] = tmp_path / f"{kind}.{kind}"
    image.save(files[kind])
  image_folder.predict_files(_bright, files, tmp_path / "out", INFO)
  for kind in files:
    mask = np.asarray(Image.open(tmp_path / "out" / "masks" / f"{kind}.png"))
    assert mask.tolist() == [[1, 0], [0, 1]]


def test_what_is_no_file_fails_and_holds_nothing_up(tmp_path_factory):
  tmp_path, out = map(tmp_path_factory.mktemp, ("in", "out"))
  _save(tmp_path / "a.png")
  os.mkfifo(tmp_path / "pipe.jpg")
  _save(tmp_path / "folder.jpg" / "b.png")
  for paths in ([tmp_path], [*tmp_path.glob("*.jpg"), tmp_path / "a.png"]):
    found = image_folder.find_images(paths, out).images
    outcome = image_folder.predict_files(
      _bright, found, out, INFO, existing="overwrite"
    )
    assert f"{tmp_path / 'pipe.jpg'}: is a named pipe" in outcome.failures[-1]
    assert (out / "masks" / "a.png").is_file()
  assert (out / "masks" / "folder.jpg" / "b.png").is_file()


def test_images_that_viewers_turn_are_told(tmp_path):
  exif = Image.Exif()
  exif[0x0112] = 6
  path = tmp_path / "a.jpg"
  Image.new("RGB", (6, 8)).save(path, exif=exif)
  outcome = image_folder.predict_files(
    _bright, {"a": path}, tmp_path / "out", INFO
  )
  assert outcome == (1, 0, [], [str(path)])
  mask = Image.open(tmp_path / "out" / "masks" / "a.png")
  assert mask.size == (6, 8)


def test_names_in_another_encoding(tmp_path):
  path = _save(tmp_path / os.fsdecode(b"caf\xe9.png"))
  cut = tmp_path / os.fsdecode(b"\xe9.png")
  cut.write_bytes(path.read_bytes()[:60])
  found = image_folder.find_images([path, cut], tmp_path / "out").images
  outcome = image_folder.predict_files(_bright, found, tmp_path / "out", INFO)
  assert outcome.written == 1
  assert outcome.failures[0].encode().startswith(str(tmp_path).encode())
