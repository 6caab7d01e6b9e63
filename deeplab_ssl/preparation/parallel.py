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

"""Work on several threads whose results come in order, with a progress bar."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
import concurrent.futures
import itertools
import os
from typing import Any

import tqdm


def ordered_map(
  function: Callable[[Any], Any],
  items: Iterable[Any],
  *,
  num_workers: int | None = None,
  description: str = "",
  total: int | None = None,
) -> Iterator[Any]:
  """Yields `function(item)` per item, in the order of the items.

  Args:
    function: called from several threads.
    items: consumed a few items ahead of the results.
    num_workers: threads; by default one per CPU, at most 8.
    description: what the progress bar says in front.
    total: number of items, for the progress bar; None if unknown.

  Yields:
    The results; an exception of the function is raised in its place.
  """
  num_workers = num_workers or min(os.cpu_count() or 1, 8)
  # A window, so that results do not pile up ahead of who takes them.
  window = 4 * num_workers
  with (
    concurrent.futures.ThreadPoolExecutor(num_workers) as pool,
    tqdm.tqdm(total=total, desc=description, unit="image", disable=None) as bar,
  ):
    waiting = []
    todo = iter(items)
    try:
      while True:
        for item in itertools.islice(todo, window - len(waiting)):
          waiting.append(pool.submit(function, item))
        if not waiting:
          return
        yield waiting.pop(0).result()
        bar.update()
    finally:
      pool.shutdown(wait=True, cancel_futures=True)
