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

"""From command lines of eval.py, vis.py and export_model.py to our commands."""

import posixpath
from typing import Any

from deeplab_ssl.original_flags import command_line
from deeplab_ssl.original_flags import declaration
from deeplab_ssl.original_flags import translation

# Data sets by their number of classes, which is all that export_model.py is
# told; the void of ADE20K is a class there.
_DATASETS = {21: "voc2012", 19: "cityscapes", 151: "ade20k"}
_RAW_FOLDER = "raw_segmentation_results"
# More than a split has: vis.py draws all of its images.
_ALL_IMAGES = "1000000"
_OF_A_RUN = (
  "A run of ours has its own configuration: give --model_dir=RUN instead of "
  "--config_file and --checkpoint."
)
_PYRAMID = ("image_pyramid", "merge_method")
_UPSAMPLING = "prediction_with_upsampled_logits"
Options = dict[str, str | None]


def translate(line: command_line.CommandLine) -> translation.Translation:
  """Translates an evaluation, a visualization or an export.

  Args:
    line: the command line.

  Raises:
    ValueError: if the crop is no height and width, or a key of the
      configuration has a variable of a shell for its value.
  """
  keys, notes = translation.keys_of(line, "validation_data")
  _refuse_variables(line)
  several = list(line.values[_flag_for(line, "eval_scales")]) != [1.0]
  if several:
    notes += _without_pyramid(line, keys)
  views = _views(line, several)
  make = {
    declaration.EVAL: _evaluate,
    declaration.VIS: _visualize,
    declaration.EXPORT: _export,
  }[line.program]
  commands, dataset, more, remarks = make(line, views)
  return translation.Translation(
    file=_file(line),
    keys={**dataset, **keys, "task.losses.type": "ce"},
    commands=tuple(commands),
    remarks=(*remarks, _OF_A_RUN),
    notes=(*notes, *more),
  )


def _flag_for(line, option):
  """Returns the flag of the program that stands for an option of ours."""
  return next(n for n, flag in line.flags.items() if flag.option == option)


def _file(line):
  return f"{line.program}.yaml"


def _refuse_variables(line):
  """Refuses a variable of a shell where only a configuration reads it."""
  for name in line.given:
    value, flag = line.values[name], line.flags[name]
    if flag.key and isinstance(value, str) and "$" in value:
      raise ValueError(
        f"--{name} must be written out here: a configuration knows no "
        f"variables of a shell. Received: {value}."
      )


def _without_pyramid(line, keys):
  """Removes the image pyramid, which several scales take the place of."""
  notes = []
  scales = _flag_for(line, "eval_scales")
  for name in _PYRAMID:
    keys.pop(line.flags[name].key, None)
    if name in line.given:
      notes.append(
        f"--{name}: it does nothing in the original with several --{scales}."
      )
  if _UPSAMPLING in line.given and not line.values[_UPSAMPLING]:
    notes.append(
      f"--no{_UPSAMPLING}: it does nothing in the original with several "
      f"--{scales}."
    )
  return notes


def _views(line, several) -> Options:
  """Returns the options of how the model is asked."""
  sides = translation.size(line, _flag_for(line, "eval_crop_size"))
  options: Options = {"eval_crop_size": ",".join(map(str, sides))}
  if several:
    scales = line.values[_flag_for(line, "eval_scales")]
    options["eval_scales"] = ",".join(f"{scale:g}" for scale in scales)
    if line.values["add_flipped_images"]:
      options["add_flipped_images"] = None
  elif not line.values[_UPSAMPLING]:
    options["noupsample_logits"] = None
  return options


def _model(line, checkpoint) -> Options:
  return {
    "config_file": _file(line),
    "checkpoint": line.values[checkpoint] or "CHECKPOINT",
  }


def _records(line, split) -> Options:
  return {
    "data_dir": line.values["dataset_dir"] or "RECORDS",
    "split": line.values[split],
  }


def _missing(line, *names) -> list[str]:
  """Returns a sentence for each path that the command line leaves open."""
  meanings = {
    "dataset_dir": "RECORDS is the folder of the records.",
    "checkpoint_dir": "CHECKPOINT is a checkpoint, or its folder.",
    "checkpoint_path": "CHECKPOINT is a checkpoint, or its folder.",
    "vis_logdir": "PICTURES is a folder for the pictures.",
    "export_path": "EXPORT is a folder for the model.",
  }
  return [meanings[name] for name in names if not line.values[name]]


def _evaluate(line, views):
  options = _model(line, "checkpoint_dir") | _records(line, "eval_split")
  if line.values["eval_batch_size"] != 1:
    options["batch_size"] = str(line.values["eval_batch_size"])
  options |= views
  if line.values["eval_logdir"]:
    options["output"] = f"{line.values['eval_logdir']}/scores.json"
  dataset, notes = translation.dataset_keys(line)
  commands = [translation.command("evaluate", options.items())]
  remarks = _missing(line, "dataset_dir", "checkpoint_dir")
  return commands, dataset, notes, remarks


def _visualize(line, views):
  options = _model(line, "checkpoint_dir") | _records(line, "vis_split") | views
  folder = line.values["vis_logdir"] or "PICTURES"
  drawn = options | {"output_dir": folder, "max_images": _ALL_IMAGES}
  commands = [translation.command("visualize", drawn.items())]
  if line.values["also_save_raw_predictions"]:
    raw = options | {"output_dir": f"{folder}/{_RAW_FOLDER}"}
    commands.append(translation.command("submit", raw.items()))
  dataset, notes = translation.dataset_keys(line)
  remarks = _missing(line, "dataset_dir", "checkpoint_dir", "vis_logdir")
  return commands, dataset, notes, remarks


def _export(line, views):
  options = _model(line, "checkpoint_path")
  options |= {"export_dir": _folder_of(line.values["export_path"])} | views
  remarks = _missing(line, "checkpoint_path", "export_path")
  dataset: dict[str, Any] = {}
  classes = line.values["num_classes"]
  if classes in _DATASETS:
    dataset["task.dataset"] = _DATASETS[classes]
    remarks.append(
      f"task.dataset is the data set of the original with {classes} classes; "
      "if yours is another one, name its YAML file there."
    )
  else:
    options["dataset"] = "DATASET.yaml"
    remarks.append(f"DATASET.yaml is a file that names the {classes} classes.")
  return [translation.command("export", options.items())], dataset, [], remarks


def _folder_of(path):
  """Returns the folder of the file of a frozen graph, as a shell would."""
  if not path:
    return "EXPORT"
  if "$" in path and "/" not in path:
    return f"$(dirname {path})"
  return posixpath.dirname(path) or "."
