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

"""Prints the table of docs/parity.md: `python -m tests.parity_report MODEL...`.

The largest differences between our logits and the original's, as a share of the
standard deviation, over all fixtures that are there, of all models or of those
that are named.
"""

import collections
import gc
import sys

import numpy as np

from tests import original


def main(names):
  """Prints one row per model."""
  stems = collections.defaultdict(list)
  fixtures = original.inference_fixtures(everything=True)
  for stem in fixtures:
    stems[stem.split("_seed")[0]].append(stem)
  print("| model | images | logits | argmax differs | near ties |")
  print("|---|---|---|---|---|")
  for name in names or sorted(stems):
    gc.collect()
    model = original.build(name)
    crops, worst, different, allowed, pixels = [], 0.0, 0, 0, 0
    for stem in sorted(stems[name]):
      fixture = np.load(fixtures[stem])
      images = original.images(fixture)
      logits = model(images, training=False)
      error = np.abs(logits - fixture["logits"]).max()
      worst = max(worst, error / fixture["logits"].std())
      labels, _ = original.predict(name, model, images, logits)
      different += (labels != fixture["argmax"]).sum()
      allowed += fixture["argmax_margin_lt_1e3"]
      pixels += labels.size
      crops.append(stem.rsplit("_", 1)[1])
    print(
      f"| {name} | {', '.join(crops)} | {worst:.1e} | {different} of {pixels} "
      f"| {allowed} |",
      flush=True,
    )


if __name__ == "__main__":
  main(sys.argv[1:])
