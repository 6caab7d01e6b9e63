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

"""Tests of the work on several threads."""

import threading

from absl.testing import absltest
from absl.testing import parameterized

from deeplab_ssl.preparation import parallel


class OrderedMapTest(parameterized.TestCase):
  @parameterized.parameters(1, 3)
  def test_order(self, num_workers):
    found = parallel.ordered_map(
      lambda x: x * x, range(40), num_workers=num_workers
    )
    self.assertEqual(list(found), [x * x for x in range(40)])

  def test_takes_items_only_a_few_ahead(self):
    taken = []
    items = (taken.append(i) or i for i in range(100))
    results = parallel.ordered_map(str, items, num_workers=2)
    next(results)
    self.assertLess(len(taken), 20)
    results.close()

  def test_works_side_by_side(self):
    barrier = threading.Barrier(2, timeout=20)
    # Two calls that wait for one another end only if they run together.
    results = parallel.ordered_map(
      lambda _: barrier.wait() >= 0, range(2), num_workers=2
    )
    self.assertEqual(list(results), [True, True])

  def test_errors_come_in_their_place(self):
    results = parallel.ordered_map(lambda x: 1 // x, [1, 0, 1], num_workers=1)
    self.assertEqual(next(results), 1)
    with self.assertRaises(ZeroDivisionError):
      next(results)


if __name__ == "__main__":
  absltest.main()
