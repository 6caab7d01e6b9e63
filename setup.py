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

setuptools.setup(
  name="deeplab-ssl",
  version=VERSION,
  description="DeepLab with the structural similarity loss",
  long_description=(ROOT / "README.md").read_text(),
  long_description_content_type="text/markdown",
  license="Apache-2.0",
  python_requires=">=3.11,<3.14",
  # Never `datasets` or `tests`: other distributions have these names, too.
  packages=setuptools.find_packages(include=["deeplab_ssl", "deeplab_ssl.*"]),
  install_requires=[
    "absl-py>=1.4",
    # tensorflow-datasets needs it to build a data set, undeclared.
    "importlib_resources>=6",
    "keras>=3.10,<4",
    "keras-cv>=0.9,<0.10",
    "matplotlib>=3.8,<4",
    "numpy>=1.26,<3",
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
  extras_require={
    # The dense CRF; built from source, so the tests do without it.
    "crf": ["pydensecrf2>=1.1,<2"],
    "test": [
      "hypothesis>=6.100",
      "pytest>=8",
      "pytest-xdist>=3.6",
      "ruff>=0.6,<1",
    ],
  },
)
