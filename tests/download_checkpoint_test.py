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

"""Tests of the command download_checkpoint."""

import hashlib

import pytest

from deeplab_ssl.model_zoo import entries
from tests import commands
from tests.model_zoo import archives
from tests.model_zoo import flaky_server

NAME = "mobilenetv2_dm05_coco_voc_trainaug"


def _run(folder, *args):
  command = ("-m", "deeplab_ssl.download_checkpoint", *args)
  return commands.run(*command, folder=folder)


def test_command(tmp_path):
  archive = entries.find(NAME).archive
  data = archives.archive(tmp_path)
  with flaky_server.FlakyServer({f"/zoo/{archive}": data}) as server:
    result = _run(tmp_path, NAME, f"--url_base={server.url}/zoo")
  assert result.returncode == 0, result.stderr
  assert archive in result.stderr  # the progress bar
  prefix = f"checkpoints/{NAME}/model.ckpt-30000"
  assert f"task.init_checkpoint={prefix}\n" in result.stdout
  assert "those of --dataset=voc2012\n" in result.stdout
  assert hashlib.sha256(data).hexdigest() in result.stdout
  assert (tmp_path / f"{prefix}.index").exists()


@pytest.mark.parametrize(
  "args, code, message",
  [
    (["--list"], 0, "resnet_v1_101_beta_imagenet"),
    (["--list"], 0, "ImageNet, ADE20K train                          ade20k"),
    (["xception_65"], 1, "Did you mean 'xception_65_imagenet'?"),
    ([], 1, "give one name of the zoo, or --list"),
    ([NAME, "True"], 1, "Unexpected arguments"),
    (["--list", "--sha256=x"], 1, "--sha256 does nothing with --l"),
    (["--list", "--output_dir=x"], 1, "--output_dir does nothing with --list"),
    (["--list", NAME], 1, "give one name of the zoo, or --list"),
  ],
)
def test_command_without_a_download(args, code, message, tmp_path):
  result = _run(tmp_path, *args)
  assert result.returncode == code, result.stderr
  assert message in result.stdout + result.stderr
  assert "Traceback" not in result.stderr
