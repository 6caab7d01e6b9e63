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

import pytest
import tensorflow as tf

from deeplab_ssl import modeling
from tests import synth_checkpoint

_SMALL = {
  "backbone": "mobilenet_v2_mini",
  "output_stride": 8,
  "atrous_rates": None,
  "aspp_convs_filters": 8,
  "num_classes": 4,
}


def _build(**options):
  return modeling.build_deeplab(**(_SMALL | options))


def _values(model):
  return {k: v.numpy() for k, v in model.slim_variables().items()}


@pytest.fixture(scope="module")
def trained():
  return _build()


@pytest.fixture(scope="module", params=["ours", "slim"])
def prefix(request, trained, tmp_path_factory):
  """A checkpoint of either kind with the same weights."""
  folder = tmp_path_factory.mktemp(request.param)
  if request.param == "ours":
    return tf.train.Checkpoint(model=trained).write(str(folder / "ckpt"))
  values = _values(trained)
  names = sorted(values)
  tf.raw_ops.SaveV2(
    prefix=str(folder / "model.ckpt"),
    tensor_names=names,
    shape_and_slices=[""] * len(names),
    tensors=[tf.constant(values[n]) for n in names],
  )
  return str(folder / "model.ckpt")


def _same(model, values, prefix=""):
  return all(
    (value == values[name]).all()
    for name, value in _values(model).items()
    if name.startswith(prefix)
  )


def test_both_kinds_load_all_weights(prefix, trained, caplog):
  model = _build()
  report = modeling.load_checkpoint(model, prefix)
  assert not [r for r in caplog.records if r.levelname == "WARNING"]
  assert set(report.loaded) == set(trained.slim_variables())
  assert not report.initial
  assert _same(model, _values(trained))


def test_both_kinds_load_the_backbone_alone(prefix, trained):
  model = _build(aspp_convs_filters=16)
  report = modeling.load_checkpoint(model, prefix, scope="backbone")
  assert set(report.loaded) == set(trained.backbone.slim_variables())
  assert "aspp0/weights" in report.initial
  assert _same(model, _values(trained), "MobilenetV2/")


def test_both_kinds_drop_the_logits_of_other_classes(prefix, trained, caplog):
  model = _build(num_classes=7)
  report = modeling.load_checkpoint(model, prefix)
  (warning,) = caplog.records
  assert warning.levelname == "WARNING"
  assert "2 left at their initial value (logits/" in warning.getMessage()
  assert set(report.initial) == {
    "logits/semantic/weights",
    "logits/semantic/biases",
  }
  assert _same(model, _values(trained), "concat_projection")


def test_both_kinds_load_all_but_the_logits(prefix, trained):
  model = _build()
  kernel = model.logits.kernel.numpy()
  report = modeling.load_checkpoint(model, prefix, scope="all_but_logits")
  assert set(report.initial) == {
    "logits/semantic/weights",
    "logits/semantic/biases",
  }
  assert (model.logits.kernel.numpy() == kernel).all()
  assert _same(model, _values(trained), "concat_projection")
  assert _same(model, _values(trained), "MobilenetV2/")


@pytest.mark.parametrize(
  "options, message",
  [
    ({"aspp_convs_filters": 16}, "does not fit the model"),
    ({"decoder_output_stride": 4, "decoder_filters": 8}, "decoder"),
  ],
)
def test_both_kinds_refuse_another_architecture(prefix, options, message):
  with pytest.raises(ValueError, match=message):
    modeling.load_checkpoint(_build(**options), prefix)


def test_a_part_the_model_lacks_is_an_error(tmp_path):
  larger = _build(decoder_output_stride=4, decoder_filters=8)
  prefix = tf.train.Checkpoint(model=larger).write(str(tmp_path / "ckpt"))
  with pytest.raises(ValueError, match="only one of them has decoder"):
    modeling.load_checkpoint(_build(), prefix)


def test_a_checkpoint_of_something_else_is_an_error(tmp_path):
  other = tf.train.Checkpoint(step=tf.Variable(1))
  prefix = other.write(str(tmp_path / "ckpt"))
  with pytest.raises(ValueError, match="holds no model"):
    modeling.load_checkpoint(_build(), prefix)


def test_unknown_scope_is_an_error(prefix):
  with pytest.raises(ValueError, match="scope='head'"):
    modeling.load_checkpoint(_build(), prefix, scope="head")


def test_saved_parts_load_again(trained, tmp_path):
  modeling.save_parts(trained, {"backbone"}, str(tmp_path))
  model = _build()
  head = model.head.projection.conv.kernel.numpy()
  report = modeling.load_checkpoint(model, str(tmp_path))
  assert modeling.loaded_parts(model, report) == {"backbone"}
  assert _same(model, _values(trained), "MobilenetV2/")
  assert (head == model.head.projection.conv.kernel.numpy()).all()


def test_atrous_logits_are_saved_and_loaded(tmp_path):
  options = {"aspp_with_batch_norm": False, "atrous_rates": [2, 4]}
  trained = _build(**options)
  modeling.save_parts(
    trained, {"backbone", "logits", "logits_atrous"}, str(tmp_path)
  )
  model = _build(**options)
  assert not modeling.load_checkpoint(model, str(tmp_path)).initial
  assert _same(model, _values(trained))


_STAGES = {
  "decoder_output_stride": [8, 4],
  "decoder_filters": 4,
  "decoder_output_is_logits": True,
}
_CELLS = {
  "dense_prediction_cell": [{"op": "conv", "kernel": 1, "input": -1}],
  "image_pyramid": [0.5, 1.0],
}


@pytest.mark.parametrize("options", [_STAGES, _CELLS])
def test_all_stages_and_heads_are_saved_and_loaded(options, tmp_path):
  trained, model = _build(**options), _build(**options)
  prefix = tf.train.Checkpoint(model=trained).write(str(tmp_path / "ckpt"))
  report = modeling.load_checkpoint(model, prefix)
  assert not report.initial
  assert set(report.loaded) == set(trained.slim_variables())
  assert _same(model, _values(trained))
  with pytest.raises(ValueError, match="only one of them has"):
    modeling.load_checkpoint(_build(), prefix)


def test_formats_are_told_apart(trained, tmp_path):
  shapes = {k: v.shape for k, v in trained.slim_variables().items()}
  slim = synth_checkpoint.write_checkpoint(shapes, 3, str(tmp_path / "m.ckpt"))
  ours = tf.train.Checkpoint(model=trained).write(str(tmp_path / "ours"))
  assert modeling.is_slim_checkpoint(slim)
  assert not modeling.is_slim_checkpoint(ours)
