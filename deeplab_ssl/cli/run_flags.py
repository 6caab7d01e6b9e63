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

"""Flags that name trained runs, shared by the commands that use them."""

from collections.abc import Sequence

from absl import app
from absl import flags

from deeplab_ssl.cli import runner

_MODEL_DIR = flags.DEFINE_multi_string(
  "model_dir",
  [],
  "Directory of a training run; may be repeated where runs are compared.",
)
_CONFIG_FILE = flags.DEFINE_multi_string(
  "config_file", [], "YAML file that describes the model, instead of a run."
)
_CHECKPOINT = flags.DEFINE_string(
  "checkpoint", "best", '"best" or "last" of the run, or a prefix.'
)
_DATASET = flags.DEFINE_string(
  "dataset", None, "Name or YAML of the data set, if not that of the run."
)
_DATA_DIR = flags.DEFINE_string(
  "data_dir", None, "Folder of the records, if not that of the run."
)
_SPLIT = flags.DEFINE_string(
  "split", None, "Split of the records, if not the run's validation split."
)
_MIXED_PRECISION_DTYPE = flags.DEFINE_enum(
  "mixed_precision_dtype",
  None,
  ["float32", "bfloat16", "float16"],
  "Type of the activations, if not that of the run.",
)


def open_run(reads_records: bool = True):
  """Returns the `runs.trained_run.TrainedRun` of the flags.

  Args:
    reads_records: whether the command reads the records of a split.

  Raises:
    app.UsageError: if the flags name no run, several, or a split that nothing
      reads.
  """
  runner.refuse_idle(_SPLIT, not reads_records, "here: no split is read")
  if len(_MODEL_DIR.value) > 1:
    raise app.UsageError(
      "This command takes one --model_dir. Received: "
      f"{', '.join(_MODEL_DIR.value)}"
    )
  return _open(_MODEL_DIR.value[:1], reads_records)


def open_runs(more: Sequence[str] = ()):
  """Returns the `TrainedRun`s of the flags, one for each --model_dir.

  Args:
    more: directories of further runs.

  Raises:
    app.UsageError: if the flags name no run, or one checkpoint for several.
  """
  folders = [*_MODEL_DIR.value, *more]
  if len(folders) < 2:
    return [_open(folders, reads_records=True)]
  if _CHECKPOINT.value not in ("best", "last"):
    raise app.UsageError(
      "Several runs have no checkpoint in common: with --model_dir repeated, "
      f"--checkpoint is best or last. Received: {_CHECKPOINT.value}"
    )
  return [_open([folder], reads_records=True) for folder in folders]


def data_dir() -> str | None:
  """Returns the folder of records of the flags; None for that of the run."""
  return _DATA_DIR.value


def refuse_checkpoint(where: str) -> None:
  """Refuses --checkpoint, and a checkpoint without a run, where all are taken.

  Args:
    where: under which circumstances, "with --other".

  Raises:
    app.UsageError: if the flags name a checkpoint, or no directory of a run.
  """
  runner.refuse_idle(_CHECKPOINT, _CHECKPOINT.present > 0, where)
  if not _MODEL_DIR.value:
    raise app.UsageError(f"Give --model_dir of a training run {where}.")


def _open(model_dirs, reads_records):
  from deeplab_ssl.runs import trained_run

  data = {
    "data_dir": _DATA_DIR.value,
    "split": _SPLIT.value,
    "dataset": _DATASET.value,
    "reads_records": reads_records,
  }
  checkpoint, files = _CHECKPOINT.value, _CONFIG_FILE.value
  if model_dirs and files:
    raise app.UsageError(
      "A run has its own configuration: give --model_dir or --config_file, not "
      f"both. Received: --model_dir={model_dirs[0]} --config_file={files[0]}"
    )
  if model_dirs:
    run = trained_run.TrainedRun.open(model_dirs[0], checkpoint, **data)
  elif files and checkpoint not in ("best", "last"):
    run = trained_run.TrainedRun.describe(files, checkpoint, **data)
  else:
    raise app.UsageError(
      "Give --model_dir of a training run, or --config_file and the prefix of "
      f"a --checkpoint. Received: --config_file={','.join(files)} "
      f"--checkpoint={checkpoint}"
    )
  dtype = _MIXED_PRECISION_DTYPE.value
  return run.in_precision(dtype) if dtype else run
