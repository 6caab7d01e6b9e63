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

"""Tests of the flags of eval.py, vis.py and export_model.py, beside our own."""

from absl import flags
import pytest

from deeplab_ssl import evaluate
from deeplab_ssl import export
from deeplab_ssl import visualize
from deeplab_ssl.original_flags import prediction_flags

_COMMANDS = {
  evaluate: prediction_flags.EVAL,
  visualize: prediction_flags.VIS,
  export: prediction_flags.EXPORT,
}


@pytest.mark.parametrize("command", _COMMANDS)
def test_our_commands_have_the_options(command):
  known = flags.FLAGS.get_key_flags_for_module(command)
  options = {flag.option for flag in _COMMANDS[command]} - {""}
  assert options <= {flag.name for flag in known}


@pytest.mark.parametrize(
  "table, scales",
  [
    (prediction_flags.EVAL, "eval_scales"),
    (prediction_flags.VIS, "eval_scales"),
    (prediction_flags.EXPORT, "inference_scales"),
  ],
)
def test_mirrored_views_need_another_scale(table, scales):
  (flag,) = [f for f in table if f.name == "add_flipped_images"]
  (need,) = flag.needs
  assert not need.met({scales: [1.0]})
  assert need.met({scales: [0.5, 1.0]})
  assert need.met({scales: [0.5]})
