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

"""What torch does with the losses beside `fit`: its own training loop."""

import numpy as np
import pytest

from deeplab_ssl import losses
from tests.losses import backends
from tests.losses import inputs
from tests.losses import reference

if backends.NAME != "torch":
  pytest.skip("Keras is not set to torch", allow_module_level=True)

import torch


def test_a_plain_training_loop_lowers_the_loss():
  torch.manual_seed(0)
  labels = inputs.blocks([2, 12, 10], 3)
  images = torch.tensor(backends.one_hot(labels, 3)).movedim(-1, 1)
  images = images + 0.3 * torch.randn(images.shape)
  model = torch.nn.Conv2d(3, 3, 3, padding=1)
  optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
  seen = []
  for _ in range(30):
    terms = losses.functional.structural_similarity_terms(
      torch.tensor(labels), model(images), data_format="channels_first"
    )
    loss = terms.loss.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    seen.append(float(loss))
  assert seen[-1] < 0.5 * seen[0]


def test_the_gradient_of_torch_is_that_of_float64():
  labels = inputs.blocks([1, 8, 7], 3)
  logits = torch.tensor(inputs.noise(labels, 3), requires_grad=True)
  loss = losses.StructuralSimilarityLoss()(torch.tensor(labels), logits)
  loss.backward()
  expected = reference.structural_similarity(labels, logits.detach().numpy())
  inputs.assert_close(float(loss.detach()), expected.total)
  inputs.assert_close(np.array(logits.grad), expected.gradient)
