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

import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.evaluation import boundary
from deeplab_ssl.evaluation import scoring
from deeplab_ssl.prediction import crf
from deeplab_ssl.prediction import input_size
from deeplab_ssl.prediction import mean_field
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.prediction import views
from deeplab_ssl.runs import submit
from deeplab_ssl.runs import trained_run
from tests import digits


@pytest.fixture(name="run", scope="module")
def fixture_run():
  return trained_run.TrainedRun.open(digits.trained_dir())


def test_submitted_files_score_what_evaluation_counts(run, tmp_path):
  layout, written = submit.submit(run, tmp_path)
  assert written == 4 == len(list(tmp_path.glob("*.png")))
  settings = boundary.Settings(trimap_widths=(3,))
  scores = scoring.score(layout, digits.records(), settings)
  expected = run.evaluate(boundary=settings)
  np.testing.assert_array_equal(scores.matrix, expected.matrix)
  assert scores.as_dict() == expected.as_dict()
  refine = crf.Refinement(
    mean_field.Settings(steps=5), activation=run.activation
  )
  other = predictor_lib.Predictor(labels=refine)
  with pytest.raises(ValueError, match="method 'scale 1' .now '.*5 CRF steps"):
    submit.submit(run, tmp_path, predictor=other)


def test_predictions_of_resized_images_are_of_their_own_size(run, tmp_path):
  data = {"min_resize_value": 20}
  params = run.params.replace(task={"validation_data": data})
  resized = dataclasses.replace(run, params=params)
  padded = predictor_lib.Predictor(
    input_size.Padded((65, 65), views.Views(own_size=True))
  )
  layout, _ = submit.submit(resized, tmp_path, predictor=padded)
  assert scoring.score(layout, digits.records()).matrix.sum() > 0
  origin = json.loads((tmp_path / "submission.json").read_text())
  assert origin["method"].startswith("resized to 20 pixels, padded to 65 x 65")
  small = padded._replace(logits=input_size.Padded((9, 9), views.Views()))
  with pytest.raises(tf.errors.InvalidArgumentError, match="eval_crop_size"):
    submit.submit(resized, tmp_path / "other", predictor=small)


def test_a_submission_of_another_training_is_not_continued(run, tmp_path):
  model = run.model()
  same_name = str(tmp_path / "ckpt")
  tf.train.Checkpoint(model=model).write(same_name)
  run = dataclasses.replace(run, checkpoint=same_name)
  submit.submit(run, tmp_path / "out")
  _, written = submit.submit(run, tmp_path / "out")
  assert written == 0
  other = dataclasses.replace(
    run, params=run.params.replace(task={"model": {"atrous_rates": [3]}})
  )
  with pytest.raises(
    ValueError, match=r"says: model.atrous_rates \[2\] .now \[3\]"
  ):
    submit.submit(other, tmp_path / "out")
  variable = model.trainable_variables[0]
  variable.assign(variable + 1.0)
  tf.train.Checkpoint(model=model).write(same_name)
  with pytest.raises(ValueError, match="says: checkpoint_sha256 '"):
    submit.submit(run, tmp_path / "out")
