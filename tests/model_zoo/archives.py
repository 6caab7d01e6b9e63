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

"""Archives as those of the zoo are made up."""

import gzip
import io
import tarfile

import tensorflow as tf


def archive(folder, variable="MobilenetV2/Conv/weights", damage=None):
  """Bytes of an archive as those of the zoo are made up."""
  prefix = folder / "content" / "model.ckpt-30000"
  prefix.parent.mkdir(exist_ok=True)
  tf.raw_ops.SaveV2(
    prefix=str(prefix),
    tensor_names=[variable],
    shape_and_slices=[""],
    tensors=[tf.range(1000.0)],
  )
  files = {
    path.name: path.read_bytes() for path in sorted(prefix.parent.iterdir())
  }
  files["frozen_inference_graph.pb"] = b"graph"
  files["._model.ckpt-30000.index"] = b"resource fork"
  if damage:
    damage(files)
  data = io.BytesIO()
  with tarfile.open(fileobj=data, mode="w") as archive:
    for name, content in files.items():
      member = tarfile.TarInfo(f"deeplabv3_mnv2_dm05_pascal_trainaug/{name}")
      member.size = len(content)
      archive.addfile(member, io.BytesIO(content))
  return gzip.compress(data.getvalue(), mtime=0)
