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

"""Imports a checkpoint: `python -m deeplab_ssl.import_checkpoint --help`.

Converts a TF1 checkpoint of research/deeplab once into a run directory:

  python -m deeplab_ssl.import_checkpoint \\
    --config_file=configs/voc2012_mnv2.yaml --dataset=voc2012 \\
    --checkpoint=deeplabv3_mnv2_pascal --output_dir=runs/imported

The configuration describes the model of the checkpoint. `--model_dir` of the
other commands and `task.init_checkpoint` then take the directory; so they do
with the TF1 checkpoint itself.
"""

from absl import flags

from deeplab_ssl.cli import environment
from deeplab_ssl.cli import run_flags
from deeplab_ssl.cli import runner

flags.adopt_module_key_flags(run_flags)

_OUTPUT_DIR = flags.DEFINE_string(
  "output_dir", None, "New directory for the imported run."
)


def main():
  environment.prepare()
  from deeplab_ssl.runs import import_checkpoint

  run = run_flags.open_run(reads_records=False)
  report = import_checkpoint.import_checkpoint(run, _OUTPUT_DIR.value)
  print(f"Imported {run.checkpoint} to {_OUTPUT_DIR.value}: {report}")


if __name__ == "__main__":
  flags.mark_flag_as_required("output_dir")
  runner.run(main)
