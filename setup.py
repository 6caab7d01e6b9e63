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

"""Installs deeplab-ssl; see README.md."""

import pathlib
import re
import sys

import setuptools

# Newer ones have no TensorFlow 2.20; older ones are not tested.
if not (3, 11) <= sys.version_info[:2] <= (3, 13):
  sys.exit(
    "deeplab-ssl needs Python 3.11, 3.12 or 3.13; this is "
    f"{sys.version.split()[0]}. Create the environment with one of those, for "
    "example: python3.11 -m venv .venv"
  )

ROOT = pathlib.Path(__file__).parent
VERSION = re.search(
  r'__version__ = "(.+)"', (ROOT / "deeplab_ssl/__init__.py").read_text()
).group(1)

PACKAGES = setuptools.find_packages(include=["deeplab_ssl", "deeplab_ssl.*"])

setuptools.setup(
  name="deeplab-ssl",
  version=VERSION,
  description="DeepLab with the structural similarity loss",
  long_description=(ROOT / "README.md").read_text(),
  long_description_content_type="text/markdown",
  license="Apache-2.0",
  python_requires=">=3.11,<3.14",
  # Never `datasets` or `tests`: other distributions have these names, too.
  # A checkout has `configs` at its top level, an installed package inside;
  # common/config_files.py finds both.
  packages=[*PACKAGES, "deeplab_ssl.configs"],
  package_dir={"deeplab_ssl.configs": "configs"},
  package_data={
    "deeplab_ssl": ["py.typed"],
    "deeplab_ssl.configs": ["*.yaml", "*/*.yaml"],
  },
  # What the losses need. They run on the TensorFlow that is there, so none is
  # named: a version of ours would take the user's away.
  install_requires=[
    "absl-py>=1.4",
    "keras>=3.10,<4",
    "numpy>=1.26,<3",
  ],
  extras_require={
    # The dense CRF; built from source, so the tests do without it.
    "crf": ["pydensecrf2>=1.1,<2"],
    # The models, the data and the commands. common/extras.py has the modules.
    "deeplab": [
      # tensorflow-datasets needs it to build a data set, undeclared.
      "importlib_resources>=6",
      "keras-cv>=0.9,<0.10",
      "matplotlib>=3.8,<4",
      "pillow>=10",
      "pyyaml>=6",
      # scikit-learn carries the digits of the demo.
      "scikit-learn>=1.4,<2",
      # Masks of SBD are MATLAB files.
      "scipy>=1.11,<2",
      "tensorboard~=2.20.0",
      "tensorflow~=2.20.0",
      "tensorflow-datasets>=4.9.7,<5",
      # tf-models-official imports it and does not pin it to TensorFlow's.
      "tf_keras~=2.20.0",
      "tf-models-official~=2.20.0",
      "tqdm>=4.66",
    ],
    "docs": [
      # Formulas of docstrings, which a page then shows without a script.
      "latex2mathml>=3.77,<4",
      # Shows docs/tutorial.ipynb.
      "mkdocs-jupyter>=0.25,<1",
      "mkdocs-material>=9.5,<10",
      "mkdocstrings[python]>=0.26,<2",
    ],
    # Backends of Keras, for the losses and metrics alone.
    "jax": ["jax>=0.6,<1"],
    "torch": ["torch>=2.6,<2.14"],
    # ONNX models, written and read. Older ones of tf2onnx want an old protobuf.
    "onnx": [
      "onnx>=1.18,<2",
      "onnxruntime>=1.22,<2",
      "tf2onnx>=1.17,<2",
    ],
    "test": [
      "build>=1.2",
      "hypothesis>=6.100",
      # The backends of the extras `jax` and `torch`.
      "jax>=0.6,<1",
      "mypy>=1.11",
      # docs/tutorial.ipynb is run by these.
      "ipykernel>=6.29",
      "nbclient>=0.10,<1",
      "nbformat>=5.10,<6",
      # Those of the extra `onnx`.
      "onnx>=1.18,<2",
      "onnxruntime>=1.22,<2",
      "pytest>=8",
      "pytest-xdist>=3.6",
      "ruff>=0.6,<1",
      # Pages are opened in a browser, where there is one.
      "selenium>=4.20,<5",
      # benchmarks/ builds the original's graph with it.
      "tf-slim>=1.1,<2",
      "tf2onnx>=1.17,<2",
      "torch>=2.6,<2.14",
      "types-PyYAML>=6",
    ],
  },
)
