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

"""Tests of where a training goes on, and whether it is the same."""

import json
import os

import pytest
import tensorflow as tf
import yaml

from deeplab_ssl.checkpoints import run_checkpoints
from deeplab_ssl.input import dataset_info
from deeplab_ssl.training import continuation
from tests import digits


class _Source:
  def __init__(self, size=8, fingerprint="abc"):
    self.size, self.fingerprint = size, fingerprint


_DATASET = dataset_info.DatasetInfo("spots", ("sky", "spot"))


def _save(folder, step, **variables):
  variables = {"global_step": step} | variables
  checkpoint = tf.train.Checkpoint(
    **{
      name: tf.Variable(value, dtype=tf.int64)
      for name, value in variables.items()
    }
  )
  checkpoint.write(os.path.join(folder, f"ckpt-{step}"))


@pytest.fixture
def folder(tmp_path):
  """The directory of a training of 4 steps."""
  _save(tmp_path, 4, images_seen=16)
  (tmp_path / "params.yaml").write_text(
    yaml.safe_dump(digits.experiment().as_dict())
  )
  dataset_info.save_dataset_info(_DATASET, tmp_path)
  continuation.write_records(str(tmp_path), _Source())
  return tmp_path


def _check(folder, params=None, dataset=_DATASET, source=None):
  continuation.check_same(
    params or digits.experiment(),
    os.path.join(folder, "params.yaml"),
    dataset,
    source or _Source(),
    continuation.find_start(str(folder), 4),
  )


def _changed(key, value):
  params = digits.experiment()
  tree = value
  for name in reversed(key.split(".")):
    tree = {name: tree}
  params.override(tree)
  return params


def test_a_new_training_begins_at_the_first_image(tmp_path):
  assert continuation.find_start(str(tmp_path), 4) == continuation.Start()
  assert continuation.find_start(str(tmp_path / "none"), 4).images_seen == 0
  _check(tmp_path)


def test_the_place_in_the_stream_comes_with_the_checkpoint(folder):
  start = continuation.find_start(str(folder), 100)
  assert start == (f"{folder}/ckpt-4", 4, 16)
  # A checkpoint of an older version does not say it.
  _save(folder, 6)
  assert continuation.find_start(str(folder), 5) == (f"{folder}/ckpt-6", 6, 30)


def test_the_same_training_goes_on(folder):
  _check(folder)


@pytest.mark.parametrize(
  "key, value",
  [
    ("task.model.atrous_rates", [3]),
    ("task.model.output_stride", 16),
    ("task.model.decoder_output_stride", 8),
    ("task.losses.type", "ce"),
    ("task.losses.beta", 0.2),
    ("task.losses.l2_weight_decay", 0.1),
    ("task.adversarial.discriminator", "base"),
    ("task.train_data.seed", 2),
    ("task.train_data.crop_size", [49, 49]),
    ("task.train_data.flip", True),
    ("task.train_data.split", "val"),
    ("task.last_layer_gradient_multiplier", 5.0),
    ("trainer.optimizer_config.optimizer.adam.beta_1", 0.5),
    ("trainer.optimizer_config.optimizer.type", "momentum"),
  ],
)
def test_what_makes_another_training_is_refused(key, value, folder):
  with pytest.raises(ValueError) as raised:
    _check(folder, _changed(key, value))
  message = str(raised.value)
  assert (
    f"{folder} holds another training by its params.yaml: {key} was " in message
  )
  assert f" and is {value}" in message
  assert f"task.init_checkpoint={folder}/ckpt-4" in message


@pytest.mark.parametrize(
  "key, value",
  [
    ("trainer.train_steps", 40),
    ("trainer.steps_per_loop", 1),
    ("trainer.checkpoint_interval", 3),
    ("trainer.validation_interval", 3),
    ("trainer.max_to_keep", 9),
    ("trainer.optimizer_config.learning_rate.deeplab.base_learning_rate", 0.5),
    ("task.train_data.global_batch_size", 2),
    ("task.train_data.input_path", "/elsewhere"),
    ("task.validation_data.split", "train"),
    ("task.losses.decay_steps", 77),
    ("runtime.num_gpus", 1),
    ("task.init_checkpoint", "elsewhere"),
  ],
)
def test_what_may_change_is_told(key, value, folder, caplog):
  _check(folder, _changed(key, value))
  assert f"{key} was " in caplog.text
  assert f" and is {value} now." in caplog.text


def test_a_group_that_comes_or_goes_is_a_change(folder, caplog):
  group = "trainer.optimizer_config.ema"
  averaged = digits.experiment()
  averaged.override({"trainer": {"optimizer_config": {"ema": {}}}})
  with pytest.raises(ValueError, match=f"{group} was None and is {{'"):
    _check(folder, averaged)
  recorded = yaml.safe_dump(averaged.as_dict())
  (folder / "params.yaml").write_text(recorded)
  _check(folder, averaged)
  with pytest.raises(ValueError, match=f"{group} was {{'.* and is None"):
    _check(folder)
  warmed_up = averaged.replace()
  warmup = {"type": "linear", "linear": {"warmup_steps": 3}}
  warmed_up.override({"trainer": {"optimizer_config": {"warmup": warmup}}})
  _check(folder, warmed_up)
  assert "warmup.type was None and is linear now." in caplog.text


def test_keys_that_another_version_knows_are_no_change(folder):
  path = folder / "params.yaml"
  recorded = yaml.safe_load(path.read_text())
  recorded["task"]["model"]["gone"] = 1
  del recorded["task"]["model"]["backbone"]
  path.write_text(yaml.safe_dump(recorded))
  _check(folder)


def test_fewer_steps_than_are_done_are_refused(folder):
  with pytest.raises(ValueError, match="train_steps is 3, .* for 4 steps"):
    _check(folder, _changed("trainer.train_steps", 3))


@pytest.mark.parametrize(
  "dataset",
  [
    dataset_info.DatasetInfo("spots", ("spot", "sky")),
    dataset_info.DatasetInfo("spots", ("sky", "spot", "sea")),
    dataset_info.DatasetInfo("spots", ("sky", "spot"), ignore_label=7),
  ],
)
def test_other_classes_are_refused(dataset, folder):
  with pytest.raises(ValueError, match="in its dataset.yaml was .* and is"):
    _check(folder, dataset=dataset)


def test_other_images_are_refused(folder):
  with pytest.raises(ValueError, match="has seen 8 images, and the 9 of"):
    _check(folder, source=_Source(9, "abcd"))
  with pytest.raises(ValueError, match="are not the same"):
    _check(folder, source=_Source(8, "other"))


def test_images_that_nobody_has_recorded_are_told(folder, caplog):
  _check(folder)
  assert "records.json" not in caplog.text
  (folder / "records.json").unlink()
  _check(folder, source=_Source(9, "abcd"))
  assert f"{folder}/records.json is not there" in caplog.text


def test_checkpoints_without_a_configuration_are_refused(folder):
  (folder / "params.yaml").unlink()
  with pytest.raises(ValueError, match="checkpoints but no params.yaml"):
    _check(folder)


@pytest.mark.parametrize("text", ["", "[1, 2]", "{", "word", "a: [\x00"])
@pytest.mark.parametrize("name", ["params.yaml", "records.json"])
def test_a_damaged_record_is_named(name, text, folder):
  (folder / name).write_text(text)
  with pytest.raises(ValueError, match=f"{name} is damaged"):
    _check(folder)


@pytest.mark.parametrize("share", [0.2, 0.6, 0.8])
def test_a_configuration_that_was_cut_between_two_keys_is_damaged(
  share, folder
):
  path = folder / "params.yaml"
  lines = path.read_text().splitlines(keepends=True)
  path.write_text("".join(lines[: int(share * len(lines))]))
  with pytest.raises(ValueError, match="params.yaml"):
    _check(folder)


@pytest.mark.parametrize(
  "text", ["{}", "task: {}", "trainer: []", "{trainer: {steps_per_loop: 1}}"]
)
def test_a_configuration_without_its_end_is_damaged(text, folder):
  (folder / "params.yaml").write_text(text)
  with pytest.raises(ValueError, match="params.yaml is damaged: it has no"):
    _check(folder)


def test_a_damaged_group_is_no_other_version(folder):
  recorded = yaml.safe_load((folder / "params.yaml").read_text())
  recorded["task"] = 3
  (folder / "params.yaml").write_text(yaml.safe_dump(recorded))
  with pytest.raises(ValueError, match="by its params.yaml: task was 3 and is"):
    _check(folder)


def test_damaged_checkpoints_are_not_trained_over(folder):
  (folder / "ckpt-4.index").write_bytes(b"")
  with pytest.raises(run_checkpoints.NoWholeCheckpointError, match="steps 4"):
    continuation.find_start(str(folder), 4)


def test_the_seed_of_a_run_is_found_again(folder, tmp_path):
  assert continuation.recorded_seed(str(folder / "params.yaml")) == 1
  assert (
    continuation.recorded_seed(str(tmp_path / "none" / "params.yaml")) is None
  )


def test_what_was_trained_on_is_recorded(folder):
  assert json.loads((folder / "records.json").read_text()) == {
    "size": 8,
    "fingerprint": "abc",
  }
