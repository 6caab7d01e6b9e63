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

"""A training loop in plain torch, with the loss as a function.

  KERAS_BACKEND=torch python docs/examples/torch_loop.py

torch's models give `[batch, classes, height, width]`, which the loss is told.
With several processes `count_mean=losses.torch_distributed.count_mean` makes
the loss of each its share of that of the global batch.
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

import squares
import torch

from deeplab_ssl import losses


def train(steps: int = 40) -> list[float]:
  """Trains a small network; returns the loss of each step."""
  torch.manual_seed(0)
  images, labels = map(torch.tensor, squares.batch())
  images = images.movedim(-1, 1)
  model = torch.nn.Sequential(
    torch.nn.Conv2d(3, 16, 5, padding=2),
    torch.nn.ReLU(),
    torch.nn.Conv2d(16, squares.CLASSES, 5, padding=2),
  )
  optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
  seen = []
  for _ in range(steps):
    terms = losses.functional.structural_similarity_terms(
      labels, model(images), data_format="channels_first"
    )
    loss = terms.loss.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    seen.append(float(loss.detach()))
  print(f"loss {seen[0]:.4f} -> {seen[-1]:.4f}, hard {terms.hard_fraction:.2%}")
  return seen


if __name__ == "__main__":
  train()
