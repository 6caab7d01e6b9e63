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

import functools
import gc
import inspect
import traceback
from unittest import mock

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl import modeling
from deeplab_ssl.modeling.image_pyramid import ImagePyramid
from tests import endpoints
from tests import models
from tests import original
from tests import synth_checkpoint

# Large networks; of each kind but NAS a smaller one is compared, too.
_SLOW = (
  "hnasnet_noos32_os8_seed1_193x161",
  "pnasnet_os32_seed1_128x150",
  "resnet101_v3_os8_seed1_193x161",
  "resnet50_os32_mg124_v3",
  "resnet50_os8_mg0_v3",
  "xception71_os16_mg0_v3",
  "xception71_os8_mg124_decplain",
)


def test_the_slow_networks_are_there():
  assert set(_SLOW) <= {*original.inference_fixtures(), *original.variants()}


def _with_slow_ones(names):
  return [
    pytest.param(name, marks=[pytest.mark.slow] if name in _SLOW else [])
    for name in sorted(names)
  ]


@functools.lru_cache(maxsize=1)
def _model(name):
  gc.collect()  # The model before it, which has cycles.
  return original.build(name)


def _assert_within(actual, expected, gate, what):
  difference = np.abs(np.asarray(actual, np.float64) - expected).max()
  assert difference <= gate, f"{what} differs by {difference}, gate {gate}"


def _assert_endpoint(fixture, name, value, gate):
  """Compares the samples of an endpoint that the fixture has kept."""
  kept = {
    key: fixture[f"ep/{name}/{key}"]
    for key in ("shape", "mean", "std", "corner", "center", "end", "chanmean")
  }
  value = np.asarray(value)
  assert value.shape == tuple(kept["shape"]), name
  _, h, w, _ = value.shape
  samples = {
    "corner": value[0, :2, :2, :8],
    "center": value[0, h // 2, w // 2, :16],
    "end": value[-1, -2:, -2:, -8:],
    "chanmean": value[0, :: max(1, h // 16), :: max(1, w // 16)].mean(-1),
  }
  std = kept["std"]
  for key, sample in samples.items():
    _assert_within(sample, kept[key], gate * std, f"{name} {key}")
  _assert_within(value.std(), std, 1e-4 * std, f"{name} std")
  allowed = 1e-4 * max(abs(kept["mean"]), std)
  _assert_within(value.mean(), kept["mean"], allowed, f"{name} mean")


def _gate(name):
  """Largest difference of a model's maps, as a share of their deviation.

  The fixtures themselves, of float32, are off by half as much.
  """
  return 5e-4 if name.startswith("resnet101") else 2e-4


@pytest.mark.parametrize("stem", _with_slow_ones(original.inference_fixtures()))
def test_logits_and_endpoints_equal_those_of_the_original(stem):
  fixture = np.load(original.inference_fixtures()[stem])
  model_name = stem.split("_seed")[0]
  model, gate = _model(model_name), _gate(model_name)
  images = original.images(fixture)
  maps = endpoints.run(model, images)
  names = {
    key.split("/", 1)[1].rsplit("/", 1)[0]
    for key in fixture
    if key[:3] == "ep/"
  }
  assert names
  if "image_pyramid" in original.manifest(model_name).get("run", {}):
    # What is within the network was kept of one scale or another.
    names = {name for name in names if name.startswith("logits_")}
  maps |= _logits_of_scales(model_name, model, images)
  for name in names:
    _assert_endpoint(fixture, name, maps[name], gate)
  logits = maps["raw_logits"]
  expected = fixture["logits"]
  _assert_within(logits, expected, gate * expected.std(), "logits")
  for name in maps.keys() & set(fixture):
    value = fixture[name]
    _assert_within(maps[name], value, gate * value.std(), name)
  labels, probabilities = original.predict(model_name, model, images, logits)
  different = (labels != fixture["argmax"]).sum()
  assert different <= fixture["argmax_margin_lt_1e3"]
  stride = int(fixture["prob_stride"])
  found = probabilities[:, ::stride, ::stride]
  if "mean_prob" in fixture:
    _assert_within(found, fixture["mean_prob"], 1e-4, "mean probabilities")
    # The original applies a second softmax to what it saves.
    found = tf.nn.softmax(found)
  _assert_within(found, fixture["prob"], 1e-3, "probabilities")


def _logits_of_scales(name, model, images):
  """Returns the logits of each scale that a fixture's model has seen."""
  run = original.manifest(name).get("run", {})
  if "image_pyramid" in run:
    maps = model.logits_of_scales(images)
    return _named(run["image_pyramid"], maps)
  maps = []
  for scale in run.get("eval_scales", []):
    with mock.patch.object(model, "pyramid", ImagePyramid([scale])):
      maps.append(model(images))
  return _named(run.get("eval_scales", []), maps)


def _named(scales, maps):
  pairs = zip(scales, maps, strict=True)
  return {f"logits_{scale:.2f}": value for scale, value in pairs}


@pytest.mark.parametrize("name", _with_slow_ones(original.variants()))
def test_other_flags_give_the_logits_of_the_original(name):
  variant = original.variants()[name]
  with models.without_initial_values():
    model = modeling.build_deeplab(**variant["options"])
  ours = model.slim_variables()
  values = synth_checkpoint.all_values(
    {k: v.shape.as_list() for k, v in ours.items()}, variant["seed"]
  )
  # Equal only if all names and shapes are those of the original.
  assert synth_checkpoint.digest(values) == variant["weights_digest"]
  for key, variable in ours.items():
    variable.assign(values[key])
  logits = model(
    synth_checkpoint.synth_images(variant["seed"], *variant["input_shape"][:3])
  )
  expected = np.load(original.TESTDATA / "variants.npz")[name]
  assert logits.shape == expected.shape
  gate = _gate(name)
  _assert_within(logits, expected, gate * expected.std(), "logits")


_MINI = {
  "backbone": "mobilenet_v2_mini",
  "output_stride": 8,
  "aspp_convs_filters": 8,
}


@pytest.mark.parametrize("stride", [8, 16])
@pytest.mark.parametrize("separable", [False, True])
def test_decoder_logits_are_at_a_quarter_of_any_size(separable, stride):
  backbone = {8: "mobilenet_v2_mini", 16: "mobilenet_v2"}[stride]
  model = modeling.build_deeplab(
    backbone=backbone,
    depth_multiplier=0.5,
    num_classes=3,
    output_stride=stride,
    atrous_rates=[2],
    aspp_convs_filters=8,
    decoder_filters=8,
    decoder_output_stride=4,
    decoder_use_separable_conv=separable,
  )
  for size in ((33, 33), (40, 57)):
    logits = model(tf.zeros([2, *size, 3]))
    assert logits.shape == [2, *((d - 1) // 4 + 1 for d in size), 3]
    assert logits.dtype == tf.float32


def test_frozen_batch_norm_keeps_statistics_and_trains_gamma_and_beta():
  model = modeling.build_deeplab(
    **_MINI, atrous_rates=None, fine_tune_batch_norm=False
  )
  variables = model.slim_variables()
  before = {k: v.numpy() for k, v in variables.items()}
  with tf.GradientTape() as tape:
    loss = tf.reduce_sum(model(tf.random.uniform([2, 33, 33, 3]) * 255, True))
  name = "aspp0/BatchNorm/gamma"
  assert tape.gradient(loss, variables[name]) is not None
  trainable = {v.ref() for v in model.trainable_variables}
  assert variables[name].ref() in trainable
  for key, value in before.items():
    np.testing.assert_array_equal(value, variables[key])


def test_fine_tuned_batch_norm_updates_statistics():
  model = modeling.build_deeplab(
    **_MINI, atrous_rates=None, batch_norm_decay=0.5
  )
  # Not the mean: what reaches this layer was normalised and keeps mean 0.
  variance = model.slim_variables()["aspp0/BatchNorm/moving_variance"]
  before = variance.numpy()
  model(tf.random.uniform([2, 33, 33, 3]) * 255, training=True)
  assert not np.allclose(before, variance, rtol=1e-6, atol=1e-6)


def test_weight_decay_is_half_the_squared_norm_of_full_kernels():
  decay = 0.01
  model = modeling.build_deeplab(
    **_MINI, aspp_with_separable_conv=True, weight_decay=decay
  )
  kernels = [
    v.numpy().astype(np.float64)
    for name, v in model.slim_variables().items()
    if name.endswith("/weights")
  ]
  expected = decay * sum((k**2).sum() / 2 for k in kernels)
  np.testing.assert_allclose(tf.add_n(model.losses), expected, rtol=1e-5)


def test_tracing_converts_no_python_of_the_model():
  model = modeling.build_deeplab(**_MINI, atrous_rates=None)
  callers = []

  def head(features, **options):
    callers.extend(frame.filename for frame in traceback.extract_stack())
    return features[..., :8]

  with mock.patch.object(model, "head", head):
    tf.function(lambda images: model(images)).get_concrete_function(
      tf.TensorSpec([1, 33, 33, 3])
    )
  assert inspect.getsourcefile(type(model)) in callers


def test_upsampled_logits_keep_the_corners():
  logits = tf.random.normal([1, 5, 4, 2], seed=1)
  large = modeling.upsample_logits(logits, (65, 49))
  np.testing.assert_allclose(
    large[:, ::64, ::48], logits[:, ::4, ::3], rtol=1e-6, atol=1e-6
  )
