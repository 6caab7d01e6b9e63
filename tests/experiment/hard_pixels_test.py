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

import json

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl import modeling
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import hard_pixels
from deeplab_ssl.experiment import loss_registry
from tests import original
from tests import replicas
from tests import synth_checkpoint

_CASES = json.loads((original.TESTDATA / "losses_seed1.json").read_text())[
  "cases"
]


def _labels(case):
  shape = case["label_shape"]
  if case["labels"] != "synth":
    return np.full([*shape, 1], case["ignore_label"], np.int32)
  return synth_checkpoint.synth_labels(
    case["seed"], *shape, case["classes"], case["ignore_label"]
  )


def _config(case):
  weights = case["label_weights"]
  if isinstance(weights, float):
    weights = None if weights == 1 else [weights] * case["classes"]
  return configs.Losses(
    type="ce",
    top_k_percent_pixels=case["top_k_percent_pixels"],
    # The original has no use for it when all pixels count.
    hard_example_mining_step=(
      case["hard_example_mining_step"]
      if case["top_k_percent_pixels"] < 1
      else 0
    ),
    label_weights=weights and weights[: case["classes"]],
  )


def _loss(case, config, logits):
  """Adds the losses of all scales, as a training step does."""
  labels, total = tf.constant(_labels(case)), 0.0
  for output in logits.values():
    aligned = labels
    if case["upsample_logits"]:
      output = modeling.upsample_logits(output, labels.shape[1:3])
    else:
      aligned = tf.raw_ops.ResizeNearestNeighbor(
        images=labels, size=output.shape[1:3], align_corners=True
      )
    loss, _ = loss_registry.compute_loss(
      config, aligned, output, case["ignore_label"], lambda: case["global_step"]
    )
    total += loss
  return total


@pytest.mark.parametrize("case", _CASES, ids=lambda case: str(case["id"]))
def test_loss_and_gradient_are_those_of_the_original(case):
  logits = {
    name: tf.constant(
      synth_checkpoint.synth_logits(
        case["seed"], name, case["label_shape"][0], *size, case["classes"]
      )
    )
    for name, size in case["scales"].items()
  }
  with tf.GradientTape() as tape:
    tape.watch(logits)
    loss = _loss(case, _config(case), logits)
  np.testing.assert_allclose(loss, case["loss"], rtol=1e-5)
  for name, gradient in tape.gradient(loss, logits).items():
    expected, gradient = case["gradient"][name], np.asarray(gradient)
    found = {
      "l2": np.linalg.norm(gradient),
      "abs_sum": np.abs(gradient).sum(dtype=np.float64),
    }
    for key, value in found.items():
      np.testing.assert_allclose(value, expected[key], rtol=1e-5, err_msg=key)
    present = np.any(gradient != 0, -1).sum()
    assert present == expected["pixels_not_zero"]
    samples = gradient.ravel()[:: max(1, gradient.size // 24)][:24]
    np.testing.assert_allclose(
      samples, expected["samples"], rtol=1e-4, atol=1e-9
    )


@pytest.mark.parametrize(
  "values, message",
  [
    ({"top_k_percent_pixels": 0}, r"in \(0, 1\]. Received: .*=0"),
    ({"top_k_percent_pixels": 1.5}, r"in \(0, 1\]. Received: .*=1.5"),
    ({"hard_example_mining_step": -1}, "0 or more"),
    ({"hard_example_mining_step": 5}, "0 with top_k_percent_pixels 1"),
    ({"label_weights": [1.0, -1.0]}, "0 or more for each class"),
  ],
)
def test_another_selection_is_refused(values, message):
  with pytest.raises(ValueError, match=message):
    hard_pixels.PixelSelection(**values)


def test_weights_are_as_many_as_classes():
  selection = hard_pixels.PixelSelection(label_weights=[1.0, 2.0])
  with pytest.raises(
    ValueError, match=r"3 factors.*label_weights=\[1.0, 2.0\]"
  ):
    hard_pixels.weighted_cross_entropy(
      tf.zeros([1, 2, 2, 1], tf.int32),
      tf.zeros([1, 2, 2, 3]),
      ignore_class=255,
      selection=selection,
    )


def test_replicas_share_the_pixels_of_a_batch():
  rng = np.random.default_rng(0)
  logits = tf.constant(rng.normal(size=[4, 3, 5, 3]), tf.float32)
  labels = rng.integers(0, 3, [4, 3, 5, 1])
  labels[:2, :2] = 255  # More void on one replica than on the other.
  labels = tf.constant(labels, tf.int32)
  selection = hard_pixels.PixelSelection(label_weights=[1.0, 2.0, 0.5])

  def loss(part):
    return hard_pixels.weighted_cross_entropy(
      labels[part], logits[part], ignore_class=255, selection=selection
    )

  strategy = replicas.two_replicas()

  @tf.function
  def run():
    def step():
      first = 2 * tf.distribute.get_replica_context().replica_id_in_sync_group
      return loss(slice(first, first + 2))

    return strategy.run(step)

  of_replicas = strategy.experimental_local_results(run())
  np.testing.assert_allclose(np.mean(of_replicas), loss(slice(None)), rtol=1e-5)


def test_an_infinite_logit_of_a_void_pixel_counts_nothing():
  logits = tf.constant([[[[np.inf, 0.0], [1.0, 0.0]]]], tf.float32)
  labels = tf.constant([[[[255], [0]]]], tf.int32)
  loss = hard_pixels.weighted_cross_entropy(
    labels,
    logits,
    ignore_class=255,
    selection=hard_pixels.PixelSelection(top_k_percent_pixels=0.5),
  )
  np.testing.assert_allclose(loss, np.log1p(np.exp(-1)), rtol=1e-6)
