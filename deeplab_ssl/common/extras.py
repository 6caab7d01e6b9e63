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

"""What the base installation leaves out, and how to get it."""

from collections.abc import Iterator
import contextlib
import importlib.util

# The modules that `pip install 'deeplab-ssl[EXTRA]'` adds; tests compare them
# with setup.py and with the imports of the package.
EXTRAS = {
  "deeplab": frozenset(
    {
      "PIL",
      "matplotlib",
      "official",
      "orbit",
      "scipy",
      "sklearn",
      "tensorboard",
      "tensorflow",
      "tensorflow_datasets",
      "tf_keras",
      "tqdm",
      "yaml",
    }
  ),
  "onnx": frozenset({"onnx", "onnxruntime", "tf2onnx"}),
  "torch": frozenset({"torch"}),
}
_EXTRA_OF = {name: extra for extra, names in EXTRAS.items() for name in names}
MODULES = frozenset(_EXTRA_OF)


def advice(error: ImportError) -> str | None:
  """Returns what to install after a failed import.

  Args:
    error: of the import.

  Returns:
    A sentence that names the module and the command; None if no installation
    would help, because the module is one of ours or is there but broken.
  """
  name = error.name or ""
  if not isinstance(error, ModuleNotFoundError) or name not in MODULES:
    return None
  if importlib.util.find_spec(name):
    return None
  return (
    f"This needs the module {name}, which is not installed: run `pip install "
    f"'deeplab-ssl[{_EXTRA_OF[name]}]'`."
  )


@contextlib.contextmanager
def advised() -> Iterator[None]:
  """Lets an import that fails in the body say what to install.

  Raises:
    ImportError: with `advice`, instead of a ModuleNotFoundError that has one.
  """
  try:
    yield
  except ModuleNotFoundError as error:
    text = advice(error)
    if text is None:
      raise
    raise ImportError(text) from error
