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
import importlib.util
import sys
from unittest import mock

from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from deeplab_ssl.prediction import crf
from deeplab_ssl.prediction import export_folder
from deeplab_ssl.prediction import mean_field
from deeplab_ssl.prediction import predictor as predictor_lib
from tests.prediction import mean_field_reference as reference

_COVERED = reference.COVERED


class DenseTest(tf.test.TestCase, parameterized.TestCase):
  def setUp(self):
    super().setUp()
    if importlib.util.find_spec("pydensecrf") is None:
      self.skipTest("Needs pydensecrf: pip install pydensecrf2.")

  @parameterized.parameters(1, 3)
  def test_approximates_the_fully_connected_crf(self, steps):
    images, log_p = reference.inputs(16, 20, batch=2)
    settings = mean_field.Settings(steps=steps, bilateral_xy=12.0)
    refined = crf.dense(images, log_p, settings=settings)
    for i in range(2):
      full = reference.slow_mean_field(
        images[i], log_p[i], settings, sampled=False
      )
      # The permutohedral lattice is an approximation itself.
      self.assertLess(np.mean(np.abs(refined[i] - full)), 0.05)
      same = np.argmax(refined[i], -1) == np.argmax(full, -1)
      self.assertGreater(np.mean(same), 0.95)

  def test_without_steps_it_returns_the_input(self):
    images, log_p = reference.inputs(8, 6)
    settings = mean_field.Settings(steps=0)
    self.assertAllClose(
      crf.dense(images, log_p, settings=settings), tf.exp(log_p)
    )

  def test_is_the_same_in_a_graph(self):
    images, log_p = reference.inputs(8, 6)
    refine = tf.function(crf.dense)
    self.assertAllClose(refine(images, log_p), crf.dense(images, log_p))


class LogProbabilitiesTest(tf.test.TestCase):
  def test_softmax(self):
    logits = tf.constant([[2.0, -1.0, 0.5]])
    self.assertAllClose(
      tf.exp(crf.log_probabilities(logits)), tf.nn.softmax(logits)
    )

  def test_sigmoids_are_normalised_over_the_classes(self):
    logits = tf.constant([[2.0, -1.0, 0.5]])
    p = tf.sigmoid(logits)
    self.assertAllClose(
      tf.exp(crf.log_probabilities(logits, "sigmoid")), p / tf.reduce_sum(p)
    )

  def test_extreme_logits_stay_finite(self):
    for activation in ("softmax", "sigmoid"):
      log_p = crf.log_probabilities(
        tf.constant([[1e4, -1e4, -2e4]]), activation
      )
      self.assertAllInRange(log_p, -1e5, 0.0)

  def test_an_unknown_activation_is_refused(self):
    with self.assertRaisesRegex(ValueError, "'relu'"):
      crf.log_probabilities(tf.zeros([1, 2]), "relu")


class RefinementTest(tf.test.TestCase, parameterized.TestCase):
  @parameterized.parameters("softmax", "sigmoid")
  def test_predicts_labels_of_the_last_beliefs(self, activation):
    images, logits = reference.inputs(9, 12)
    refine = crf.Refinement(_COVERED, activation=activation)
    labels = refine(images, logits)
    self.assertEqual(labels.dtype, tf.int32)
    log_p = crf.log_probabilities(logits, activation)
    beliefs = mean_field.window(images, log_p, settings=_COVERED)
    self.assertAllEqual(labels, tf.argmax(beliefs, -1))

  @parameterized.parameters("softmax", "sigmoid")
  def test_without_steps_it_predicts_the_largest_logit(self, activation):
    images, logits = reference.inputs(9, 12)
    refine = crf.Refinement(
      dataclasses.replace(_COVERED, steps=0), activation=activation
    )
    self.assertAllEqual(
      refine(images, logits), predictor_lib.MOST_LIKELY(images, logits)
    )

  def test_tells_its_steps_and_kind(self):
    settings = mean_field.Settings(steps=5)
    self.assertEqual(str(crf.Refinement(settings)), "5 CRF steps (window)")
    self.assertEqual(
      str(crf.Refinement(dataclasses.replace(settings, steps=1))),
      "1 CRF step (window)",
    )

  @parameterized.parameters(
    ("window", "SAVED_MODEL", None),
    ("window", "TFLITE", "TFLite model: .* export a SavedModel"),
    ("window", "ONNX", "an ONNX model: .* export a SavedModel"),
    ("dense", "SAVED_MODEL", r"\(dense\) .* take --crf=window"),
    ("dense", "TFLITE", "a TFLite model: .*leave --crf_steps out"),
    ("dense", "ONNX", "an ONNX model: .*leave --crf_steps out"),
  )
  def test_what_cannot_be_exported_is_told(self, kind, name, message):
    with mock.patch.object(crf, "_import_densecrf"):
      predictor = predictor_lib.Predictor(labels=crf.Refinement(kind=kind))
    export_format = export_folder.Format[name]
    if message is None:
      predictor.check_exportable(export_format)
      return
    with self.assertRaisesRegex(ValueError, f"5 CRF steps.*{message}"):
      predictor.check_exportable(export_format)

  @parameterized.parameters(
    ({"kind": "lattice"}, "`kind` must be one of .*'lattice'"),
    ({"activation": "relu"}, "'relu'"),
  )
  def test_bad_attributes_are_refused_at_once(self, options, message):
    with self.assertRaisesRegex(ValueError, message):
      crf.Refinement(**options)

  def test_missing_pydensecrf_is_told_at_once_with_the_remedies(self):
    missing = {"pydensecrf": None, "pydensecrf.densecrf": None}
    with mock.patch.dict(sys.modules, missing):
      with self.assertRaisesRegex(ImportError, r"\[crf\].*--crf=window"):
        crf.Refinement(kind="dense")
