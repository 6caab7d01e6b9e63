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

"""Tests of which messages a command shows."""

from absl import logging
import pytest

from deeplab_ssl.cli import messages
from tests import commands

_CHATTER = """
from deeplab_ssl.cli import runner
def main():
  from absl import logging
  import tensorflow as tf
  logging.info("our detail")
  logging.warning("our warning of %d %%", 99)
  source = "logging.warning('their warning'); logging.error('their error')"
  exec(compile(source, tf.__path__[0] + "/inside.py", "exec"))
if __name__ == "__main__":
  runner.run(main)
"""


@pytest.mark.parametrize("level", [None, "0", "1", "-1"])
def test_warnings_of_ours_are_shown_and_chatter_where_it_is_wanted(
  level, tmp_path
):
  flags = [] if level is None else [f"--verbosity={level}"]
  (tmp_path / "program.py").write_text(_CHATTER)
  result = commands.run(tmp_path / "program.py", *flags, folder=tmp_path)
  assert result.returncode == 0, result.stderr
  assert "our warning of 99 %\n" in result.stderr
  assert "their error\n" in result.stderr
  verbose = level in ("0", "1")
  assert ("our detail" in result.stderr) == verbose
  assert ("their warning" in result.stderr) == verbose
  # Without the place in the code.
  assert ("\nWARNING: our" in f"\n{result.stderr}") != verbose


@pytest.mark.parametrize(
  "verbosity, expected",
  [
    (logging.ERROR, False),
    (logging.WARNING, False),
    (logging.INFO, True),
    (logging.DEBUG, True),
  ],
)
def test_more_than_warnings_is_verbose(verbosity, expected):
  before = logging.get_verbosity()
  logging.set_verbosity(verbosity)
  try:
    assert messages.is_verbose() == expected
  finally:
    logging.set_verbosity(before)
