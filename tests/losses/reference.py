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

"""The losses once more in float64, pixel by pixel, straight from the paper.

Slow and obvious on purpose, and it imports nothing of the package: the tests
compare the package with it.
"""

import math
from typing import NamedTuple

import numpy as np


def window(region_size, sigma):
  """Eq. 14: the two-dimensional gaussian with unit sum, as {offset: weight}."""
  radius = region_size // 2
  weights = {
    (i, j): math.exp(-(i * i + j * j) / (2 * sigma * sigma))
    for i in range(-radius, radius + 1)
    for j in range(-radius, radius + 1)
  }
  total = sum(weights.values())
  return {offset: weight / total for offset, weight in weights.items()}


def statistics(image, valid, row, column, weights):
  """Mean and variance per class over the valid pixels of one window."""
  height, width = valid.shape
  seen = []
  for (i, j), weight in weights.items():
    r, c = row + i, column + j
    if 0 <= r < height and 0 <= c < width and valid[r, c]:
      seen.append((weight, image[r, c]))
  total = sum(weight for weight, _ in seen)
  mean = sum(weight / total * value for weight, value in seen)
  variance = sum(weight / total * (value - mean) ** 2 for weight, value in seen)
  return mean, variance


def normalize(value, mean, variance, stability, form):
  """Eq. 10, or Eq. 16 with `form="variance"`."""
  if form == "std":
    return (value - mean + stability) / (np.sqrt(variance) + stability)
  return (value - mean + stability) / np.sqrt(variance + stability)


def e_max(region_size, sigma=1.5, stability=0.01, form="std"):
  """Sec. 3.3: a lone 1 among zeros against a lone 0 among ones."""
  if region_size == 1:
    return 1.0
  valid = np.ones([region_size, region_size], bool)
  centre = region_size // 2
  lone_one = np.zeros([region_size, region_size, 1])
  lone_one[centre, centre] = 1
  weights = window(region_size, sigma)
  normalized = []
  for image in (lone_one, 1 - lone_one):
    mean, variance = statistics(image, valid, centre, centre, weights)
    normalized.append(
      normalize(image[centre, centre], mean, variance, stability, form)
    )
  return (normalized[0] - normalized[1]).item()


class Loss(NamedTuple):
  """What `structural_similarity` finds; maps are float64."""

  total: float
  cross_entropy: float
  structural: float
  pixels: np.ndarray  # each pixel's share of the total
  gradient: np.ndarray  # d total / d logits, e and f held constant
  error: np.ndarray
  hard: np.ndarray


def structural_similarity(
  labels,
  logits,
  *,
  ignore=255,
  region_size=3,
  sigma=1.5,
  beta=0.1,
  ce_weight=0.5,
  stability=0.01,
  stability_form="std",
  ohem=True,
  reweight=True,
):
  """Eq. 10 to 17 for labels [B, H, W] and logits [B, H, W, C]."""
  # An ignored logit may be infinite.
  valid = labels != ignore
  logits = np.where(valid[..., None], np.float64(logits), 0.0)
  batch, height, width, classes = logits.shape
  weights = window(region_size, sigma)
  threshold = beta * e_max(region_size, sigma, stability, stability_form)

  probability = np.zeros_like(logits)
  truth = np.zeros_like(logits)
  bce = np.zeros_like(logits)
  residual = np.zeros_like(logits)
  error = np.zeros_like(logits)
  hard = np.zeros_like(logits, bool)
  pixels = [
    (b, r, c)
    for b in range(batch)
    for r in range(height)
    for c in range(width)
    if valid[b, r, c]
  ]
  for at in pixels:
    truth[at][labels[at]] = 1
    # Both signs of the logit, so that nothing cancels: p - y of a sample that
    # is fitted well is far below the resolution of p.
    margin = np.where(truth[at] == 1, -logits[at], logits[at])
    bce[at] = np.logaddexp(0, margin)
    residual[at] = np.exp(-np.logaddexp(0, -margin))
    residual[at] *= np.where(truth[at] == 1, -1, 1)
    probability[at] = np.exp(-np.logaddexp(0, -logits[at]))
  for at in pixels:
    if region_size == 1:
      error[at] = np.abs(residual[at])
    else:
      maps = []
      for image in (truth, probability):
        moments = statistics(image[at[0]], valid[at[0]], *at[1:], weights)
        maps.append(normalize(image[at], *moments, stability, stability_form))
      error[at] = np.abs(maps[0] - maps[1])
    hard[at] = error[at] > threshold if ohem else True

  n = max(len(pixels), 1)
  m = max(hard.sum(), 1)
  weight = ce_weight / n + (1 - ce_weight) / m * hard * (
    error if reweight else 1
  )
  weight *= valid[..., None]
  cross_entropy = bce.sum() / n
  structural = (bce * hard * (error if reweight else 1)).sum() / m
  return Loss(
    total=ce_weight * cross_entropy + (1 - ce_weight) * structural,
    cross_entropy=cross_entropy,
    structural=structural,
    pixels=(weight * bce).sum(-1),
    gradient=weight * residual,
    error=error,
    hard=hard,
  )


def softmax_cross_entropy(labels, logits, *, ignore=255):
  """Eq. 1: the total, each pixel's share of it, and the gradient."""
  shares = np.zeros(labels.shape)
  gradient = np.zeros(logits.shape)
  n = max((labels != ignore).sum(), 1)
  for at in np.ndindex(labels.shape):
    if labels[at] != ignore:
      row = np.float64(logits[at])
      log_p = row - np.logaddexp.reduce(row)
      shares[at] = -log_p[labels[at]] / n
      gradient[at] = np.exp(log_p) / n
      gradient[at][labels[at]] = np.expm1(log_p[labels[at]]) / n
  return shares.sum(), shares, gradient


def sigmoid_shares(labels, logits, *, ignore=255):
  """L_ce of Eq. 17: each pixel's share, summed over the classes."""
  only_bce = {"region_size": 1, "ce_weight": 1.0, "ignore": ignore}
  return structural_similarity(labels, logits, **only_bce).pixels


def ssim(
  labels,
  logits,
  *,
  ignore=255,
  form="ssim",
  region_size=3,
  sigma=1.5,
  ce_weight=0.5,
):
  """Eq. 7 or 9 beside the sigmoid cross entropy: each pixel's share."""
  c1, c2 = 0.01**2, 0.03**2
  valid = labels != ignore
  weights = window(region_size, sigma)
  classes = logits.shape[-1]
  p = np.where(valid[..., None], np.exp(-np.logaddexp(0, -logits)), 0.0)
  y = np.eye(classes)[np.where(valid, labels, 0)] * valid[..., None]
  shares = np.zeros(labels.shape)
  for at in zip(*np.nonzero(valid), strict=True):
    inside = [x[at[0]] for x in (y, p)]
    (mean_y, var_y), (mean_p, var_p) = (
      statistics(x, valid[at[0]], *at[1:], weights) for x in inside
    )
    # cov(y, p) = (var(y + p) - var(y) - var(p)) / 2
    _, var_sum = statistics(sum(inside), valid[at[0]], *at[1:], weights)
    covariance = (var_sum - var_y - var_p) / 2
    similarity = (2 * covariance + c2) / (var_y + var_p + c2)
    if form == "ssim":
      similarity *= (2 * mean_y * mean_p + c1) / (mean_y**2 + mean_p**2 + c1)
    shares[at] = np.mean(1 - similarity)
  shares /= max(valid.sum(), 1)
  bce = sigmoid_shares(labels, logits, ignore=ignore)
  return ce_weight * bce + (1 - ce_weight) * shares


def affinity(
  labels,
  logits,
  *,
  ignore=255,
  kernel_sizes=(3,),
  margin=3.0,
  size_weights=None,
  ce_weight=1.0,
):
  """The affinity field loss of Ke et al. (2018): each pixel's share."""
  batch, height, width, classes = logits.shape
  p = np.exp(logits - np.logaddexp.reduce(logits, -1, keepdims=True))
  _, shares, _ = softmax_cross_entropy(labels, logits, ignore=ignore)
  shares = ce_weight * shares
  for i, size in enumerate(kernel_sizes):
    step = size // 2
    found = {True: [], False: []}
    for b, r, c in np.ndindex(batch, height, width):
      for dr in (-step, 0, step):
        for dc in (-step, 0, step):
          near = (b, r + dr, c + dc)
          inside = 0 <= near[1] < height and 0 <= near[2] < width
          if (dr, dc) == (0, 0) or not inside:
            continue
          if ignore in (labels[b, r, c], labels[near]):
            continue
          for k in range(classes):
            edge = (labels[b, r, c] == k) != (labels[near] == k)
            kl = sum(
              max(q, 1e-4) * math.log(max(q, 1e-4) / max(o, 1e-4))
              for q, o in (
                (p[near][k], p[b, r, c][k]),
                (1 - p[near][k], 1 - p[b, r, c][k]),
              )
            )
            found[edge].append(((b, r, c), max(margin - kl, 0) if edge else kl))
    for edge, force in ((True, 0), (False, 1)):
      for at, value in found[edge]:
        weight = 1 / len(kernel_sizes)
        if size_weights is not None:
          weight = size_weights[force][labels[at]][i]
        shares[at] += weight * value / len(found[edge])
  return shares


def numerical_gradient(function, logits, step=1e-5):
  """Central differences of the sum of a map, in float64."""
  logits = np.float64(logits)
  gradient = np.zeros(logits.shape)
  for at in np.ndindex(logits.shape):
    for sign in (1, -1):
      moved = logits.copy()
      moved[at] += sign * step
      gradient[at] += sign * function(moved).sum() / (2 * step)
  return gradient
