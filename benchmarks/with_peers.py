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

"""Runs a command of the package with the losses of others registered.

  python -m benchmarks.with_peers deeplab_ssl.train \\
    --params_override=task.losses.type=lovasz ...

A suite whose rows train with them names this module as its `runner`.
"""

import runpy
import sys

from deeplab_ssl.cli import environment

_TRAINING = "deeplab_ssl.train"


def register() -> None:
  """Adds the losses to the registry; before a configuration is imported."""
  from benchmarks import peer_losses
  from benchmarks import rmi_loss
  from deeplab_ssl.experiment import loss_registry

  def row(type_, label, function, names=(), activation="softmax"):
    def compute(config, labels, logits, step, **options):
      del config, step
      found = function(labels, logits, **options)
      if not names:
        return found, {}
      return found.loss, {name: getattr(found, name) for name in names}

    return loss_registry.LossRow(
      type=type_,
      label=lambda config: label,
      activation=activation,
      compute=compute,
      logged=lambda config: names,
    )

  for found in (
    row("dice", "Dice", peer_losses.dice),
    row("tversky", "Tversky", peer_losses.tversky),
    row("focal", "focal", peer_losses.focal),
    row("lovasz", "Lovasz-softmax", peer_losses.lovasz),
    row(
      "jaccard_metric",
      "Jaccard metric",
      peer_losses.jaccard_metric,
      ("cross_entropy", "jaccard"),
    ),
    row(
      "rmi",
      "RMI",
      rmi_loss.rmi_terms,
      ("cross_entropy", "information"),
      "sigmoid",
    ),
  ):
    loss_registry.register(found)


def main() -> None:
  """Runs the command that the first argument names.

  Raises:
    SystemExit: if it names none of the package.
  """
  command = sys.argv[1] if len(sys.argv) > 1 else ""
  if not command.startswith("deeplab_ssl."):
    sys.exit(
      "Error: name a command of the package first, such as deeplab_ssl.train. "
      f"Received: {command!r}."
    )
  environment.prepare(training=command == _TRAINING)
  register()
  del sys.argv[0]
  runpy.run_module(command, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
  main()
