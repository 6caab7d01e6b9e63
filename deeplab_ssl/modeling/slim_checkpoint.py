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

"""Loads checkpoints of the original, TF1 slim format, by variable name."""

from collections.abc import Iterable
import dataclasses
import os
import re

from absl import logging
import tensorflow as tf

# What of a checkpoint may be loaded.
SCOPES = ("all", "all_but_logits", "backbone")
# What the name of a file of a checkpoint has behind the prefix.
_ENDING = re.compile(r"\.(index|meta|data-\d+-of-\d+)$")
# What a training run or an ImageNet classifier leaves in a checkpoint and a
# segmentation model has no use for.
_KNOWN_EXTRAS = re.compile(
  r"(^global_step$|/Momentum$|/Adam(_1)?$|/RMSProp(_1)?$"
  r"|/ExponentialMovingAverage$|^beta[12]_power$"
  r"|/(biased|local_step)$"  # of moving averages that were once debiased
  r"|^MobilenetV2/(Conv_1|Logits)/|^MobilenetEdgeTPU/Logits/"
  r"|^resnet_v1_\d+/(logits/|mean_rgb$)|^xception_\d+/logits/)"
)


@dataclasses.dataclass(frozen=True)
class LoadReport:
  """What was loaded from a checkpoint, in the variable names of the original.

  Attributes:
    loaded: variables taken from the checkpoint.
    skipped: variables of the checkpoint that were left out.
    initial: variables of the model that kept their initial value.
  """

  loaded: tuple[str, ...]
  skipped: tuple[str, ...]
  initial: tuple[str, ...]

  def __str__(self):
    return (
      f"{len(self.loaded)} variables loaded, {len(self.skipped)} of the "
      f"checkpoint skipped{_listing(self.skipped)}, {len(self.initial)} left "
      f"at their initial value{_listing(self.initial)}"
    )


def _listing(names: Iterable[str]) -> str:
  names = sorted(names)
  shown = ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")
  return f" ({shown})" if names else ""


def find_prefix(path: str) -> str:
  """Returns the prefix of a checkpoint given itself or its directory.

  Args:
    path: prefix such as "dir/model.ckpt", one of the files that begin with it,
      or a directory with a `checkpoint` file or a single checkpoint.

  Returns:
    The prefix to read.

  Raises:
    FileNotFoundError: if there is no checkpoint, listing what is there.
  """
  if tf.io.gfile.isdir(path):
    latest = tf.train.latest_checkpoint(path)
    if latest:
      return latest
    found = sorted(tf.io.gfile.listdir(path))
    # The archives of the model zoo come without a `checkpoint` file.
    prefixes = [
      name.removesuffix(".index")
      for name in found
      if name.endswith((".index", ".ckpt"))  # of format V2 and V1
    ]
    if len(prefixes) == 1:
      return os.path.join(path, prefixes[0])
    raise FileNotFoundError(
      f"No checkpoint in directory {path}: it has no readable `checkpoint` "
      f"file. It holds {found or 'nothing'}; give the prefix of the files, "
      "e.g. DIR/model.ckpt."
    )
  prefix = _ENDING.sub("", path)
  name = os.path.basename(prefix)
  files = map(os.path.basename, tf.io.gfile.glob(f"{prefix}*"))
  # Format V1 has one file of this name, or several parts.
  of_checkpoint = re.compile(re.escape(name) + r"(\.index|-\d+-of-\d+)?")
  found = sorted(files)
  if not any(map(of_checkpoint.fullmatch, found)):
    others = sorted({_ENDING.sub("", file) for file in found})
    there = ", ".join(others[:4]) or "nothing that begins like it"
    raise FileNotFoundError(
      f"No checkpoint {prefix}: there is no {prefix}.index. Its folder holds "
      f"{there}."
    )
  return prefix


def log_report(prefix: str, report: LoadReport) -> None:
  """Logs what was loaded, as a warning if a part of the model was not."""
  level = logging.WARNING if report.initial else logging.INFO
  logging.log(level, "Loaded %s: %s", prefix, report)


def check_scope(scope: str) -> None:
  """Raises ValueError unless `scope` is one of `SCOPES`."""
  if scope not in SCOPES:
    raise ValueError(
      "Argument `scope` (init_checkpoint_modules) must be one of "
      f"{', '.join(SCOPES)}. Received: scope={scope!r}"
    )


def load_slim_checkpoint(model, path: str, scope: str = "all") -> LoadReport:
  """Loads a TF1 checkpoint of research/deeplab into a model, by variable name.

  A `logits` layer of another number of classes is dropped and reported, or what
  gives the logits in its place. A
  checkpoint without any head (an ImageNet classifier) loads into the backbone
  and leaves the head as it is.

  Args:
    model: a built `DeepLab`; for the scope "backbone", any model with one of
      our backbones.
    path: prefix or directory of a checkpoint in V1 or V2 format.
    scope: "all", "all_but_logits" to leave the layer `logits` at its initial
      values, or "backbone" to leave the head so.

  Returns:
    The `LoadReport`, which is logged too.

  Raises:
    FileNotFoundError: if there is no checkpoint.
    ValueError: if a variable is missing or of another shape, or the checkpoint
      has parts that the model lacks; nothing is assigned then.
  """
  check_scope(scope)
  prefix = find_prefix(path)
  reader = tf.train.load_checkpoint(prefix)
  shapes = reader.get_variable_to_shape_map()
  backbone = model.backbone.slim_variables()
  # Model Garden's own models know only the names of their backbone.
  variables = getattr(model, "slim_variables", lambda: backbone)()
  head = variables.keys() - backbone.keys()
  wanted = set(variables)
  if scope == "backbone" or not head & shapes.keys():
    wanted = set(backbone)

  logits_scope = getattr(model, "logits_scope", "logits")
  other_classes = {
    name
    for name in wanted
    if name.startswith(f"{logits_scope}/")
    and name in shapes
    and shapes[name] != variables[name].shape.as_list()
  }
  wanted -= other_classes
  if scope == "all_but_logits":
    wanted = {name for name in wanted if not name.startswith("logits/")}
  problems = [
    f"{name}: missing in the checkpoint, {variables[name].shape} in the model"
    if name not in shapes
    else f"{name}: {shapes[name]} in the checkpoint, "
    f"{variables[name].shape.as_list()} in the model"
    for name in sorted(wanted)
    if shapes.get(name) != variables[name].shape.as_list()
  ]
  skipped = shapes.keys() - wanted
  if scope != "backbone":
    problems += [
      f"{name}: {shapes[name]} in the checkpoint, missing in the model"
      for name in sorted(skipped - variables.keys())
      if not _KNOWN_EXTRAS.search(name)
    ]
  if problems:
    shown = "\n  ".join(problems[:20])
    raise ValueError(
      f"Checkpoint {prefix} does not fit the model in {len(problems)} "
      f"variables:\n  {shown}\nBuild the model with the backbone, atrous_rates "
      "and decoder of the checkpoint, or load only the backbone "
      '(scope="backbone", init_checkpoint_modules: backbone).'
    )
  for name in wanted:
    variables[name].assign(reader.get_tensor(name))
  report = LoadReport(
    tuple(sorted(wanted)),
    tuple(sorted(skipped)),
    tuple(sorted(variables.keys() - wanted)),
  )
  log_report(prefix, report)
  return report
