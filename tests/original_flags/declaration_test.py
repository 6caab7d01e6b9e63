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

"""Tests of what flags need of others."""

import pytest

from deeplab_ssl.original_flags import declaration

_VALUES = {"model_variant": "resnet_v1_50", "rates": [6], "cell": "", "n": 0}


@pytest.mark.parametrize(
  "need, met",
  [
    (declaration.network("resnet_", "xception_"), True),
    (declaration.network("mobilenet_"), False),
    (declaration.given("rates"), True),
    (declaration.given("n"), False),
    (declaration.off("cell"), True),
    (declaration.off("rates"), False),
  ],
)
def test_a_need_is_met_or_not(need, met):
  assert need.met(_VALUES) is met


def test_what_is_not_met_is_told():
  need = declaration.network("resnet_", "xception_")
  assert need.unmet == "with another network than resnet_* and xception_*"
  assert declaration.given("rates").unmet == "without --rates"
  assert declaration.off("rates").unmet == "with --rates"
