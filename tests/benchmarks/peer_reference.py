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

"""The losses of others once more in float64, pixel by pixel, from the papers.

Slow and obvious on purpose; labels `[batch, height, width]` with 255 for void,
logits `[batch, height, width, classes]`.
"""

import numpy as np

VOID = 255


def _softmax(logits):
  shifted = np.exp(logits - logits.max(-1, keepdims=True))
  return shifted / shifted.sum(-1, keepdims=True)


def _valid(labels, logits):
  """Classes and probabilities of the pixels that are not void."""
  chosen = labels != VOID
  return labels[chosen], _softmax(np.float64(logits))[chosen]


def tversky(labels, logits, missed, false_alarms):
  truth, p = _valid(labels, logits)
  losses = []
  for c in range(logits.shape[-1]):
    hit = p[truth == c, c].sum()
    misses = (1 - p[truth == c, c]).sum()
    alarms = p[truth != c, c].sum()
    losses.append(1 - hit / (hit + missed * misses + false_alarms * alarms))
  return np.mean(losses)


def focal(labels, logits):
  truth, p = _valid(labels, logits)
  right = np.clip(p[np.arange(len(truth)), truth], 1e-7, 1 - 1e-7)
  return np.mean(-0.25 * (1 - right) ** 2 * np.log(right))


def _jaccard_loss_of_set(mispredicted, foreground):
  """1 - |intersection| / |union| if a set of pixels is predicted wrongly."""
  intersection = (foreground & ~mispredicted).sum()
  union = (foreground | mispredicted).sum()
  return 1 - intersection / union


def lovasz(labels, logits):
  """Eq. 9: the largest errors first, each times what its pixel adds."""
  truth, p = _valid(labels, logits)
  losses = []
  for c in np.unique(truth):
    foreground = truth == c
    errors = np.abs(foreground - p[:, c])
    wrong, total = np.zeros(len(truth), bool), 0.0
    for pixel in np.argsort(-errors):
      before = _jaccard_loss_of_set(wrong, foreground)
      wrong[pixel] = True
      after = _jaccard_loss_of_set(wrong, foreground)
      total += errors[pixel] * (after - before)
    losses.append(total)
  return np.mean(losses)


def jaccard_metric(labels, logits):
  truth, p = _valid(labels, logits)
  entropy = np.mean(-np.log(p[np.arange(len(truth)), truth]))
  losses = []
  for c in np.unique(truth):
    shared = p[truth == c, c].sum()
    union = (truth == c).sum() + p[truth != c, c].sum()
    losses.append(1 - (shared + 1) / (union + 1))
  return 0.25 * entropy + 0.75 * np.mean(losses)


def _means_of_squares(plane, size):
  half = size // 2
  padded = np.pad(plane, half)
  rows, columns = ((side - size) // size + 1 for side in padded.shape)
  return np.array(
    [
      [
        padded[i * size : (i + 1) * size, j * size : (j + 1) * size].mean()
        for j in range(columns)
      ]
      for i in range(rows)
    ]
  )


def _centred_regions(plane, size=3):
  rows, columns = (side - size + 1 for side in plane.shape)
  regions = np.array(
    [
      plane[i : i + size, j : j + size].ravel()
      for i in range(rows)
      for j in range(columns)
    ]
  )
  return regions - regions.mean(0)


def rmi(labels, logits):
  """Half the cross entropy and half the bound, images and classes in turn."""
  logits = np.float64(logits)
  valid = labels != VOID
  p = 1 / (1 + np.exp(-logits))
  entropy, information = 0.0, 0.0
  for c in range(logits.shape[-1]):
    y = (labels == c) & valid
    entropy -= np.log(p[..., c][y]).sum()
    entropy -= np.log(1 - p[..., c][valid & ~y]).sum()
    for image in range(len(labels)):
      shown = np.where(valid[image], p[image, ..., c], 0) + 1e-6
      a, b = (
        _centred_regions(_means_of_squares(plane, 4))
        for plane in (np.float64(y[image]), shown)
      )
      ridge = 5e-4 * np.eye(9)
      explained = a.T @ b @ np.linalg.solve(b.T @ b + ridge, b.T @ a)
      _, log_det = np.linalg.slogdet(a.T @ a - explained + ridge)
      information += 0.5 * log_det / 9 / len(labels)
  return 0.5 * entropy / (valid.sum() + 1) + 0.5 * information
