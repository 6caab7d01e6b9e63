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

"""Tests of losses/torch_distributed.py, in processes whose backend is torch."""

import importlib.util
import os
import socket
import subprocess
import sys

import pytest

from tests import source_tree

if importlib.util.find_spec("torch") is None:
  pytest.skip("torch is not installed", allow_module_level=True)

# Two processes train a linear model on halves of a batch of which one is mostly
# void; the model of the whole batch must move by the same step.
_PROGRAM = """
import sys
import numpy as np
import torch
from torch.nn.parallel import DistributedDataParallel
from deeplab_ssl.losses import functional
from deeplab_ssl.losses import torch_distributed

rank = int(sys.argv[1])
rng = np.random.default_rng(0)
labels = rng.integers(0, 3, [2, 8, 8])
labels[1, :6] = 255
features = torch.tensor(rng.normal(size=[2, 8, 8, 4]), dtype=torch.float32)
labels = torch.tensor(labels)


def weights(model, rows, **options):
  logits = model(features[rows])
  for function in (
    lambda: functional.structural_similarity_terms(
      labels[rows], logits, **options).loss,
    lambda: functional.softmax_cross_entropy(labels[rows], logits, **options),
    lambda: functional.ssim_terms(labels[rows], logits, **options).loss,
    lambda: functional.affinity_terms(labels[rows], logits, **options).loss,
  ):
    function().mean().backward(retain_graph=True)


def linear():
  torch.manual_seed(1)
  return torch.nn.Linear(4, 3)


whole = linear()
weights(whole, slice(None))
assert torch_distributed.count_mean([torch.tensor(3.0)])[0] == 3
torch.distributed.init_process_group(
  "gloo", init_method=sys.argv[2], rank=rank, world_size=2
)
part = linear()
weights(part, slice(rank, rank + 1), count_mean=torch_distributed.count_mean)
slope = part.weight.grad.clone()
torch.distributed.all_reduce(slope)
slope /= 2  # As DistributedDataParallel does.
torch.testing.assert_close(slope, whole.weight.grad, rtol=1e-5, atol=1e-7)
parallel = DistributedDataParallel(linear())
terms = functional.structural_similarity_terms(
  labels[rank:rank + 1], parallel(features[rank:rank + 1]),
  count_mean=torch_distributed.count_mean)
terms.loss.mean().backward()
alone = linear()
functional.structural_similarity_terms(
  labels, alone(features)).loss.mean().backward()
torch.testing.assert_close(
  parallel.module.weight.grad, alone.weight.grad, rtol=1e-5, atol=1e-7)
torch.distributed.destroy_process_group()
print("equal")
"""


@pytest.mark.slow
def test_two_processes_take_the_step_of_one():
  with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
  environment = os.environ | {
    "KERAS_BACKEND": "torch",
    "PYTHONPATH": str(source_tree.ROOT),
  }
  address = f"tcp://127.0.0.1:{port}"
  processes = [
    subprocess.Popen(
      [sys.executable, "-c", _PROGRAM, str(rank), address],
      env=environment,
      stdout=subprocess.PIPE,
      stderr=subprocess.PIPE,
      text=True,
    )
    for rank in range(2)
  ]
  for process in processes:
    output, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors[-3000:]
    assert output.strip() == "equal"
