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

"""Prints the table of docs/parity.md: `python -m tests.parity_report`.

The largest differences between our logits and the original's, as a share of the
standard deviation, over all fixtures that are there.
"""

import collections

import numpy as np
import tensorflow as tf

from deeplab_ssl import modeling
from tests import original


def main():
  """Prints one row per model."""
  stems = collections.defaultdict(list)
  for stem in original.inference_fixtures():
    stems[stem.split("_seed")[0]].append(stem)
  print("| model | images | logits | argmax differs | allowed |")
  print("|---|---|---|---|---|")
  for name in sorted(stems):
    model = original.build(name)
    crops, worst, different, allowed, pixels = [], 0.0, 0, 0, 0
    for stem in sorted(stems[name]):
      fixture = np.load(original.inference_fixtures()[stem])
      images = original.images(fixture)
      logits = model(images, training=False)
      error = np.abs(logits - fixture["logits"]).max()
      worst = max(worst, error / fixture["logits"].std())
      upsampled = modeling.upsample_logits(logits, images.shape[1:3])
      argmax = tf.argmax(upsampled, -1).numpy()
      different += (argmax != fixture["argmax"]).sum()
      allowed += fixture["argmax_margin_lt_1e3"]
      pixels += argmax.size
      crops.append(stem.rsplit("_", 1)[1])
    print(
      f"| {name} | {', '.join(crops)} | {worst:.1e} | {different} of {pixels} "
      f"| {allowed} |"
    )


if __name__ == "__main__":
  main()
