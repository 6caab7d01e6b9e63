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

from deeplab_ssl.modeling.backbones import mobilenet_v2


@contextlib.contextmanager
def _recording(layers, outputs):
  """Keeps what each layer, {name: layer}, returns while the context lasts."""

  def recorded(name, call):
    def call_and_keep(*args, **kwargs):
      result = call(*args, **kwargs)
      outputs[name] = result[0] if isinstance(result, tuple) else result
      return result

    return call_and_keep

  original_calls = {name: layer.call for name, layer in layers.items()}
  for name, layer in layers.items():
    layer.call = recorded(name, layer.call)
  try:
    yield
  finally:
    for name, layer in layers.items():
      layer.call = original_calls[name]


def run(model, images):
  """Runs a `DeepLab`; returns {the original's name of a map: map}."""
  backbone = model.backbone
  scoped = {
    layer.scope: layer
    for layer in model._flatten_layers()
    if hasattr(layer, "scope")
  }
  parts = {
    "pool1": getattr(backbone, "pool", None),
    "head_output": model.head,
    "decoder_output": model.decoder,
  }
  if isinstance(backbone, mobilenet_v2.MobileNetV2):
    parts["layer_1"] = backbone.stem
    parts |= {f"layer_{i}": b for i, b in enumerate(backbone.blocks, start=2)}
  layers = scoped | {k: v for k, v in parts.items() if v is not None}
  outputs = {}
  with _recording(layers | {"backbone": backbone}, outputs):
    logits = model(images, training=False)
  maps = outputs.pop("backbone")
  result = {
    "backbone_output": maps[backbone.feature_level],
    "layer_4/depthwise_output": maps["2"],
    "raw_logits": logits,
  }
  for name, value in outputs.items():
    # The original's names leave out the scope of the network.
    name = name.removeprefix(f"{backbone.name}/")
    result[name] = value
    # A block is called what its last unit gives.
    result[name.split("/unit_")[0]] = value
  return result
