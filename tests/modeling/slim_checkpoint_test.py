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

import os

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl import modeling
from tests import external_data
from tests import models
from tests import synth_checkpoint


@pytest.fixture(scope="module")
def small():
  return modeling.build_deeplab(
    depth_multiplier=0.5, num_classes=4, atrous_rates=None
  )


def _shapes(model):
  return {k: v.shape.as_list() for k, v in model.slim_variables().items()}


def _write(tmp_path, shapes, seed=3):
  return synth_checkpoint.write_checkpoint(
    shapes, seed, os.path.join(tmp_path, "model.ckpt")
  )


def test_all_variables_load_and_global_step_is_skipped(small, tmp_path):
  shapes = _shapes(small)
  report = modeling.load_slim_checkpoint(small, _write(tmp_path, shapes))
  assert set(report.loaded) == set(shapes)
  assert report.skipped == ("global_step",)
  assert not report.initial
  for name, variable in small.slim_variables().items():
    np.testing.assert_array_equal(
      variable, synth_checkpoint.variable_value(name, shapes[name], 3)
    )


def test_logits_of_other_classes_stay_as_they_are(small, tmp_path):
  shapes = _shapes(small) | {
    "logits/semantic/weights": [1, 1, 256, 21],
    "logits/semantic/biases": [21],
  }
  before = small.logits.kernel.numpy()
  report = modeling.load_slim_checkpoint(small, _write(tmp_path, shapes))
  assert set(report.initial) == {
    "logits/semantic/weights",
    "logits/semantic/biases",
  }
  np.testing.assert_array_equal(before, small.logits.kernel)


def test_logits_may_be_left_as_they_are(small, tmp_path):
  before = small.logits.kernel.numpy()
  report = modeling.load_slim_checkpoint(
    small, _write(tmp_path, _shapes(small), seed=4), "all_but_logits"
  )
  assert set(report.initial) == {
    "logits/semantic/weights",
    "logits/semantic/biases",
  }
  np.testing.assert_array_equal(before, small.logits.kernel)
  surplus = _shapes(small) | {"decoder/decoder_conv0/weights": [1, 1, 4, 4]}
  with pytest.raises(ValueError, match="decoder_conv0/weights: .* missing in"):
    modeling.load_slim_checkpoint(
      small, _write(tmp_path, surplus), "all_but_logits"
    )


def test_a_classifier_loads_into_the_backbone(small, tmp_path):
  shapes = {k: v for k, v in _shapes(small).items() if "Mobilenet" in k}
  shapes["MobilenetV2/Logits/Conv2d_1c_1x1/weights"] = [1, 1, 1280, 1001]
  shapes["MobilenetV2/Logits/Conv2d_1c_1x1/biases"] = [1001]
  report = modeling.load_slim_checkpoint(small, _write(tmp_path, shapes))
  assert len(report.loaded) == len(shapes) - 2
  assert "aspp0/weights" in report.initial


def test_momentum_slots_and_averages_are_skipped(small, tmp_path):
  shapes = _shapes(small)
  prefix = os.path.join(tmp_path, "model.ckpt")
  values = synth_checkpoint.all_values(shapes, 1)
  values["aspp0/weights/Momentum"] = values["aspp0/weights"]
  values["aspp0/weights/ExponentialMovingAverage"] = values["aspp0/weights"]
  values["aspp0/BatchNorm/moving_mean/local_step"] = np.float32(1)
  values["beta1_power"] = np.float32(0.9)
  names = sorted(values)
  tf.raw_ops.SaveV2(
    prefix=prefix,
    tensor_names=names,
    shape_and_slices=[""] * len(names),
    tensors=[tf.constant(values[n]) for n in names],
  )
  report = modeling.load_slim_checkpoint(small, prefix)
  assert len(report.skipped) == 4


def test_wrong_shape_names_variable_and_both_shapes(small, tmp_path):
  shapes = _shapes(small) | {"aspp0/weights": [1, 1, 320, 256]}
  before = small.slim_variables()["image_pooling/weights"].numpy()
  with pytest.raises(ValueError, match=r"aspp0/weights: \[1, 1, 320, 256\] in"):
    modeling.load_slim_checkpoint(small, _write(tmp_path, shapes))
  np.testing.assert_array_equal(
    before, small.slim_variables()["image_pooling/weights"]
  )


def test_a_decoder_of_other_classes_is_dropped_where_it_gives_logits(tmp_path):
  def build(classes):
    return modeling.build_deeplab(
      backbone="mobilenet_v2_mini",
      output_stride=8,
      num_classes=classes,
      decoder_output_stride=4,
      decoder_filters=classes,
      decoder_output_is_logits=True,
      decoder_use_sum_merge=True,
    )

  prefix = _write(tmp_path, _shapes(build(19)))
  report = modeling.load_slim_checkpoint(build(3), prefix)
  scopes = {name.rsplit("/", 1)[0] for name in report.initial}
  assert scopes == {"decoder/decoder_conv0", "decoder/feature_projection0"}
  assert "aspp0/weights" in report.loaded


def test_missing_variable_is_an_error(small, tmp_path):
  shapes = _shapes(small)
  del shapes["concat_projection/weights"]
  with pytest.raises(ValueError, match="concat_projection/weights: missing"):
    modeling.load_slim_checkpoint(small, _write(tmp_path, shapes))


def test_a_decoder_the_model_lacks_is_an_error_unless_backbone(small, tmp_path):
  shapes = _shapes(small) | {
    "decoder/feature_projection0/weights": [1, 1, 72, 48]
  }
  prefix = _write(tmp_path, shapes)
  with pytest.raises(ValueError, match="feature_projection0.*missing in the m"):
    modeling.load_slim_checkpoint(small, prefix)
  report = modeling.load_slim_checkpoint(small, prefix, scope="backbone")
  assert all(name.startswith("MobilenetV2/") for name in report.loaded)


def test_unknown_scope_and_missing_files_are_errors(small, tmp_path):
  with pytest.raises(ValueError, match="scope='head'"):
    modeling.load_slim_checkpoint(small, "x", scope="head")
  with pytest.raises(FileNotFoundError, match="nowhere"):
    modeling.load_slim_checkpoint(small, str(tmp_path / "nowhere"))
  (tmp_path / "notes.txt").write_text("")
  with pytest.raises(FileNotFoundError, match="notes.txt"):
    modeling.find_prefix(str(tmp_path))


def test_a_directory_with_a_single_checkpoint_needs_no_index_of_them(tmp_path):
  (tmp_path / "model.ckpt.index").write_text("")
  assert modeling.find_prefix(str(tmp_path)) == str(tmp_path / "model.ckpt")


@pytest.mark.parametrize(
  "ending", ["", ".index", ".meta", ".data-00000-of-00001"]
)
def test_a_file_of_a_checkpoint_stands_for_it(ending, tmp_path, monkeypatch):
  (tmp_path / "ckpt-4.index").write_text("")
  monkeypatch.chdir(tmp_path)
  for prefix in (str(tmp_path / "ckpt-4"), "ckpt-4", "./ckpt-4"):
    assert modeling.find_prefix(prefix + ending) == prefix


def test_a_part_of_a_prefix_is_none(tmp_path):
  (tmp_path / "ckpt-40.index").write_text("")
  (tmp_path / "ckpt-40.data-00000-of-00001").write_text("")
  for part in ("ckpt", "ckpt-", "ckpt-4"):
    with pytest.raises(FileNotFoundError, match=r"folder holds ckpt-40\.$"):
      modeling.find_prefix(str(tmp_path / part))
  with pytest.raises(FileNotFoundError, match="nothing that begins like it"):
    modeling.find_prefix(str(tmp_path / "model"))


def _write_v1(shapes, prefix):
  """Writes a checkpoint in the format of TensorFlow before 0.12."""
  values = synth_checkpoint.all_values(shapes, 3)
  with tf.Graph().as_default(), tf.compat.v1.Session() as session:
    for name, value in values.items():
      tf.compat.v1.get_variable(
        name, initializer=tf.constant(value), use_resource=False
      )
    session.run(tf.compat.v1.global_variables_initializer())
    saver = tf.compat.v1.train.Saver(
      write_version=tf.compat.v1.train.SaverDef.V1
    )
    return saver.save(session, prefix, write_state=False)


def test_the_old_v1_format_loads(small, tmp_path):
  shapes = _shapes(small)
  prefix = _write_v1(shapes, str(tmp_path / "resnet.ckpt"))
  assert os.listdir(tmp_path) and not os.path.exists(f"{prefix}.index")
  for path in (prefix, str(tmp_path)):
    report = modeling.load_slim_checkpoint(small, path)
    assert set(report.loaded) == set(shapes)


@pytest.mark.parametrize(
  "backbone, extras",
  [
    ("resnet_v1_50_beta", {"resnet_v1_50/logits/weights": [1, 1, 2048, 1001]}),
    pytest.param(
      "xception_65",
      {"xception_65/logits/biases": [1001]},
      marks=pytest.mark.slow,
    ),
    ("mobilenet_v2", {"MobilenetV2/Conv_1/weights": [1, 1, 320, 1280]}),
    (
      "mobilenet_edgetpu",
      {"MobilenetEdgeTPU/Logits/Conv2d_1c_1x1/biases": [1001]},
    ),
    # Those of slim's own page.
    (
      "resnet_v1_50",
      {
        "resnet_v1_50/logits/weights": [1, 1, 2048, 1000],
        "resnet_v1_50/mean_rgb": [3],
      },
    ),
  ],
)
def test_classifiers_of_the_zoo_load_into_the_backbone(
  backbone, extras, tmp_path
):
  with models.without_initial_values():
    model = modeling.build_deeplab(backbone=backbone, aspp_convs_filters=8)
  shapes = {
    k: v.shape.as_list() for k, v in model.backbone.slim_variables().items()
  }
  report = modeling.load_slim_checkpoint(
    model, _write(tmp_path, shapes | extras)
  )
  assert set(report.loaded) == set(shapes)
  assert set(report.skipped) == {"global_step", *extras}
  assert all("/" in name for name in report.initial)


def test_another_backbone_names_what_is_missing(small, tmp_path):
  prefix = _write(
    tmp_path, {"xception_65/entry_flow/conv1_1/weights": [3, 3, 3, 32]}
  )
  with pytest.raises(ValueError, match="MobilenetV2/Conv/weights: missing"):
    modeling.load_slim_checkpoint(small, prefix)


@pytest.mark.parametrize(
  "name, loaded",
  [("deeplabv3_mnv2_pascal", 272), ("mobilenet_v2_1.0_imagenet", 255)],
)
def test_real_checkpoints_load(name, loaded):
  model = modeling.build_deeplab(atrous_rates=None)
  path = str(external_data.require(f"checkpoints/{name}"))
  report = modeling.load_slim_checkpoint(model, path)
  assert len(report.loaded) == loaded
