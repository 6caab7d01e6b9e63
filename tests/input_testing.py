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

"""What several tests of the data side need."""

import hashlib
import json
import pathlib
import tempfile
import zlib

import numpy as np
from PIL import Image
import scipy.io

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks

ROOT = pathlib.Path(__file__).resolve().parents[1]
TESTDATA = ROOT / "tests" / "testdata"

PETS = dataset_info.DatasetInfo("pets", ("background", "cat", "dog"))


def temp_dir(test):
  """A folder that is gone after the test (absl's needs parsed flags)."""
  directory = tempfile.TemporaryDirectory()
  test.addCleanup(directory.cleanup)
  return pathlib.Path(directory.name)


def load_json(name):
  return json.loads((TESTDATA / name).read_text())


def _stream(seed, name):
  return np.random.RandomState([seed, zlib.crc32(name.encode())])


def synth_image(seed, height, width):
  """The float image [height, width, 3] the fixtures were computed from."""
  rs = _stream(seed, f"images/1x{height}x{width}")
  coarse = rs.random_sample((1, height // 16 + 2, width // 16 + 2, 3))
  coarse = coarse.repeat(16, axis=1).repeat(16, axis=2)
  coarse = coarse[:, 5 : 5 + height, 3 : 3 + width]
  fine = rs.random_sample((1, height, width, 3))
  return (255 * (0.7 * coarse + 0.3 * fine)).astype(np.float32)[0]


def synth_label(seed, height, width, num_classes, ignore_label=255):
  """The label [height, width, 1] the fixtures were computed from."""
  rs = _stream(seed, f"labels/1x{height}x{width}")
  coarse = rs.randint(0, num_classes, (1, height // 12 + 2, width // 12 + 2))
  ignored = rs.random_sample(coarse.shape) < 0.125
  coarse = np.where(ignored, ignore_label, coarse)
  coarse = coarse.repeat(12, axis=1).repeat(12, axis=2)
  return coarse[0, 2 : 2 + height, 7 : 7 + width, None].astype(np.int32)


def assert_like_fixture(test, array, fixture):
  """Compares an array with its description in a fixture of the original.

  Integers and copied floats by their hash, interpolated floats to 1e-3.
  """
  array = np.asarray(array)
  test.assertEqual(list(array.shape), fixture["shape"])
  test.assertEqual(str(array.dtype), fixture["dtype"])
  if "sha256" in fixture:
    digest = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    test.assertEqual(digest, fixture["sha256"])
    return
  height, width = array.shape[:2]
  middle = array[height // 2 : height // 2 + 2, width // 2 : width // 2 + 2]
  for key, found in {
    "corner": array[:3, :3],
    "center": middle,
    "end": array[-2:, -2:],
    "sample_stride_37": array[::37, ::37].ravel(),
    "mean": array.mean(dtype=np.float64),
    "std": array.std(dtype=np.float64),
    "min": array.min(),
    "max": array.max(),
  }.items():
    np.testing.assert_allclose(found, fixture[key], atol=1e-3, err_msg=key)


def write_devkit(root, splits, info=PETS, image_suffix=".png", seed=0):
  """Writes a devkit; splits maps names to lists of ids, images are noise.

  Returns:
    {id: (image uint8 [h, w, 3], label uint8 [h, w])}, sizes differing.
  """
  rng = np.random.default_rng(seed)
  lists = root / "ImageSets" / "Segmentation"
  for folder in (root / "JPEGImages", root / "SegmentationClass", lists):
    folder.mkdir(parents=True, exist_ok=True)
  content = {}
  for split, names in splits.items():
    for name in names:
      size = rng.integers(20, 40, 2)
      image = rng.integers(0, 256, (*size, 3), np.uint8)
      label = rng.integers(0, info.num_classes, size).astype(np.uint8)
      label[:2] = info.ignore_label
      content[name] = (image, label)
      Image.fromarray(image).save(root / "JPEGImages" / (name + image_suffix))
      (root / "SegmentationClass" / f"{name}.png").write_bytes(
        masks.encode_mask(label, info)
      )
    (lists / f"{split}.txt").write_text("".join(f"{n}\n" for n in names))
  return content


def write_sbd(root, content):
  """Writes images and masks {id: (image, label)} as SBD is downloaded."""
  for folder in ("cls", "img"):
    (root / "dataset" / folder).mkdir(parents=True, exist_ok=True)
  fields = [("Categories", object), ("Segmentation", object)]
  for name, (image, label) in content.items():
    struct = np.zeros((1, 1), [*fields, ("Boundaries", object)])
    struct["Segmentation"][0, 0] = label
    struct["Categories"][0, 0] = np.unique(label[label > 0])[:, None]
    struct["Boundaries"][0, 0] = np.zeros((1, 1))
    path = root / "dataset" / "cls" / f"{name}.mat"
    scipy.io.savemat(path, {"GTcls": struct}, do_compression=True)
    Image.fromarray(image).save(root / "dataset" / "img" / f"{name}.jpg")


def write_ade20k(root, splits, seed=0):
  """Writes ADEChallengeData2016; splits maps its folders to ids.

  Returns:
    {id: labels uint8 [h, w]}, in which every label from 0 to 150 occurs.
  """
  rng = np.random.default_rng(seed)
  labels = {}
  for folder, names in splits.items():
    for kind in ("images", "annotations"):
      (root / kind / folder).mkdir(parents=True, exist_ok=True)
    for name in names:
      label = rng.permutation(np.arange(16 * 32) % 151).reshape(16, 32)
      labels[name] = label.astype(np.uint8)
      image = rng.integers(0, 256, (16, 32, 3), np.uint8)
      Image.fromarray(image).save(root / "images" / folder / f"{name}.jpg")
      Image.fromarray(labels[name]).save(
        root / "annotations" / folder / f"{name}.png"
      )
  (root / "objectInfo150.txt").write_text(
    "Idx\tRatio\tTrain\tVal\tStuff\tName\n1\t0.1576\t11664\t1172\t1\twall\n"
  )
  (root / "sceneCategories.txt").write_text(
    "".join(f"{name} street\n" for name in labels)
  )
  return labels


def write_cityscapes(root, splits, seed=0):
  """Writes Cityscapes' folders; splits maps names to ids CITY_SEQUENCE_FRAME.

  Returns:
    {id: label ids uint8 [h, w]}, in which every label id occurs.
  """
  rng = np.random.default_rng(seed)
  labels = {}
  for split, names in splits.items():
    for name in names:
      city = name.split("_")[0]
      label = rng.permutation(np.arange(16 * 32) % 34).reshape(16, 32)
      labels[name] = label.astype(np.uint8)
      color = rng.integers(0, 256, (16, 32, 3), np.uint8)
      for kind, ending, content in (
        ("leftImg8bit", "leftImg8bit", color),
        ("gtFine", "gtFine_labelIds", labels[name]),
        ("gtFine", "gtFine_instanceIds", labels[name]),
        ("gtFine", "gtFine_color", color),
      ):
        folder = root / kind / split / city
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(content).save(folder / f"{name}_{ending}.png")
      (folder / f"{name}_gtFine_polygons.json").write_text("{}")
  return labels
