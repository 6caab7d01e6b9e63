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

"""Tests of which validation is done."""

import pytest

from deeplab_ssl.checkpoints import progress


def test_the_next_process_knows(tmp_path):
  first = progress.Progress(str(tmp_path))
  assert not first.is_validated(4)
  first.validated(4)
  first.validated(8)
  again = progress.Progress(str(tmp_path))
  assert again.is_validated(8)
  assert not again.is_validated(4)


def test_without_a_directory_it_is_remembered_here_alone(tmp_path):
  alone = progress.Progress()
  alone.validated(4)
  assert alone.is_validated(4)
  assert not list(tmp_path.iterdir())
  assert not progress.Progress("gs://bucket/run").is_validated(4)


def test_what_another_process_remembers_is_taken_over(tmp_path):
  mine = progress.Progress(str(tmp_path))
  mine.go_on_from(4)
  assert mine.is_validated(4)
  assert mine.step == 4
  assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
  "text", ["", "{", "[]", "{}", '{"validated_step": "x"}']
)
def test_a_damaged_file_is_named(text, tmp_path):
  (tmp_path / "progress.json").write_text(text)
  with pytest.raises(ValueError, match="progress.json is damaged.*Remove it"):
    progress.Progress(str(tmp_path))
