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

"""From a command line of train.py to a configuration and our `train`."""

from typing import Any

from deeplab_ssl.original_flags import command_line
from deeplab_ssl.original_flags import translation

_FILE = "train.yaml"
_OPTIMIZATION = "trainer.optimizer_config"
# {optimizer: type of its learning rate}.
_RATES = {"momentum": "deeplab", "adam": "constant"}
_SOURCE = "task.train_data.input_path"


def translate(line: command_line.CommandLine) -> translation.Translation:
  """Translates a training.

  Args:
    line: the command line of train.py.

  Raises:
    ValueError: if the crop is no height and width.
  """
  keys, notes = translation.keys_of(line, "train_data")
  dataset, more = translation.dataset_keys(line)
  optimizer = line.values["optimizer"]
  keys |= {
    **dataset,
    **_crop(line),
    **_start(line),
    "task.losses.type": "ce",
    "task.allow_image_summary": line.values["save_summaries_images"],
    f"{_OPTIMIZATION}.optimizer.type": optimizer,
    f"{_OPTIMIZATION}.learning_rate.type": _RATES[optimizer],
  }
  remarks = ["It validates, too, without --mode=train."]
  keys[_SOURCE] = line.values["dataset_dir"] or "RECORDS"
  if not line.values["dataset_dir"]:
    remarks.append("RECORDS is the folder of the records.")
  if not line.values["train_logdir"]:
    remarks.append("RUN is a directory for the run.")
  # A shell knows what its variables stand for, YAML does not.
  of_shell = {
    path: keys.pop(path) for path in list(keys) if _varies(keys[path])
  }
  options = {
    "config_file": _FILE,
    "model_dir": line.values["train_logdir"] or "RUN",
    "mode": "train",
  }
  if of_shell:
    options["params_override"] = ",".join(
      f"{path}={value}" for path, value in of_shell.items()
    )
  return translation.Translation(
    file=_FILE,
    keys=keys,
    commands=(translation.command("train", options.items()),),
    remarks=tuple(remarks),
    notes=(*notes, *more),
  )


def _crop(line) -> dict[str, Any]:
  sides = translation.size(line, "train_crop_size")
  stride = line.values["output_stride"]
  found = {"task.train_data.crop_size": sides}
  if any((side - 1) % stride for side in sides):
    found["task.train_data.allow_unaligned_crop"] = True
  return found


def _start(line) -> dict[str, Any]:
  """Returns the keys of the checkpoint to start from."""
  path = line.values["tf_initial_checkpoint"]
  logits_only = line.values["last_layers_contain_logits_only"]
  keys = {"task.last_layers_contain_logits_only": logits_only}
  if not path:
    return keys
  modules = "all"
  if not line.values["initialize_last_layer"]:
    modules = "all_but_logits" if logits_only else "backbone"
  return keys | {
    "task.init_checkpoint": path,
    "task.init_checkpoint_modules": modules,
  }


def _varies(value):
  return isinstance(value, str) and "$" in value
