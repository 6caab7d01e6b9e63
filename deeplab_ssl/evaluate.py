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

"""Evaluates a checkpoint once: `python -m deeplab_ssl.evaluate --help`.

A run knows its own model and data:

  python -m deeplab_ssl.evaluate --model_dir=runs/camvid

A checkpoint of the original needs a configuration that describes its model:

  python -m deeplab_ssl.evaluate --config_file=configs/voc2012_mnv2.yaml \\
    --checkpoint=deeplabv3_mnv2_pascal/model.ckpt --data_dir=DIR

`--eval_scales=0.5,1.0,1.5 --add_flipped_images` averages several views of each
image, `--tile_size=513,513` shows large ones in parts, and `--crf_steps=5`
refines the predictions with a CRF; see docs/evaluation.md.

`--boundary` scores along boundaries, too. `--curve` scores every checkpoint
that the run has kept, which shows how it has learned.
"""

from absl import flags

from deeplab_ssl.cli import boundary_flags
from deeplab_ssl.cli import environment
from deeplab_ssl.cli import predictor_flags
from deeplab_ssl.cli import run_flags
from deeplab_ssl.cli import runner

flags.adopt_module_key_flags(run_flags)
flags.adopt_module_key_flags(predictor_flags)
flags.adopt_module_key_flags(boundary_flags)

_BATCH_SIZE = flags.DEFINE_integer(
  "batch_size",
  None,
  "How many images of one size are evaluated at once, on all GPUs together, if "
  "not as the run has it.",
  lower_bound=1,
)
_CURVE = flags.DEFINE_bool(
  "curve",
  False,
  "Evaluate each checkpoint that the run has kept; the scores are those of the "
  "last, and `curve` in the JSON has all.",
)
_OUTPUT = flags.DEFINE_string("output", None, "File for the scores as JSON.")
runner.only_json(_OUTPUT)


def main():
  environment.prepare()
  from deeplab_ssl.common import atomic_files

  boundary = boundary_flags.load()
  if _CURVE.value:
    run_flags.refuse_checkpoint("with --curve, which takes all of a run")
  run = run_flags.open_run()
  predictor = predictor_flags.load(run.activation)
  options = {"boundary": boundary, "batch_size": _BATCH_SIZE.value}
  curve = []
  if _CURVE.value:
    for step, scores in run.evaluate_curve(predictor, **options):
      print(f"step {step}: mean IoU {100 * scores.mean_iou:.2f} %", flush=True)
      curve.append({"step": step} | scores.as_dict())
  else:
    scores = run.evaluate(predictor, **options)
  print(f"{run.checkpoint} on {run.split}, {predictor}")
  print(scores)
  if _OUTPUT.value:
    content = scores.as_dict() | ({"curve": curve} if curve else {})
    atomic_files.write_json(_OUTPUT.value, content)


if __name__ == "__main__":
  runner.run(main)
