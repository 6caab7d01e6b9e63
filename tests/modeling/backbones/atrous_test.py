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

from deeplab_ssl.modeling.backbones import atrous


@pytest.mark.parametrize(
  "output_stride, expected",
  [
    # Strides as they are: 2 (the stem), 4, 8, 16.
    (16, [(2, 1), (1, 1), (2, 1), (2, 1), (1, 1)]),
    # The unit that loses its stride keeps the old rate; those behind have it.
    (8, [(2, 1), (1, 1), (2, 1), (1, 1), (1, 2)]),
    (4, [(2, 1), (1, 1), (1, 1), (1, 2), (1, 4)]),
  ],
)
def test_strides_become_rates_behind_the_output_stride(output_stride, expected):
  assert atrous.schedule([2, 1, 2, 2, 1], 2, output_stride) == expected


@pytest.mark.parametrize("output_stride, nearest", [(32, 16), (6, 16)])
def test_an_output_stride_out_of_reach_names_the_nearest(
  output_stride, nearest
):
  message = f"output stride of {output_stride}: the nearest is {nearest}"
  with pytest.raises(ValueError, match=message):
    atrous.schedule([2, 1, 2, 2, 1], 2, output_stride)


def test_unit_rates_are_as_many_as_units():
  assert atrous.unit_rates(None, 3) == (1, 1, 1)
  assert atrous.unit_rates([1, 2, 4], 3) == (1, 2, 4)
  assert atrous.unit_rates([1, 2], 2) == (1, 2)
  message = r"3 factors, such as \(1, 2, 4\).*multi_grid=\[1, 2\]"
  with pytest.raises(ValueError, match=message):
    atrous.unit_rates([1, 2], 3)
  with pytest.raises(ValueError, match=r"2 factors, such as \(1, 2\)"):
    atrous.unit_rates([1, 2, 4], 2)
