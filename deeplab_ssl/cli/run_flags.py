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

"""Flags that name a trained model, shared by the commands that use one."""

from absl import flags

from deeplab_ssl.cli import runner

_MODEL_DIR = flags.DEFINE_string(
  "model_dir", None, "Directory of a training run."
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


def load_other(model_dir: str):
  """Returns `(params, checkpoint)` of another run, for the same data.

  Args:
    model_dir: directory of the run; its checkpoint is "best" or "last" as the
      flag says, or "best" if the flag names a checkpoint of the first run.
  """
  from deeplab_ssl.runs import trained_run

  which = _CHECKPOINT.value
  return trained_run.load_trained(
    model_dir=model_dir,
    checkpoint=which if which in ("best", "last") else "best",
    data_dir=_DATA_DIR.value,
    split=_SPLIT.value,
    dataset=_DATASET.value,
  )


def load(reads_records: bool = True):
  """Returns `(params, checkpoint)` of `runs.trained_run.load_trained`.

  Args:
    reads_records: whether the command reads the records of a split.

  Raises:
    app.UsageError: if a split is named that nothing reads.
  """
  runner.refuse_idle(_SPLIT, not reads_records, "here: no split is read")
  from deeplab_ssl.runs import trained_run

  return trained_run.load_trained(
    model_dir=_MODEL_DIR.value,
    config_files=_CONFIG_FILE.value,
    checkpoint=_CHECKPOINT.value,
    data_dir=_DATA_DIR.value,
    split=_SPLIT.value,
    dataset=_DATASET.value,
    reads_records=reads_records,
  )
