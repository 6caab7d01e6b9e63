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

"""Intermediate maps of a model under the original's names of them."""

import contextlib

import tensorflow as tf


@contextlib.contextmanager
def _recording(layers, outputs):
  """Keeps what each layer, {name: layer}, returns while the context lasts."""

  def recorded(name, call):
    def call_and_keep(*args, **kwargs):
      outputs[name] = call(*args, **kwargs)
      return outputs[name]

    return call_and_keep

  original_calls = {name: layer.call for name, layer in layers.items()}
  for name, layer in layers.items():
    layer.call = recorded(name, layer.call)
  try:
    yield
  finally:
    for name, layer in layers.items():
      layer.call = original_calls[name]


def _before_norm(layer, value):
  """What came out of a convolution, given what its batch norm made of it."""
  norm = layer.norm
  scale = norm.gamma / tf.sqrt(norm.moving_variance + norm.epsilon)
  return (value - norm.beta) / scale + norm.moving_mean


def _nas_parts(backbone):
  """The layers of a NAS network by the original's names of what they return."""
  if not hasattr(backbone, "cells"):
    return {}
  cells = {f"Cell_{i}": cell for i, cell in enumerate(backbone.cells)}
  head = {
    layer.scope.split("/")[1].removesuffix("_conv"): layer
    for layer in backbone.head
  }
  return cells | head | {"Stem": backbone.stem[-1]}


def _mobilenet_parts(backbone):
  """The layers of a MobileNet by the original's names of what they return."""
  if not hasattr(backbone, "blocks"):
    return {}
  parts = [backbone.stem, *backbone.blocks, getattr(backbone, "last", None)]
  return {f"layer_{i}": part for i, part in enumerate(parts, start=1)}


def run(model, images):
  """Runs a `DeepLab`; returns {the original's name of a map: map}."""
  backbone = model.backbone
  scoped = {
    layer.scope: layer
    for layer in model._flatten_layers()
    if hasattr(layer, "scope")
  }
  parts = (
    _mobilenet_parts(backbone)
    | _nas_parts(backbone)
    | {
      "pool1": getattr(backbone, "pool", None),
      "head_output": model.head,
      "decoder_output": [model.decoder, *model.decoder_stages][-1],
      "backbone_output": backbone,
    }
  )
  layers = scoped | {k: v for k, v in parts.items() if v is not None}
  outputs = {}
  with _recording(layers, outputs):
    logits = model(images, training=False)
  result = {"raw_logits": logits}
  scope = next(iter(backbone.slim_variables())).split("/")[0]
  for name, value in outputs.items():
    if isinstance(value, tuple):
      value, inner = value[:2]
      if name.startswith("layer_"):
        inner = inner["depthwise"] if isinstance(inner, dict) else inner
        result[f"{name}/depthwise_output"] = inner
    layer = scoped.get(name)
    norm_scope = getattr(layer, "norm_scope", f"{name}/BatchNorm")
    if norm_scope != f"{name}/BatchNorm" and not getattr(
      layer, "activation", None
    ):
      # A batch norm of another scope is a layer of its own in the original.
      value = _before_norm(layer, value)
    # The original's names leave out the scope of the network.
    name = name.removeprefix(f"{scope}/")
    result[name] = value
    # A block is called what its last unit gives.
    result[name.split("/unit_")[0]] = value
  # Without a head, the original calls the features its output.
  result.setdefault("head_output", result["backbone_output"])
  return result
