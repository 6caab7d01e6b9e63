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

"""The table of docs/losses.md: what is tested on which backend of Keras.

  python -m tests.losses.backend_matrix

writes it. Each row names the test that the cells rest on; `backends_test.py`
runs it on every backend.
"""

import pathlib
import re

from absl import app

_PAGE = pathlib.Path(__file__).parents[2] / "docs" / "losses.md"
BACKENDS = ("tensorflow", "jax", "torch")
_ALL = set(BACKENDS)
_FIT = "tests/losses/any_keras/fit_test.py"
_LOSSES = "tests/losses/definition"
# (what, test, backends).
ROWS = (
  (
    "SSL: values and gradients of float64",
    f"{_LOSSES}/structural_similarity_test.py::test_ssl_is_that_of_float64",
    _ALL,
  ),
  (
    "CE, BCE: the same",
    f"{_LOSSES}/cross_entropy_test.py::test_cross_entropies_are_those_of_float64",
    _ALL,
  ),
  (
    "SSIM: the same",
    f"{_LOSSES}/ssim_test.py::test_ssim_is_that_of_float64",
    _ALL,
  ),
  (
    "affinity field: the same",
    f"{_LOSSES}/affinity_field_test.py::test_affinity_is_that_of_float64",
    _ALL,
  ),
  (
    "compiled by XLA",
    f"{_LOSSES}/known_values_test.py::test_compiled_code_computes_the_same",
    {"tensorflow", "jax"},
  ),
  (
    "functional and subclassed model in `fit`",
    f"{_FIT}::test_fit_takes_the_step_of_the_scalar",
    _ALL,
  ),
  (
    "several outputs, a dict of losses",
    f"{_FIT}::test_outputs_have_losses_of_their_own",
    _ALL,
  ),
  (
    "`sample_weight`",
    f"{_FIT}::test_sample_weights_are_of_images_or_pixels",
    _ALL,
  ),
  ("masks of Keras", f"{_FIT}::test_masked_pixels_are_ignored", _ALL),
  (
    "mixed precision policies",
    f"{_FIT}::test_mixed_precision_computes_the_loss_in_float32",
    _ALL,
  ),
  (
    "`channels_first`",
    f"{_FIT}::test_channels_first_is_said_or_that_of_keras",
    _ALL,
  ),
  ("`.keras` and pickle", f"{_FIT}::test_a_model_is_saved_with_its_loss", _ALL),
  (
    "saved on one backend, gone on with on another",
    "tests/losses/moving_test.py::test_a_saved_model_goes_on_under_another_backend",
    _ALL,
  ),
  (
    "all metrics",
    "tests/metrics/mean_iou_test.py::test_fit_shows_them",
    _ALL,
  ),
  (
    "two devices or processes as one",
    "",
    _ALL,
  ),
  (
    "keras-hub's DeepLabV3ImageSegmenter",
    "tests/examples/examples_test.py::test_an_example_trains",
    {"tensorflow", "jax"},
  ),
  (
    "U-Net",
    "tests/examples/examples_test.py::test_an_example_trains",
    {"jax", "torch"},
  ),
  (
    "the network of the tutorial",
    "tests/examples/tutorial_test.py::test_it_runs_and_has_the_pictures",
    {"tensorflow"},
  ),
  (
    "keras-cv's DeepLabV3Plus, Model Garden",
    "tests/examples/examples_test.py::test_an_example_trains",
    {"tensorflow"},
  ),
)
# Two devices have a test of their own on each.
PARALLEL = (
  "tests/losses/on_tensorflow/distribution_test.py::test_fit",
  "tests/losses/any_keras/jax_test.py::test_two_devices_train_as_one",
  "tests/losses/torch_distributed_test.py::"
  "test_two_processes_take_the_step_of_one",
)


def table() -> str:
  """Returns the table in Markdown."""
  lines = ["| | TensorFlow | JAX | torch |", "|---|---|---|---|"]
  for what, _, backends in ROWS:
    cells = ("yes" if name in backends else "-" for name in BACKENDS)
    lines.append(f"| {what} | {' | '.join(cells)} |")
  return "\n".join(lines)


def page(text: str) -> str:
  """Returns the text of the page with the table in its place."""
  return re.sub(
    r"\| \| TensorFlow \| JAX \| torch \|\n(\|.*\n)+",
    lambda _: table() + "\n",
    text,
  )


def main(argv):
  """Writes the table into the page."""
  del argv
  _PAGE.write_text(page(_PAGE.read_text()))


if __name__ == "__main__":
  app.run(main)
