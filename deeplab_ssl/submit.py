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

"""Writes predictions for a test server: `python -m deeplab_ssl.submit --help`.

  python -m deeplab_ssl.submit --model_dir=runs/voc --split=test \\
    --output_dir=DIR

The records of the split need no labels. VOC gets palette PNGs in
results/VOC2012/Segmentation/comp6_test_cls, Cityscapes PNGs of label ids, other
data sets palette PNGs. Run it again to continue after an interruption. If the
split has labels, `python -m deeplab_ssl.score` reads the folder back.

The views and the CRF of `python -m deeplab_ssl.evaluate` are there, too.
"""

from absl import flags

from deeplab_ssl.cli import environment
from deeplab_ssl.cli import predictor_flags
from deeplab_ssl.cli import run_flags
from deeplab_ssl.cli import runner
from deeplab_ssl.cli import submission_flags

flags.adopt_module_key_flags(run_flags)
flags.adopt_module_key_flags(predictor_flags)
flags.adopt_module_key_flags(submission_flags)

_OUTPUT_DIR = flags.DEFINE_string("output_dir", None, "Folder for the files.")


def main():
  environment.prepare()
  from deeplab_ssl.runs import submit

  run = run_flags.open_run()
  layout, written = submit.submit(
    run,
    _OUTPUT_DIR.value,
    file_format=submission_flags.FORMAT.value,
    competition=submission_flags.COMPETITION.value,
    predictor=predictor_flags.load(run.activation),
  )
  print(f"Wrote {written} predictions into {layout.folder}")


if __name__ == "__main__":
  flags.mark_flag_as_required("output_dir")
  runner.run(main)
