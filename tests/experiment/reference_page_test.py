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

"""Tests of the page of all keys."""

import dataclasses

import pytest

from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import reference_page
from deeplab_ssl.experiment import settings
from tests import configuration_page_update


def test_the_page_is_up_to_date():
  page = configuration_page_update.PAGE.read_text()
  assert page == reference_page.page(), (
    "Run python -m tests.configuration_page_update."
  )


@pytest.mark.parametrize("group", ["task", "trainer", "runtime"])
def test_every_key_is_on_the_page(group):
  page = reference_page.page()
  config = getattr(configs.ExperimentConfig(), group)
  for name, key in settings.keys_of(config).items():
    row = f"| `{group}.{name}` |" if key.is_fixed else f"| `{name}` |"
    assert row in page
    assert key.meaning in page.replace("\\", "")


def test_a_changed_default_changes_the_page(monkeypatch):
  @dataclasses.dataclass
  class Other(configs.ExperimentConfig):
    def __post_init__(self, *args):
      super().__post_init__(*args)
      self.task.train_data.crop_size = [97, 97]

  before = reference_page.page()
  monkeypatch.setattr(configs, "ExperimentConfig", Other)
  after = reference_page.page()
  assert "`[97, 97]`" in after
  assert "`[97, 97]`" not in before
