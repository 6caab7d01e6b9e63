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

"""Tests of the conversion to ONNX: onnxruntime answers as TensorFlow does."""

import numpy as np
import pytest
import scipy.special
import tensorflow as tf

from deeplab_ssl import modeling
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.prediction import serving
from deeplab_ssl.prediction import views
from tests import models

_REASON = "needs the extra: pip install 'deeplab-ssl[onnx]'"
onnx = pytest.importorskip("onnx", reason=_REASON)
onnxruntime = pytest.importorskip("onnxruntime", reason=_REASON)
pytest.importorskip("tf2onnx", reason=_REASON)
from deeplab_ssl.prediction import onnx_conversion  # noqa: E402

# Of several remainders by 16 and by 8, 1 and 0 among them.
_SIZES = ((33, 47), (64, 64), (65, 81), (50, 37), (1, 7))
_SPEC = tf.TensorSpec([None, None, None, 3], tf.uint8, serving.IMAGE)


def _images(height, width, batch=1):
  """Noise that is smooth enough for the network to see something in it."""
  random = np.random.RandomState(height)
  coarse = random.uniform(0, 255, [batch, 1 + height // 9, 1 + width // 9, 3])
  return tf.cast(tf.image.resize(coarse, [height, width]), tf.uint8).numpy()


def _deeplab(**options):
  """A small DeepLab whose statistics are those of images: it tells places."""
  tf.keras.utils.set_random_seed(1)
  model = modeling.build_deeplab(
    num_classes=4,
    aspp_convs_filters=16,
    decoder_filters=16,
    logits_init_stddev=0.3,
    batch_norm_decay=1e-6,
    **options,
  )
  model(_images(65, 65, batch=8), training=True)
  return model


def _session(module):
  model = onnx_conversion.convert(module.serve, _SPEC)
  return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])


def _assert_same(session, module, images):
  names = [serving.LABELS, serving.PROBABILITIES]
  labels, probabilities = session.run(names, {serving.IMAGE: images})
  expected = module.serve(images)
  assert labels.dtype == np.int32 and labels.shape == images.shape[:3]
  np.testing.assert_allclose(
    probabilities, expected[serving.PROBABILITIES], rtol=0, atol=2e-4
  )
  # Elsewhere rounding may decide.
  ranked = np.sort(probabilities, -1)
  certain = ranked[..., -1] - ranked[..., -2] > 1e-3
  assert np.mean(certain) > 0.8
  np.testing.assert_array_equal(
    labels[certain], expected[serving.LABELS].numpy()[certain]
  )


@pytest.mark.parametrize("decoder_output_stride", [None, 4])
@pytest.mark.parametrize(
  "backbone, activation",
  [
    (
      {
        "backbone": "mobilenet_v2_mini",
        "output_stride": 8,
        "atrous_rates": (2, 4),
      },
      "sigmoid",
    ),
    pytest.param(
      {
        "backbone": "mobilenet_v2",
        "output_stride": 16,
        "depth_multiplier": 0.25,
        "atrous_rates": (1, 2),
      },
      "softmax",
      marks=pytest.mark.slow,
    ),
  ],
)
def test_a_deeplab_sees_images_of_every_size_alike(
  backbone, activation, decoder_output_stride
):
  model = _deeplab(decoder_output_stride=decoder_output_stride, **backbone)
  module = serving.ServingModule(model, activation)
  session = _session(module)
  labels = set()
  for size in _SIZES:
    _assert_same(session, module, _images(*size))
    labels |= set(np.unique(module.serve(_images(*size))[serving.LABELS]))
  _assert_same(session, module, _images(33, 47, batch=2))
  assert len(labels) > 1


@pytest.mark.parametrize(
  "look",
  [
    views.Views((0.5, 1.0, 1.5), add_flipped_images=True),
    views.Views((0.5,), activation="sigmoid", add_flipped_images=True),
    views.Views(tile_size=(17, 13), tile_overlap=4),
    pytest.param(
      views.Views((0.5, 1.0), True, (9, 9), 2), marks=pytest.mark.slow
    ),
  ],
  ids=str,
)
def test_the_views_are_part_of_the_model(look):
  predictor = predictor_lib.Predictor(look)
  module = serving.ServingModule(models.Blocks(), look.activation, predictor)
  session = _session(module)
  for size in ((14, 17), (33, 20), (5, 8), (9, 13)):
    _assert_same(session, module, _images(*size))


def test_inputs_and_outputs_are_those_of_the_saved_model():
  module = serving.ServingModule(models.Blocks())
  graph = onnx.load_from_string(
    onnx_conversion.convert(module.serve, _SPEC)
  ).graph

  def describe(tensors):
    return {
      tensor.name: (
        onnx.TensorProto.DataType.Name(tensor.type.tensor_type.elem_type),
        [d.dim_param or d.dim_value for d in tensor.type.tensor_type.shape.dim],
      )
      for tensor in tensors
    }

  size = ["batch", "height", "width"]
  assert describe(graph.input) == {"ImageTensor": ("UINT8", [*size, 3])}
  assert describe(graph.output) == {
    "SemanticPredictions": ("INT32", size),
    "SemanticProbabilities": ("FLOAT", [*size, 3]),
  }


@pytest.mark.parametrize("axis, order", [(1, [0, 2, 3, 1]), (2, [2, 0, 1, 3])])
def test_a_transpose_before_a_softmax_changes_no_value(axis, order):
  def made(swap):
    tensor = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
      [
        onnx.helper.make_node("Softmax", ["x"], ["a"], axis=axis),
        onnx.helper.make_node("Transpose", ["a"], ["b"], perm=order),
        onnx.helper.make_node("Neg", ["b"], ["y"]),
      ],
      "graph",
      [tensor("x", onnx.TensorProto.FLOAT, [2, 3, 4, 5])],
      [tensor("y", onnx.TensorProto.FLOAT, [None] * 4)],
    )
    if swap:
      onnx_conversion._transpose_before_softmax(graph)
      assert [n.op_type for n in graph.node] == ["Transpose", "Softmax", "Neg"]
    opset = [onnx.helper.make_opsetid("", onnx_conversion.OPSET)]
    model = onnx.helper.make_model(graph, opset_imports=opset, ir_version=8)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {"x": values})[0]

  values = np.random.RandomState(0).normal(size=[2, 3, 4, 5])
  values = values.astype(np.float32)
  expected = -scipy.special.softmax(values, axis).transpose(order)
  for swap in (False, True):
    np.testing.assert_allclose(made(swap), expected, rtol=1e-6)


def test_what_the_converter_leaves_as_it_is_is_told():
  @tf.function(input_signature=[_SPEC])
  def histogram(images):
    return {"bins": tf.math.bincount(tf.cast(images, tf.int32))}

  with pytest.raises(ValueError, match="cannot be exported to ONNX.*SavedMod"):
    onnx_conversion.convert(histogram, _SPEC)
