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

"""Tests of how commands end."""

import pathlib

import pytest

from tests import commands

_ROOT = pathlib.Path(__file__).resolve().parents[2]

_PROGRAM = """
from absl import flags
from deeplab_ssl.cli import runner
flag = flags.DEFINE_string("one", None, "")
flags.DEFINE_bool("yes", None, "")
flags.DEFINE_list("some", None, "")
flags.DEFINE_multi_string("many", None, "")
def main({names}):
  {body}
if __name__ == "__main__":
  runner.{run}(main)
"""


def _run(folder, body, *args, names=""):
  run = "run_with_names" if names else "run"
  program = _PROGRAM.format(body=body, names=names, run=run)
  (folder / "program.py").write_text(program)
  return commands.run(folder / "program.py", *args, folder=folder)


@pytest.mark.parametrize(
  "body, message",
  [
    ("raise ValueError('bad value')", "bad value"),
    ("open('nowhere')", "[Errno 2] No such file or directory: 'nowhere'"),
    ("raise ImportError('install x')", "install x"),
    (
      "import tensorflow as tf; tf.io.decode_png(b'no png')",
      "Error: Unknown image file format. One of JPEG, PNG, GIF, BMP, WebP "
      "required.\n",
    ),
  ],
)
def test_what_the_user_can_mend_is_told_without_a_traceback(
  body, message, tmp_path
):
  result = _run(tmp_path, body)
  assert result.returncode == 1
  assert "Error: " in result.stderr
  assert message in result.stderr
  assert "Traceback" not in result.stderr
  assert "Traceback" in _run(tmp_path, body, "--verbosity=1").stderr


def test_a_module_of_an_extra_is_told_with_what_brings_it(tmp_path):
  body = (
    "import importlib.util; importlib.util.find_spec = {}.get; "
    "raise ModuleNotFoundError('No module', name='official')"
  )
  result = _run(tmp_path, body)
  assert result.returncode == 1
  assert result.stderr == (
    "\nError: This needs the module official, which is not installed: run "
    "`pip install 'deeplab-ssl[deeplab]'`.\n"
  )


@pytest.mark.parametrize(
  "body",
  [
    "{}['key']",
    "import tensorflow.nowhere",
    "import deeplab_ssl.nowhere",
    "from tensorflow import nowhere",
  ],
)
def test_a_fault_of_the_program_keeps_its_traceback(body, tmp_path):
  result = _run(tmp_path, body)
  assert result.returncode == 1
  assert "Traceback" in result.stderr


def test_an_interruption_has_no_traceback(tmp_path):
  result = _run(tmp_path, "raise KeyboardInterrupt")
  assert result.returncode == 130
  assert result.stderr.strip() == "Interrupted."


def test_what_model_garden_adds_to_a_message_is_left_out(tmp_path):
  body = (
    "raise ValueError(\"bad\\n  In call to configurable 'f' (<function f>)\")"
  )
  assert _run(tmp_path, body).stderr == "\nError: bad\n"


@pytest.mark.parametrize(
  "args",
  [
    "evaluate --model_dir=x",
    "score --predictions=x --data_dir=x",
    "check_data --data_dir=x",
    "figure --number=2",
  ],
)
def test_an_address_is_refused_before_the_work(args, tmp_path):
  name, *flags = args.split()
  result = commands.run(
    *("-m", f"deeplab_ssl.{name}", *flags, "--output=gs://bucket/x.json"),
    folder=tmp_path,
  )
  assert result.returncode == 1
  assert "only local files are written" in result.stderr


@pytest.mark.parametrize(
  "args",
  [
    "evaluate --model_dir=x",
    "score --predictions=x --data_dir=x",
    "check_data --data_dir=x",
  ],
)
def test_a_file_that_is_no_json_is_not_replaced_by_a_report(args, tmp_path):
  name, *flags = args.split()
  path = tmp_path / "params.yaml"
  path.write_text("task: {}")

  def run():
    return commands.run(
      *("-m", f"deeplab_ssl.{name}", *flags, f"--output={path}"),
      folder=tmp_path,
    )

  refused = run()
  assert refused.returncode == 1
  assert f"--output={path}: the file is there and is no JSON" in refused.stderr
  assert path.read_text() == "task: {}"
  # An earlier report, or one that a full disk has cut short.
  for content in ('{"mean_iou": 1}', ""):
    path.write_text(content)
    assert "is no JSON" not in run().stderr


# `convert` has no flags of its own; its kinds have.
_COMMANDS = [
  *sorted(
    {path.stem for path in (_ROOT / "deeplab_ssl").glob("[a-z]*.py")}
    - {"convert"}
  ),
  *(f"convert {kind}" for kind in ("cityscapes", "folder", "voc2012")),
  *sorted((_ROOT / "datasets").rglob("build*.py")),
]


@pytest.mark.parametrize("command", _COMMANDS, ids=str)
def test_the_help_of_every_command_is_a_success(command, tmp_path):
  if isinstance(command, pathlib.Path):
    args = (command,)
  else:
    args = ("-m", *f"deeplab_ssl.{command}".split())
  shown = {}
  for flag in ("--help", "-h", "--helpshort", "--helpfull"):
    result = commands.run(*args, flag, folder=tmp_path)
    assert result.returncode == 0, result.stderr
    shown[flag] = result.stdout
  assert "flags:\n" in shown["--help"]
  assert shown["--help"].endswith(
    "Try --helpfull to get a list of all flags.\n"
  )
  assert shown["-h"] == shown["--helpshort"] == shown["--help"]
  assert "--verbosity" in shown["--helpfull"]


@pytest.mark.parametrize(
  "args, message",
  [
    (["--one=A", "--one=B"], "--one=B: already defined as A"),
    (["--one", "A", "--one", "A"], "--one=A: already defined as A"),
    (["--yes", "--noyes"], "--yes=false: already defined as True"),
    (["--some=1,2", "--some=3"], "--some=3: already defined as ['1', '2']"),
    (["--verbosity=1", "-v=0"], "--verbosity=0: already defined as 1"),
    (["--many=A", "--many=B"], None),
    (["--one=A", "--", "--one=B"], None),
  ],
)
def test_two_values_are_not_taken_for_one(args, message, tmp_path):
  body = """flags.FLAGS.one; print("ran", names)"""
  result = _run(tmp_path, body, *args, names="names")
  if message:
    assert result.returncode == 1
    assert f"Error: flag {message}" in result.stderr
    assert not result.stdout
  elif "--" in args:
    assert "Unexpected argument --one=B" in result.stderr
  else:
    assert result.stdout == "ran []\n"


@pytest.mark.parametrize(
  "args, refused",
  [
    (["--one="], "one"),
    (["--one", ""], "one"),
    (["--one= "], "one"),
    (["--many="], "many"),
    (["--many=a", "--many="], "many"),
    (["--texts="], None),
    (["--some="], None),
    (["--full="], "full"),
    ([], None),
  ],
)
def test_a_flag_without_its_value_is_refused(args, refused, tmp_path):
  body = """print("ran")
flags.DEFINE_string("texts", "", "")
flags.DEFINE_list("full", ["a"], "")"""
  result = _run(tmp_path, body, *args)
  if refused:
    assert f"Error: flag --{refused} is empty: give it a" in result.stderr
    assert result.returncode == 1
  assert result.stdout == ("" if refused else "ran\n")


def test_a_wrong_flag_is_told_with_the_way_to_the_help(tmp_path):
  result = _run(tmp_path, "print('ran')", "--two=1")
  assert result.returncode == 1
  assert result.stderr == (
    "\nError: Unknown command line flag 'two'\n"
    "See --help, or --helpfull for all flags.\n"
  )


def test_the_exit_status_is_that_of_the_command(tmp_path):
  assert _run(tmp_path, "return 3").returncode == 3
  assert _run(tmp_path, "pass").returncode == 0


def test_names_are_passed_on_or_refused(tmp_path):
  result = _run(tmp_path, "print(names)", "a", "--one=1", "b", names="names")
  assert result.stdout == "['a', 'b']\n"
  result = _run(tmp_path, "print('ran')", "a")
  assert "Unexpected arguments ['a']: use --flag=value" in result.stderr
  assert result.returncode == 1
  # What stands behind "--" is no flag any more.
  result = _run(tmp_path, "print('ran')", "--", "--one=1", names="names")
  assert "Unexpected argument --one=1" in result.stderr
  assert "ran" not in result.stdout.splitlines()


@pytest.mark.parametrize("args, refused", [((), False), (("--one=1",), True)])
def test_a_flag_that_would_do_nothing_is_refused(args, refused, tmp_path):
  body = "runner.refuse_idle(flag, True, 'without --two')"
  result = _run(tmp_path, body, *args)
  assert ("--one does nothing without --two." in result.stderr) == refused
  assert result.returncode == refused


@pytest.mark.parametrize(
  "command",
  [
    "train",
    "evaluate",
    "visualize",
    "export",
    "import_checkpoint",
    "reproduce",
    "figure",
    "check_data",
    "submit",
    "score",
    "demo",
  ],
)
def test_commands_refuse_stray_arguments(command, tmp_path):
  flags = [f"--{f}=x" for f in ("model_dir", "output_dir", "export_dir")]
  known = (_ROOT / "deeplab_ssl" / f"{command}.py").read_text()
  flags = [f for f in flags if f'"{f[2:-2]}"' in known]
  flags += (
    ["--predictions=x", "--data_dir=x"] if '"predictions"' in known else []
  )
  flags += ["--table=1"] if '"table"' in known else []
  flags += ["--number=2", "--output=x"] if '"number"' in known else []
  result = commands.run(
    "-m", f"deeplab_ssl.{command}", *flags, "True", folder=tmp_path
  )
  assert result.returncode != 0
  assert "Unexpected arguments ['True']" in result.stderr + result.stdout
