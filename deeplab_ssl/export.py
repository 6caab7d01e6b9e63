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

"""Exports a SavedModel: `python -m deeplab_ssl.export --help`.

  python -m deeplab_ssl.export --model_dir=runs/camvid --export_dir=DIR

The input `ImageTensor` is a uint8 image batch of any size; the outputs are
`SemanticPredictions` and `SemanticProbabilities` at that size.
"""

from absl import app
from absl import flags

from deeplab_ssl import environment
from deeplab_ssl import trained_flags

flags.adopt_module_key_flags(trained_flags)

_EXPORT_DIR = flags.DEFINE_string(
  "export_dir", None, "Folder for the SavedModel."
)


def main(argv):
  if len(argv) > 1:
    raise app.UsageError(f"Unexpected arguments {argv[1:]}: use --flag=value.")
  environment.prepare()
  from deeplab_ssl.training import trained

  params, checkpoint = trained_flags.load()
  trained.export_run(params, checkpoint, _EXPORT_DIR.value)
  print(f"Exported {checkpoint} to {_EXPORT_DIR.value}")


if __name__ == "__main__":
  flags.mark_flag_as_required("export_dir")
  app.run(main)
