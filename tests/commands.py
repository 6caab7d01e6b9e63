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

"""Running a command in a process of its own, without its imports.

Importing TensorFlow takes longer than most commands do. One process imports it,
runs nothing, and is forked for each command: a fork before the first operation
has none of TensorFlow's threads to lose.
"""

import multiprocessing
import os
import pathlib
import runpy
import subprocess
import sys
import tempfile

_PRELOADED = (
  "tensorflow",
  "tensorflow_datasets",
  "tf_keras",
  "deeplab_ssl.runs.trained_run",
)


def _forget():
  """Lets all modules of the package be imported again."""
  for name in list(sys.modules):
    if name.partition(".")[0] == "deeplab_ssl":
      del sys.modules[name]


def _become(args, folder, stdout, stderr, before, anew):
  """What `python ARGS` is, from here on."""
  for descriptor, path in ((1, stdout), (2, stderr)):
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, descriptor)
    os.close(file)
  os.chdir(folder)
  if anew:
    _forget()
  exec(before, {})
  if args[0] == "-m":
    sys.argv = args[1:]
    runpy.run_module(args[1], run_name="__main__", alter_sys=True)
  else:
    sys.argv = args
    sys.path.insert(0, os.path.dirname(args[0]))
    runpy.run_path(args[0], run_name="__main__")


def run(*args, folder, before="", anew=False) -> subprocess.CompletedProcess:
  """Runs `python ARGS` in a folder, from modules that are imported already.

  A test of what an import does, or of where it looks, needs `subprocess`.

  Args:
    *args: a script or "-m" and a module, and the arguments.
    folder: the working directory.
    before: Python text that is run first, in the same process: it puts a
      stand-in where a command would train or load a model for long.
    anew: imports the modules of this package again, so that one which is
      imported by nobody but the preloading is missed.

  Returns:
    What `subprocess.run` returns, with the output as text.
  """
  args = [os.fspath(arg) for arg in args]
  if sys.platform == "linux":
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
  else:  # Others' system libraries may not be forked.
    context = multiprocessing.get_context("spawn")
  with tempfile.TemporaryDirectory() as directory:
    output = [pathlib.Path(directory, name) for name in ("stdout", "stderr")]
    process = context.Process(
      target=_become,
      args=(args, os.fspath(folder), *map(str, output), before, anew),
    )
    process.start()
    process.join()
    return subprocess.CompletedProcess(
      args, process.exitcode, *(path.read_text() for path in output)
    )
