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

"""The SSIM losses of the definition against float64."""

import pytest

from deeplab_ssl.losses import definition
from deeplab_ssl.losses import ssim_settings
from tests.losses import backends
from tests.losses import inputs
from tests.losses import reference
from tests.losses.definition import testing


@pytest.mark.parametrize(
  ("form", "image"),
  [
    *(("ssim", image) for image in ("noise", "fitted", "flat", "void")),
    *(("contrast_structure", image) for image in ("noise", "smooth")),
  ],
)
def test_ssim_is_that_of_float64(form, image):
  labels, logits = testing.IMAGES[image]
  options = {"form": form, "region_size": 5, "ce_weight": 0.3}
  value, slope = backends.value_and_gradient(
    lambda labels, logits: (
      definition.ssim_terms(
        labels, logits, settings=ssim_settings.SSIMSettings(**options)
      ).loss
    ),
    labels,
    logits,
  )

  def expected(labels, logits):
    return reference.ssim(labels, logits, **options)

  inputs.assert_close(testing.shares(labels, value), expected(labels, logits))
  testing.assert_slopes(slope, expected, labels, logits)
