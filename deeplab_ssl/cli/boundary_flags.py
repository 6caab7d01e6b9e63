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

"""Flags of the scores along boundaries, shared by the commands that score."""

from absl import app
from absl import flags

_BOUNDARY = flags.DEFINE_bool(
  "boundary", False, "Also print Boundary IoU and mean IoU near boundaries."
)
_RATIO = flags.DEFINE_float(
  "boundary_ratio",
  None,
  "With --boundary: how wide the boundaries of Boundary IoU are, as a share of "
  "the diagonal of the image; 0.02 by default.",
)
_WIDTHS = flags.DEFINE_list(
  "trimap_widths",
  None,
  "With --boundary: the distances to a boundary, in pixels, within which mean "
  "IoU is computed; 1,2,4,8,16 by default.",
)


def load():
  """Returns the `evaluation.boundary.Settings` of the flags, or None without.

  Raises:
    app.UsageError: if a width is no width, or given without --boundary.
  """
  given = {}
  if _RATIO.value is not None:
    given["ratio"] = _RATIO.value
  try:
    if _WIDTHS.value is not None:
      given["trimap_widths"] = tuple(map(int, _WIDTHS.value))
    if not _BOUNDARY.value:
      if given:
        raise ValueError("They do nothing without --boundary")
      return None
    from deeplab_ssl.evaluation import boundary

    return boundary.Settings(**given)
  except ValueError as error:
    raise app.UsageError(
      f"--boundary_ratio={_RATIO.value} --trimap_widths="
      f"{','.join(_WIDTHS.value or ())}: {error}."
    ) from error
