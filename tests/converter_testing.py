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

"""Running a converter as users run it."""

import pathlib
import tempfile

from absl.testing import parameterized

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import pipeline
from deeplab_ssl.input import records
from tests import commands
from tests import input_testing

_SCRIPTS = pathlib.Path(__file__).resolve().parents[1] / "datasets"


class ConverterTestCase(parameterized.TestCase):
  """Runs `python -m deeplab_ssl.convert KIND` into a folder of its own."""

  KIND: str

  def setUp(self):
    super().setUp()
    directory = tempfile.TemporaryDirectory()
    self.addCleanup(directory.cleanup)
    self.dir = pathlib.Path(directory.name)
    self.output = self.dir / "records"

  def command(self):
    """What stands between `python` and the flags."""
    return ("-m", "deeplab_ssl.convert", self.KIND)

  def convert(self, *args, ok=True, anew=False):
    """Runs the converter; `anew` as `commands.run` has it."""
    args = (*self.command(), f"--output_dir={self.output}", *args)
    # From another folder: no converter may rely on the checkout.
    result = commands.run(*args, folder=self.dir, anew=anew)
    self.assertEqual(result.returncode == 0, ok, result.stderr)
    self.assertNotIn("Traceback", result.stderr)
    return result


class ScriptTestCase(ConverterTestCase):
  """Runs `datasets/SCRIPT.py`."""

  SCRIPT: str

  def command(self):
    return (_SCRIPTS / f"{self.SCRIPT}.py",)


class FolderInputs:
  """Two folders of images and masks, and the flags that convert them."""

  def setUp(self):
    super().setUp()
    self.names = [f"img{i}" for i in range(8)]
    input_testing.write_devkit(self.dir, {"all": self.names})
    dataset_info.save_dataset_info(input_testing.PETS, self.dir / "pets.yaml")
    self.args = (
      f"--image_dir={self.dir / 'JPEGImages'}",
      f"--mask_dir={self.dir / 'SegmentationClass'}",
      f"--dataset={self.dir / 'pets.yaml'}",
      "--num_shards=1",
    )

  def ids(self, split):
    """The names in the records of a split, in their order."""
    shards = records.find_shards(self.output, split)
    dataset = pipeline.eval_dataset(shards, num_classes=3)
    return [batch["filename"].numpy()[0].decode() for batch in dataset]


class Ade20kInputs:
  """A small ADE20K on disk, and the flags that convert it."""

  NAMES = {
    "training": ["ADE_train_00000001", "ADE_train_00000002"],
    "validation": ["ADE_val_00000001"],
  }

  def setUp(self):
    super().setUp()
    self.root = self.dir / "ADEChallengeData2016"
    self.labels = input_testing.write_ade20k(self.root, self.NAMES)
    self.args = (f"--ade20k_dir={self.root}", "--num_shards=1")


class CityscapesInputs:
  """A small Cityscapes on disk, and the flags that convert it."""

  NAMES = {
    "train": ["aachen_000000_000019", "ulm_000000_000019"],
    "val": ["lindau_000000_000019"],
    "test": ["berlin_000000_000019"],
  }

  def setUp(self):
    super().setUp()
    self.root = self.dir / "cityscapes"
    self.labels = input_testing.write_cityscapes(self.root, self.NAMES)
    self.args = (
      f"--cityscapes_dir={self.root}",
      "--num_shards=1",
      "--splits=train,val,test",
    )
