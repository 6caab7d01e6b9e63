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

"""Loads either kind of checkpoint, and writes ours.

A checkpoint of ours is TensorFlow's object-based format, as Model Garden's
trainer writes it: the model is found under `model`, and has the parts
`backbone`, `head`, `decoder` and `logits`.
"""

from collections.abc import Collection

import tensorflow as tf
from tensorflow.core.protobuf import trackable_object_graph_pb2

from deeplab_ssl.modeling import slim_checkpoint

_OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
_PARTS = (
  "backbone",
  "head",
  "heads_of_scales",
  "decoder",
  "decoder_stages",
  "logits",
  "logits_atrous",
)


def is_slim_checkpoint(path: str) -> bool:
  """Tells a TF1 checkpoint, read by name, from an object-based one of ours."""
  reader = tf.train.load_checkpoint(slim_checkpoint.find_prefix(path))
  return not reader.has_tensor(_OBJECT_GRAPH)


def load_checkpoint(
  model, path: str, scope: str = "all"
) -> slim_checkpoint.LoadReport:
  """Loads a TF1 checkpoint of the original or one of ours, told apart.

  In both, a `logits` layer of another number of classes is dropped and
  reported, and a checkpoint of a backbone alone leaves the head as it is.

  Args:
    model: a built `DeepLab`.
    path: prefix or directory of the checkpoint.
    scope: "all", "all_but_logits" to leave the layer `logits` at its initial
      values, or "backbone" to leave the head so.

  Returns:
    The `LoadReport`, which is logged too.

  Raises:
    FileNotFoundError: if there is no checkpoint.
    ValueError: if the checkpoint does not fit the model.
  """
  if is_slim_checkpoint(path):
    return slim_checkpoint.load_slim_checkpoint(model, path, scope)
  slim_checkpoint.check_scope(scope)
  prefix = slim_checkpoint.find_prefix(path)
  parts = _parts(model)
  stored = _stored_parts(prefix)
  if scope == "backbone" or not stored.keys() - {"backbone"}:
    wanted = {"backbone"}
  else:
    _check_parts(prefix, stored, parts)
    wanted = set(parts)
    if "logits" in parts and (
      scope == "all_but_logits"
      or stored["logits"] != model.logits.kernel.shape.as_list()
    ):
      wanted -= {"logits", "logits_atrous"}
  try:
    status = _checkpoint_of(parts, wanted).read(prefix)
    status.expect_partial().assert_existing_objects_matched()
  except (AssertionError, ValueError) as error:
    raise _misfit(prefix, error) from error
  report = _report(model, wanted)
  slim_checkpoint.log_report(prefix, report)
  return report


def _misfit(prefix, reason):
  return ValueError(
    f"Checkpoint {prefix} does not fit the model: {reason} Build the model "
    "with the configuration it was trained with (params.yaml beside it), or "
    'load only the backbone (scope="backbone", init_checkpoint_modules: '
    "backbone)."
  )


def _check_parts(prefix, stored, parts):
  different = sorted(stored.keys() ^ parts.keys())
  if different:
    raise _misfit(
      prefix,
      f"only one of them has {' and '.join(different)}. The checkpoint has "
      f"{sorted(stored)}, the model {sorted(parts)}.",
    )


def save_parts(model, parts: Collection[str], directory: str) -> str:
  """Writes parts of a model as a checkpoint of ours.

  Args:
    model: a built `DeepLab`.
    parts: which of "backbone", "head", "decoder" and "logits" to write.
    directory: folder for the checkpoint.

  Returns:
    Its prefix.
  """
  manager = tf.train.CheckpointManager(
    _checkpoint_of(_parts(model), parts), directory, max_to_keep=1
  )
  return manager.save(checkpoint_number=0)


def loaded_parts(model, report: slim_checkpoint.LoadReport) -> set[str]:
  """Returns the parts of a model that a checkpoint has filled."""
  names = _part_variables(model)
  return {
    part
    for part, variables in names.items()
    if not variables & set(report.initial)
  }


def _parts(model):
  """{name: layer or layers} under which a model is checkpointed."""
  parts = dict(model.checkpoint_items)
  if model.logits is not None:
    parts["logits"] = model.logits
  if model.logits_atrous:
    parts["logits_atrous"] = model.logits_atrous
  return parts


def _part_variables(model):
  """{part: names of its variables in a checkpoint of the original}."""
  names = {
    part: {
      name
      for layer in tf.nest.flatten(layers)
      for name in layer.slim_variables()
    }
    for part, layers in model.checkpoint_items.items()
  }
  logits = model.slim_variables().keys() - set().union(*names.values())
  return names | {"logits": logits}


def _checkpoint_of(parts, wanted):
  chosen = {name: layer for name, layer in parts.items() if name in wanted}
  return tf.train.Checkpoint(model=tf.train.Checkpoint(**chosen))


def _report(model, wanted):
  loaded, initial = [], []
  for part, names in _part_variables(model).items():
    (loaded if part in wanted else initial).extend(names)
  return slim_checkpoint.LoadReport(
    tuple(sorted(loaded)), (), tuple(sorted(initial))
  )


def _stored_parts(prefix):
  """{part: shape of its kernel, None without one} of a checkpoint of ours."""
  reader = tf.train.load_checkpoint(prefix)
  graph = trackable_object_graph_pb2.TrackableObjectGraph()
  graph.ParseFromString(reader.get_tensor(_OBJECT_GRAPH))

  def children(node):
    return {c.local_name: graph.nodes[c.node_id] for c in node.children}

  model = children(graph.nodes[0]).get("model")
  if model is None:
    raise ValueError(
      f"Checkpoint {prefix} holds no model: it is neither a TF1 checkpoint nor "
      "one that a training of this package wrote."
    )
  shapes = reader.get_variable_to_shape_map()
  stored = {}
  for part, node in children(model).items():
    if part in _PARTS and node.children:  # An empty list is no part.
      kernel = children(node).get("kernel")
      key = kernel.attributes[0].checkpoint_key if kernel else None
      stored[part] = shapes.get(key)
  return stored
