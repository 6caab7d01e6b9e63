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

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl import modeling
from deeplab_ssl.experiment import resolution
from deeplab_ssl.input import dataset_info
from deeplab_ssl.runs import import_checkpoint
from deeplab_ssl.runs import trained_run
from deeplab_ssl.training import parsing
from tests import synth_checkpoint

_MODEL = {
  "backbone": "mobilenet_v2_mini",
  "output_stride": 8,
  "atrous_rates": [2],
  "aspp_convs_filters": 8,
}


def _described(checkpoint, **model):
  params = parsing.parse_experiment("deeplab_ssl")
  params.override({"task": {"dataset": "digits", "model": _MODEL | model}})
  info = dataset_info.get_dataset_info("digits")
  params = resolution.fill_in(params, info)
  return trained_run.TrainedRun(params, checkpoint, info)


@pytest.fixture
def slim(tmp_path):
  """A TF1 checkpoint of the small model for the 11 classes of the digits."""
  model = modeling.build_deeplab(num_classes=11, **_MODEL)
  shapes = {k: v.shape for k, v in model.slim_variables().items()}
  prefix = str(tmp_path / "slim" / "model.ckpt")
  synth_checkpoint.write_checkpoint(shapes, 3, prefix)
  return prefix


def test_the_imported_run_has_the_weights_of_the_checkpoint(slim, tmp_path):
  model_dir = str(tmp_path / "run")
  report = import_checkpoint.import_checkpoint(_described(slim), model_dir)
  assert not report.initial

  run = trained_run.TrainedRun.open(model_dir)
  assert not modeling.is_slim_checkpoint(run.checkpoint)
  assert run.params.task.model.num_classes == 11
  images = tf.random.uniform([1, 33, 33, 3], maxval=255.0, seed=1)
  expected = _described(slim).model()(images)
  actual = run.model()(images)
  np.testing.assert_array_equal(actual, expected)


def test_of_a_classifier_only_the_backbone_is_written(tmp_path):
  backbone = modeling.build_deeplab(**_MODEL).backbone
  shapes = {k: v.shape for k, v in backbone.slim_variables().items()}
  prefix = synth_checkpoint.write_checkpoint(
    shapes, 3, str(tmp_path / "slim" / "model.ckpt")
  )
  model_dir = str(tmp_path / "run")
  import_checkpoint.import_checkpoint(_described(prefix), model_dir)
  with pytest.raises(ValueError, match="has no weights for .*aspp0"):
    trained_run.TrainedRun.open(model_dir).model()
  model = modeling.build_deeplab(**_MODEL)
  report = modeling.load_checkpoint(model, model_dir)
  assert set(report.loaded) == set(shapes)


def test_nothing_is_written_over_or_twice(slim, tmp_path):
  model_dir = str(tmp_path / "run")
  import_checkpoint.import_checkpoint(_described(slim), model_dir)
  with pytest.raises(FileExistsError, match="params.yaml"):
    import_checkpoint.import_checkpoint(_described(slim), model_dir)
  with pytest.raises(ValueError, match="our own format already"):
    import_checkpoint.import_checkpoint(
      _described(model_dir), str(tmp_path / "again")
    )


def test_a_checkpoint_that_does_not_fit_leaves_no_run(slim, tmp_path):
  model_dir = tmp_path / "run"
  with pytest.raises(ValueError, match="aspp2/weights"):
    import_checkpoint.import_checkpoint(
      _described(slim, atrous_rates=[2, 4]), str(model_dir)
    )
  assert not model_dir.exists()
