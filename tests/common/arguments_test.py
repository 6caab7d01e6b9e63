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

"""Tests of the messages about wrong arguments."""

import types

import numpy as np
import pytest

from deeplab_ssl.common import arguments


def test_a_wrong_argument_is_named_with_what_was_received():
  arguments.require(True, "beta", "in [0, 1]", 0.5)
  with pytest.raises(ValueError) as caught:
    arguments.require(False, "beta", "in [0, 1]", 1.5)
  assert str(caught.value) == (
    "Argument `beta` must be in [0, 1]. Received: beta=1.5"
  )


@pytest.mark.parametrize("value", [0, 1.5, np.float32(2), np.int64(3)])
def test_numbers_of_all_kinds_are_numbers(value):
  arguments.require_numbers(types.SimpleNamespace(a=value, b="no"), "a")


@pytest.mark.parametrize("value", ["1", None, [1], 1j, True])
def test_what_is_no_number_is_refused(value):
  settings = types.SimpleNamespace(a=1, b=value)
  with pytest.raises(ValueError, match="`b` must be a number. Received: b="):
    arguments.require_numbers(settings, "a", "b")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -np.inf])
def test_a_number_must_be_finite(value):
  with pytest.raises(ValueError, match="`a` must be finite. Received: a="):
    arguments.require_numbers(types.SimpleNamespace(a=value), "a")


@pytest.mark.parametrize("value", [True, False, 1, 0])
def test_flags(value):
  arguments.require_flags(types.SimpleNamespace(a=value, b="no"), "a")


@pytest.mark.parametrize("value", ["no", None, 2, -1, []])
def test_what_is_no_flag_is_refused(value):
  with pytest.raises(ValueError, match="`a` must be True or False. Received:"):
    arguments.require_flags(types.SimpleNamespace(a=value), "a")
