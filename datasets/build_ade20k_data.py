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

r"""Converts ADE20K's scene parsing benchmark to TFRecords.

    python datasets/build_ade20k_data.py --ade20k_dir=ADEChallengeData2016 \
      --output_dir=ade20k_tfrecord

The same as `python -m deeplab_ssl.convert ade20k`, under the name that the
original gives such a script. See docs/datasets.md.
"""

from absl import flags

from deeplab_ssl.cli import convert_ade20k
from deeplab_ssl.cli import runner

flags.adopt_module_key_flags(convert_ade20k)

if __name__ == "__main__":
  runner.run(convert_ade20k.main)
