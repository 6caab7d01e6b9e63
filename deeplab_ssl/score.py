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

"""Scores a folder of predictions: `python -m deeplab_ssl.score --help`.

  python -m deeplab_ssl.score --predictions=DIR --data_dir=records --split=val

DIR is what `python -m deeplab_ssl.submit` wrote, or what another program wrote
in the same layout (--format). The scores are those of `evaluate`. Whatever does
not fit the records is listed, and then nothing is scored.
"""

from absl import flags

from deeplab_ssl.cli import boundary_flags
from deeplab_ssl.cli import environment
from deeplab_ssl.cli import runner
from deeplab_ssl.cli import submission_flags

flags.adopt_module_key_flags(submission_flags)
flags.adopt_module_key_flags(boundary_flags)

_PREDICTIONS = flags.DEFINE_string(
  "predictions", None, "Folder of the predictions."
)
_DATA_DIR = flags.DEFINE_string("data_dir", None, "Folder of the records.")
_SPLIT = flags.DEFINE_string("split", "val", "Split of the records.")
_DATASET = flags.DEFINE_string(
  "dataset",
  None,
  "Name or YAML of the data set; by default the dataset.yaml of the records.",
)
_OUTPUT = flags.DEFINE_string("output", None, "File for the scores as JSON.")
runner.only_json(_OUTPUT)


def main():
  boundary = boundary_flags.load()
  environment.prepare()
  from deeplab_ssl.evaluation import scoring
  from deeplab_ssl.evaluation import submission_layout
  from deeplab_ssl.input import dataset_info

  layout = submission_layout.Layout(
    _PREDICTIONS.value,
    _SPLIT.value,
    dataset_info.get_dataset_info(_DATASET.value)
    if _DATASET.value
    else dataset_info.dataset_of_folder(_DATA_DIR.value),
    submission_flags.FORMAT.value,
    submission_flags.COMPETITION.value,
  )
  scores = scoring.score(layout, _DATA_DIR.value, boundary)
  print(f"{layout.folder} on {layout.split}")
  print(scores)
  if _OUTPUT.value:
    scores.save(_OUTPUT.value)


if __name__ == "__main__":
  flags.mark_flags_as_required(["predictions", "data_dir"])
  runner.run(main)
