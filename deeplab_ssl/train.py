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

"""Trains a DeepLab: `python -m deeplab_ssl.train --help`.

Give it a configuration, the folder of your records and a directory for the run:

  python -m deeplab_ssl.train --config_file=configs/camvid.yaml \\
    --params_override=task.train_data.input_path=DIR --model_dir=runs/camvid

Training resumes from the last checkpoint in `--model_dir`.
"""

from absl import flags

from deeplab_ssl.cli import environment
from deeplab_ssl.cli import runner

_EXPERIMENT = flags.DEFINE_string(
  "experiment", "deeplab_ssl", "Registered experiment to start from."
)
_CONFIG_FILE = flags.DEFINE_multi_string(
  "config_file", [], "YAML file of overrides; may be repeated, later ones win."
)
_PARAMS_OVERRIDE = flags.DEFINE_string(
  "params_override", "", "Last overrides: a.b=1,c=2 or YAML."
)
_MODEL_DIR = flags.DEFINE_string(
  "model_dir", None, "Directory of checkpoints, logs and the configuration."
)
_MODE = flags.DEFINE_enum(
  "mode",
  "train_and_eval",
  ["train", "train_and_eval"],
  "Whether to evaluate while training and keep the best checkpoint.",
)


def main():
  environment.prepare(training=True)
  from deeplab_ssl.training import parsing
  from deeplab_ssl.training import run

  params = parsing.parse_experiment(
    _EXPERIMENT.value, _CONFIG_FILE.value, _PARAMS_OVERRIDE.value
  )
  outcome = run.run_experiment(params, _MODE.value, _MODEL_DIR.value)
  if outcome.scores:
    print(outcome.scores)


if __name__ == "__main__":
  flags.mark_flag_as_required("model_dir")
  runner.run(main)
