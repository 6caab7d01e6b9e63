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

"""A run and a predictor that need no training."""

import functools

import tensorflow as tf

from deeplab_ssl.experiment import resolution
from deeplab_ssl.prediction import crf
from deeplab_ssl.prediction import mean_field
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.runs import pictures
from deeplab_ssl.runs import trained_run
from tests import digits


@functools.cache
def untrained_run():
  """A run on the tiny data set whose checkpoint nobody loads."""
  params, dataset, _ = resolution.resolve(digits.experiment())
  return trained_run.TrainedRun(params, "checkpoint", dataset)


def colours_decide(model, images):
  """Logits that differ from pixel to pixel; a short training's hardly do."""
  del model
  return tf.concat([images] * 4, -1)[..., :11] / 32.0


def subject(run, crf_steps=0):
  """A run whose predictions are its colours, refined by a CRF if asked for."""
  predictor = predictor_lib.Predictor(colours_decide)
  if crf_steps:
    refine = crf.Refinement(
      mean_field.Settings(steps=crf_steps), activation=run.activation
    )
    predictor = predictor._replace(labels=refine)
  return pictures.Subject(run, None, predictor)
