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

"""What the README shows is run as it stands there."""

import pathlib
import re

from deeplab_ssl.preparation import digit_scenes
from tests import build_files_test
from tests import commands

_ROOT = pathlib.Path(__file__).parents[1]
_README = (_ROOT / "README.md").read_text()
_PYTHON = re.findall(r"```python\n(.*?)```", _README, re.S)
_SHELL = re.findall(r"```shell\n(.*?)```", _README, re.S)

# Shrinks a training to seconds; everything else is as in the README.
_TINY = (
  "task.model.fine_tune_batch_norm=true,task.model.backbone=mobilenet_v2_mini,"
  "task.model.output_stride=8,task.model.aspp_convs_filters=8,"
  "task.model.decoder_filters=8,task.train_data.global_batch_size=2,"
  "task.train_data.crop_size=[33,33],trainer.train_steps=4,"
  "trainer.steps_per_loop=2,trainer.validation_interval=4,"
  "trainer.optimizer_config.learning_rate.deeplab.slow_start_step=0,"
)

_CLASSES = ["background", *(f"'{i}'" for i in range(10))]


def _run(example, folder, **options):
  """Runs Python text as a program."""
  (folder / "example.py").write_text(example)
  result = commands.run(folder / "example.py", folder=folder, **options)
  assert result.returncode == 0, result.stderr[-3000:]


def test_the_example_of_a_loss_runs(tmp_path):
  assert len(_PYTHON) == 2
  (example,) = (e for e in _PYTHON if "keras_cv" not in e)
  _run(example, tmp_path)


def test_the_keras_cv_example_runs_and_can_be_loaded_again(tmp_path):
  (example,) = (e for e in _PYTHON if "keras_cv" in e)
  check = """
import keras
loaded = keras.models.load_model("deeplab.keras")
images = np.random.uniform(0, 255, [1, 96, 96, 3])
assert isinstance(loaded.loss, losses.StructuralSimilarityLoss)
assert not loaded.loss.from_logits
np.testing.assert_array_equal(loaded.predict(images), model.predict(images))
"""
  # Tracing the network takes half a minute; the tests of the losses do it.
  eagerly = "import tensorflow as tf; tf.config.run_functions_eagerly(True)"
  _run(example + check, tmp_path, before=eagerly)


def test_the_installations_are_those_of_the_package():
  (block,) = (block for block in _SHELL if "pip install" in block)
  extras = re.findall(r"pip install '?\.(?:\[(\w+)\])?'? ", block)
  assert extras == ["", "deeplab"]
  everything = build_files_test.setup_requirements(extras=extras[1:])
  assert "tensorflow~=2.20.0" in everything
  assert "tensorflow" not in str(build_files_test.setup_requirements(extras=()))


def test_own_folder_from_its_conversion_to_the_masks_of_the_export(tmp_path):
  digit_scenes.write_devkit(tmp_path / "my_folder", 14, 4)
  (tmp_path / "my_data.yaml").write_text(
    f"name: mine\nclass_names: [{', '.join(_CLASSES)}]\n"
  )
  (tmp_path / "configs").symlink_to(_ROOT / "configs")
  (block,) = (block for block in _SHELL if "deeplab_ssl.convert" in block)
  lines = block.strip().splitlines()
  assert len(lines) == 6
  output = []
  for command in lines:
    command = command.replace(
      "task.init_checkpoint=mobilenet_v2", "task.init_checkpoint="
    )
    command = command.replace(
      "--params_override=", f"--params_override={_TINY}"
    )
    words = command.split()
    assert words[0] == "python"
    result = commands.run(*words[1:], folder=tmp_path)
    assert result.returncode == 0, result.stderr[-3000:]
    output.append(result.stdout)
  assert "mean IoU" in output[2]
  pictures = tmp_path / "runs/mine/pictures"
  assert (pictures / "index.html").exists()
  assert len(list(pictures.glob("image/*.png"))) == 4
  assert (tmp_path / "runs/mine/export/saved_model.pb").exists()
  assert len(list((tmp_path / "predicted/masks").glob("*.png"))) == 18
