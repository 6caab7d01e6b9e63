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

"""Deterministic synthetic weights, inputs and labels for parity fixtures.

Nothing here depends on a model library: a variable is produced from its
checkpoint name, its shape and an integer seed, so a fixture never has to ship
weights.  Two machines running this file build the same checkpoint.

  python synth_checkpoint.py MANIFEST.json SEED OUT_PREFIX

writes a TensorFlow V2-format checkpoint (OUT_PREFIX.index and
OUT_PREFIX.data-00000-of-00001) with exactly the variable names of the
manifest, plus an int64 `global_step`.

The stream comes from numpy.random.RandomState (MT19937), whose output numpy
promises never to change, seeded with [seed, crc32(name)].
"""

import functools
import hashlib
import json
import math
import re
import sys
import zlib

import numpy as np

# (pattern searched in the variable name, gain): kernels get std
# sqrt(gain / fan_in).  First match wins.  2.0 suits a kernel whose output goes
# through a ReLU, 1.0 one whose output stays linear.
_KERNEL_GAINS = (
  # Networks that the first set of fixtures did not have (parity2). Anchored to
  # their scopes, so that no earlier value changes.
  # The third number is the input channels: MobileNetV3 small only.
  (r"^MobilenetV3/expanded_conv_3/project/weights$", 6.0, 96),
  (r"^MobilenetV3/expanded_conv_[45]/project/weights$", 2.0, 240),
  (r"^MobilenetV3/expanded_conv_6/project/weights$", 6.0, 120),
  (r"^MobilenetV3/expanded_conv_7/project/weights$", 2.0, 144),
  (r"^MobilenetV3/expanded_conv_8/project/weights$", 6.0, 144),
  (r"^MobilenetV3/expanded_conv_(9|10)/project/weights$", 1.6, 288),
  (r"^MobilenetV3/expanded_conv_1[1-4]/squeeze_excite/Conv/weights$", 1.0),
  (r"^MobilenetV3/expanded_conv_1[1-4]/squeeze_excite/Conv_1/weights$", 1.0),
  (r"^MobilenetV3/.*squeeze_excite/Conv/weights$", 4.0),
  (r"^MobilenetV3/.*squeeze_excite/Conv_1/weights$", 6.0),
  (r"^MobilenetV3/expanded_conv_3/project/weights$", 3.0),
  (r"^MobilenetV3/expanded_conv_[45]/project/weights$", 1.0),
  (r"^MobilenetV3/expanded_conv_6/project/weights$", 1.6),
  (r"^MobilenetV3/expanded_conv_[79]/project/weights$", 0.5),
  (r"^MobilenetV3/expanded_conv_8/project/weights$", 0.8),
  (r"^MobilenetV3/expanded_conv_1\d/project/weights$", 0.7),
  (r"^MobilenetV3/.*/project/weights$", 1.6),
  (r"^MobilenetV3/Conv(_1)?/weights$", 4.0),
  (r"^MobilenetEdgeTPU/.*/project/weights$", 0.5),
  # Pixels less the mean, not scaled to [-1, 1]: 1.25e-4 = 2 * (2 / 255)^2.
  (r"^resnet_v1_\d+/conv1/weights$", 1.25e-4),
  # Xception-71 arrives at its dense prediction cell with a deviation of 30.
  (r"^meta_architecture/branch0_pointwise/weights$", 0.02),
  (r"^hnasnet/(downsample_os\d+|classification_head)_conv/weights$", 4.0),
  # The first set.
  (r"exit_flow/block2/.*_pointwise/weights$", 2.0),
  (r"xception_module/.*_pointwise/weights$", 1.0),
  (r"/shortcut/weights$", 1.0),
  (r"/project/weights$", 1.0),
  (r"logits/", 4.0),
  (r"", 2.0),
)

# (pattern, factor) on the batch-norm gamma that ends a residual branch, so
# that the activations of a 101-layer network do not grow with depth.
_GAMMA_FACTORS = (
  # parity2: all batch norms of the branches of a NAS cell; ResNet-18.
  (r"^pnasnet/cell_\d+/comb_iter_\d/.*/bn_[^/]*/gamma$", 0.6),
  (r"^resnet_v1_18/.*lite_bottleneck_v1/conv2/BatchNorm/gamma$", 0.8),
  (r"^hnasnet/cell_\d+/comb_iter_\d/.*/bn_[^/]*/gamma$", 0.68),
  # The first set.
  (r"bottleneck_v1/conv3/BatchNorm/gamma$", 0.5),
  (r"lite_bottleneck_v1/conv2/BatchNorm/gamma$", 0.35),
  (r"middle_flow/.*separable_conv3_pointwise/BatchNorm/gamma$", 0.35),
  (r"", 1.0),
)


def _lookup(table, name, channels=None):
  for pattern, value, *only in table:
    if re.search(pattern, name) and only in ([], [channels]):
      return value
  raise KeyError(name)


def _stream(seed, name):
  return np.random.RandomState([int(seed), zlib.crc32(name.encode("utf-8"))])


def variable_value(name, shape, seed):
  """Returns the value of one checkpoint variable (float32, int64 for steps)."""
  return _variable_value(name, tuple(int(d) for d in shape), int(seed))


# Many models of the tests share a backbone. One of them has some 1000
# variables, and about 200 MB.
@functools.lru_cache(maxsize=1500)
def _variable_value(name, shape, seed):
  value = _draw(name, shape, seed)
  value.flags.writeable = False
  return value


def _draw(name, shape, seed):
  leaf = name.rsplit("/", 1)[-1]
  if name == "global_step":
    return np.zeros((), np.int64)
  rs = _stream(seed, name)
  if leaf in ("weights", "pointwise_weights"):  # [kh, kw, in, out]
    z = rs.standard_normal(shape)
    fan_in = int(np.prod(shape[:-1]))
    # Remove each filter's mean: keeps the positive mean of ReLU features from
    # drowning the spatial signal.
    z -= z.mean(axis=tuple(range(len(shape) - 1)), keepdims=True)
    value = z * math.sqrt(_lookup(_KERNEL_GAINS, name, shape[-2]) / fan_in)
  elif leaf == "depthwise_weights":  # [kh, kw, channels, multiplier]
    value = rs.standard_normal(shape) * math.sqrt(2.0 / (shape[0] * shape[1]))
  elif leaf == "gamma":
    value = rs.uniform(0.8, 1.2, shape) * _lookup(_GAMMA_FACTORS, name)
  elif leaf in ("beta", "moving_mean", "biases", "mean_rgb"):
    value = 0.1 * rs.standard_normal(shape)
  elif leaf == "moving_variance":
    value = rs.uniform(0.5, 1.5, shape)
  else:
    raise KeyError("no rule for variable %s" % name)
  return value.astype(np.float32)


def load_manifest(path):
  """Returns {variable name: shape} from a manifest file."""
  with open(path) as f:
    manifest = json.load(f)
  return manifest.get("variables", manifest)


def all_values(variables, seed):
  return {n: variable_value(n, s, seed) for n, s in sorted(variables.items())}


def digest(values):
  """sha256 over (name, shape, rounded float64 sum) of every variable.

  Rounded, so that a one-ulp libm difference does not change it.
  """
  h = hashlib.sha256()
  for name in sorted(values):
    v = np.asarray(values[name], np.float64)
    h.update(
      (
        "%s|%s|%.3f|%.2f\n"
        % (name, "x".join(map(str, v.shape)), v.sum(), np.abs(v).sum())
      ).encode()
    )
  return h.hexdigest()


def write_checkpoint(variables, seed, prefix):
  """Writes a TensorFlow V2-format checkpoint; returns its prefix."""
  import tensorflow as tf

  values = all_values(variables, seed)
  values["global_step"] = np.zeros((), np.int64)
  names = sorted(values)
  with tf.Graph().as_default():  # works with eager mode on or off
    op = tf.raw_ops.SaveV2(
      prefix=prefix,
      tensor_names=names,
      shape_and_slices=[""] * len(names),
      tensors=[
        tf.compat.v1.placeholder(
          values[n].dtype, values[n].shape, name="v%d" % i
        )
        for i, n in enumerate(names)
      ],
    )
    with tf.compat.v1.Session() as sess:
      sess.run(op, {"v%d:0" % i: values[n] for i, n in enumerate(names)})
  return prefix


def synth_images(seed, batch, height, width):
  """[batch, height, width, 3] float32 in [0, 255): 16-px blocks plus noise."""
  rs = _stream(seed, "images/%dx%dx%d" % (batch, height, width))
  coarse = rs.random_sample((batch, height // 16 + 2, width // 16 + 2, 3))
  coarse = coarse.repeat(16, axis=1).repeat(16, axis=2)
  coarse = coarse[:, 5 : 5 + height, 3 : 3 + width]
  fine = rs.random_sample((batch, height, width, 3))
  return (255.0 * (0.7 * coarse + 0.3 * fine)).astype(np.float32)


def synth_labels(seed, batch, height, width, num_classes, ignore_label=255):
  """[batch, height, width, 1] int32 labels in 12-px blocks, ~1/8 ignored."""
  rs = _stream(seed, "labels/%dx%dx%d" % (batch, height, width))
  coarse = rs.randint(
    0, num_classes, (batch, height // 12 + 2, width // 12 + 2)
  )
  ignored = rs.random_sample(coarse.shape) < 0.125
  coarse = np.where(ignored, ignore_label, coarse)
  coarse = coarse.repeat(12, axis=1).repeat(12, axis=2)
  return coarse[:, 2 : 2 + height, 7 : 7 + width, None].astype(np.int32)


def synth_logits(seed, name, batch, height, width, channels):
  """[batch, height, width, channels] float32 logits, deviation 2."""
  shape = (batch, height, width, channels)
  rs = _stream(seed, "logits/%s/%dx%dx%dx%d" % (name, *shape))
  return (2.0 * rs.standard_normal(shape)).astype(np.float32)


if __name__ == "__main__":
  if len(sys.argv) != 4:
    sys.exit(__doc__)
  print(
    write_checkpoint(load_manifest(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
  )
