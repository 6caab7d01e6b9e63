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

import pytest

from deeplab_ssl.runs import run_directory


def test_missing_run_and_checkpoint_list_what_is_there(tmp_path):
  (tmp_path / "notes.txt").write_text("")
  with pytest.raises(FileNotFoundError, match=r"notes\.txt"):
    run_directory.load_configuration(str(tmp_path))
  with pytest.raises(FileNotFoundError, match=r"notes\.txt"):
    run_directory.find_checkpoint(str(tmp_path))
  with pytest.raises(FileNotFoundError, match="No checkpoint /nowhere"):
    run_directory.find_checkpoint(str(tmp_path), "/nowhere")


def test_a_configuration_of_another_kind_of_model_is_refused(tmp_path):
  (tmp_path / "params.yaml").write_text("task: {foo: 1}\n")
  with pytest.raises(ValueError, match="is not of a DeepLab experiment"):
    run_directory.load_configuration(str(tmp_path))
