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

"""The flags of the original's eval.py, vis.py and export_model.py."""

from deeplab_ssl.original_flags import declaration
from deeplab_ssl.original_flags import kinds
from deeplab_ssl.original_flags import training_flags

_ONCE = (
  "a command runs once and ends; `trainer.validation_interval` evaluates "
  "within a training"
)


def _several(name):
  return declaration.Need(
    f"while --{name} is 1",
    lambda values: tuple(values[name]) != (1.0,),
  )


def _known(name, kind, default, here):
  """A flag that the translation knows by its name."""
  return declaration.Flag(name, kind, default, here=here)


def _without(name, kind, default, reason):
  return declaration.Flag(name, kind, default, reason=reason)


def _model(output_stride):
  return (
    declaration.Flag(
      "atrous_rates", kinds.INTEGERS, None, key="task.model.atrous_rates"
    ),
    declaration.Flag(
      "output_stride",
      kinds.INTEGER,
      output_stride,
      key="task.model.output_stride",
    ),
  )


def _views(scales):
  """The flags of what a model is shown of an image."""
  return (
    declaration.Flag(scales, kinds.NUMBERS, [1.0], option="eval_scales"),
    declaration.Flag(
      "add_flipped_images",
      kinds.FLAG,
      False,
      option="add_flipped_images",
      needs=(_several(scales),),
    ),
  )


_EVAL_AND_VIS = (
  _known(
    "checkpoint_dir",
    kinds.TEXT,
    None,
    "`--checkpoint`, or `--model_dir` of a run of ours",
  ),
  _known(
    "dataset", kinds.NAME, "pascal_voc_seg", "`task.dataset`, or `--dataset`"
  ),
  declaration.Flag("dataset_dir", kinds.TEXT, None, option="data_dir"),
  *_model(16),
  *_views("eval_scales"),
  training_flags.MASTER,
  _without("eval_interval_secs", kinds.INTEGER, 300, _ONCE),
  training_flags.QUANTIZE,
)
EVAL = (
  *_EVAL_AND_VIS,
  _known("eval_logdir", kinds.TEXT, None, "`--output`, a file of scores"),
  declaration.Flag("eval_split", kinds.TEXT, "val", option="split"),
  declaration.Flag("eval_batch_size", kinds.INTEGER, 1, option="batch_size"),
  declaration.Flag(
    "eval_crop_size", kinds.COMMA_LIST, [513, 513], option="eval_crop_size"
  ),
  _without("max_number_of_evaluations", kinds.INTEGER, 0, _ONCE),
)
VIS = (
  *_EVAL_AND_VIS,
  declaration.Flag("vis_logdir", kinds.TEXT, None, option="output_dir"),
  declaration.Flag("vis_split", kinds.TEXT, "val", option="split"),
  _without(
    "vis_batch_size",
    kinds.INTEGER,
    1,
    "images are drawn one after the other",
  ),
  declaration.Flag(
    "vis_crop_size", kinds.COMMA_LIST, [513, 513], option="eval_crop_size"
  ),
  _without(
    "colormap_type",
    kinds.choice("pascal", "cityscapes", "ade20k"),
    "pascal",
    "the data set has its colours",
  ),
  _known(
    "also_save_raw_predictions",
    kinds.FLAG,
    False,
    "`submit`, with the ids of the test server",
  ),
  _without("max_number_of_iterations", kinds.INTEGER, 0, _ONCE),
)
EXPORT = (
  _known("checkpoint_path", kinds.TEXT, None, "`--checkpoint`"),
  _known("export_path", kinds.TEXT, None, "`--export_dir`, a folder"),
  _known(
    "num_classes",
    kinds.INTEGER,
    21,
    "`task.dataset`, which has the classes",
  ),
  declaration.Flag(
    "crop_size", kinds.INTEGERS, [513, 513], option="eval_crop_size"
  ),
  *_model(8),
  *_views("inference_scales"),
  training_flags.QUANTIZE,
  _without(
    "save_inference_graph",
    kinds.FLAG,
    False,
    "there are no frozen graphs; a SavedModel holds its graph, and `--onnx` "
    "and `--tflite` are other formats",
  ),
)
