#!/usr/bin/env bash
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

# Builds the wheel, installs it into a new environment and tries it there, from
# a folder that is no checkout: first alone, then with TensorFlow, then with all
# that the extra `deeplab` brings. `make wheel_test` calls it with a Python that
# has the package `build`; a second argument, --without-extra, ends it before
# the last of these, most of whose commands tests/readme_test.py runs in a
# checkout.

set -euo pipefail

case "${2:-}" in
  "" | --without-extra) ;;
  *)
    echo "wheel_test: --without-extra is the only option, not $2" >&2
    exit 2
    ;;
esac

root="$(cd "$(dirname "$0")/.." && pwd)"
builder="$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"
work="$(mktemp -d)"
# Removing all of TensorFlow takes a minute, for which nobody has to wait.
trap 'rm -rf "${work}" > /dev/null 2>&1 &' EXIT

# Nothing of a checkout may be found by accident.
unset PYTHONPATH
export PYTHONNOUSERSITE=1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow

stage() {
  echo "== wheel: $* (after ${SECONDS} s)"
}

fail() {
  echo "wheel_test: $*" >&2
  exit 1
}

# Runs what has to succeed; its output is shown only if it does not.
works() {
  "$@" > "${work}/log" 2>&1 || fail "$* ended with $?:
$(tail -n 30 "${work}/log")"
}

# Runs what has to end with exit status 1, a text in its last line.
refuses() {
  local text="$1" status=0
  shift
  "$@" > "${work}/log" 2>&1 || status=$?
  [ "${status}" = 1 ] || fail "$* ended with ${status}, not 1:
$(tail -n 30 "${work}/log")"
  tail -n 1 "${work}/log" | grep -qF -- "${text}" || fail "$*: no \"${text}\" in
$(tail -n 30 "${work}/log")"
}

# The same, and without a traceback.
refuses_politely() {
  refuses "$@"
  ! grep -q Traceback "${work}/log" || fail "$* shows a traceback:
$(cat "${work}/log")"
}

stage "build"
# The wheel is built from the source distribution, which is tried thereby.
works "${builder}" -m build --outdir "${work}/dist" "${root}"
wheel="$(echo "${work}"/dist/*.whl)"
(cd "${root}" && find deeplab_ssl configs -type f \
  \( -name '*.py' -o -name '*.yaml' -o -name py.typed \)) |
  sed 's#^configs/#deeplab_ssl/configs/#' | sort > "${work}/expected"
"${builder}" -c 'import sys, zipfile
print(*zipfile.ZipFile(sys.argv[1]).namelist(), sep="\n")' "${wheel}" |
  grep -v '\.dist-info/' | sort > "${work}/found"
works diff "${work}/expected" "${work}/found"
works "${builder}" -m venv "${work}/venv"
python="${work}/venv/bin/python"
# Compiling all of TensorFlow takes longer than what is used of it here.
pip=("${python}" -m pip --disable-pip-version-check install --no-compile)
mkdir "${work}/elsewhere"
cd "${work}/elsewhere"

stage "alone"
works "${pip[@]}" "${wheel}"
refuses "pip install" "${python}" -c "import deeplab_ssl.losses"
works "${python}" -m deeplab_ssl
commands="$(awk '/^  / {print $1}' "${work}/log")"
echo "${commands}" | grep -qx train || fail "The list of commands: ${commands}"
for command in ${commands}; do
  works "${python}" -m "deeplab_ssl.${command}" --help
  grep -q "deeplab_ssl.${command}" "${work}/log" || fail "${command} --help:
$(cat "${work}/log")"
done
extra="not installed: run \`pip install 'deeplab-ssl[deeplab]'\`."
refuses_politely "tensorflow, which is ${extra}" \
  "${python}" -m deeplab_ssl.train --model_dir=run
refuses_politely "tensorflow, which is ${extra}" \
  "${python}" -m deeplab_ssl.convert voc2012 --devkit_dir=x --output_dir=y

stage "with TensorFlow"
works "${pip[@]}" "tensorflow~=2.20.0"
works "${python}" -c '
import pathlib
import sys

import keras

import deeplab_ssl
from deeplab_ssl import losses

package = pathlib.Path(deeplab_ssl.__file__).parent
assert package.is_relative_to(sys.prefix), package
assert (package / "py.typed").exists()
model = keras.Sequential(
  [keras.Input([16, 16, 3]), keras.layers.Conv2D(5, 3, padding="same")]
)
model.compile("sgd", loss=losses.StructuralSimilarityLoss(region_size=3))
images = keras.random.uniform([2, 16, 16, 3])
model.fit(images, keras.random.randint([2, 16, 16], 0, 5), verbose=0)
'
refuses_politely "official, which is ${extra}" \
  "${python}" -m deeplab_ssl.train --model_dir=run

if [ "${2:-}" = --without-extra ]; then
  stage "works without the extra"
  exit
fi

stage "with the extra deeplab"
works "${pip[@]}" "${wheel}[deeplab]"
works "${python}" -c '
from deeplab_ssl.preparation import digit_scenes
digit_scenes.write_devkit("devkit", 20, 2, size=65)
'
works "${python}" -m deeplab_ssl.convert voc2012 --devkit_dir=devkit \
  --dataset=digits --output_dir=records --num_shards=1
works "${python}" -m deeplab_ssl.check_data --data_dir=records
# Shrinks the model to one that is trained in seconds.
tiny="task.model.fine_tune_batch_norm=true,task.model.backbone=mobilenet_v2_mini"
tiny+=",task.model.output_stride=8,task.model.aspp_convs_filters=8"
tiny+=",task.model.decoder_filters=8,task.train_data.global_batch_size=2"
tiny+=",task.train_data.crop_size=[33,33],trainer.train_steps=2"
tiny+=",trainer.steps_per_loop=2,trainer.validation_interval=2"
tiny+=",trainer.optimizer_config.learning_rate.deeplab.slow_start_step=0"
tiny+=",task.train_data.input_path=records,task.init_checkpoint="
works "${python}" -m deeplab_ssl.train --config_file=configs/own_data.yaml \
  --params_override="${tiny}" --mode=train --model_dir=run
works "${python}" -m deeplab_ssl evaluate --model_dir=run --checkpoint=last
grep -q "mean IoU" "${work}/log" || fail "evaluate: $(cat "${work}/log")"
works "${python}" -m deeplab_ssl.export --model_dir=run --checkpoint=last \
  --export_dir=export
works "${python}" -m deeplab_ssl.predict --model=export --output_dir=predicted \
  devkit/JPEGImages
[ "$(find predicted/masks -name '*.png' | wc -l)" = 22 ] || fail "predict"
works "${python}" -m deeplab_ssl.reproduce --table=2 --suite=demo --dry_run \
  --probe_steps=0

stage "works"
