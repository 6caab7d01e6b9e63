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

"""What figures and digits depend on: the machine and the versions on it."""

import os
import platform
import re
from typing import Any


def describe() -> dict[str, Any]:
  """Returns {name: value} of its devices and of the versions on it.

  "onednn" is whether trainings compute with oneDNN, whose sums have another
  order: the setting of the environment, or else that of the commands.
  """
  import numpy as np
  import tensorflow as tf
  import tf_keras

  cpu, has_amx = platform.processor() or platform.machine(), False
  if os.path.exists("/proc/cpuinfo"):
    with open("/proc/cpuinfo") as file:
      text = file.read()
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    cpu = found.group(1) if found else cpu
    has_amx = " amx_tile" in text
  gpus = tf.config.list_physical_devices("GPU")
  return {
    "cpu": cpu,
    "cores": _cores(),
    "amx": has_amx,
    "gpus": [
      tf.config.experimental.get_device_details(gpu).get(
        "device_name", gpu.name
      )
      for gpu in gpus
    ],
    "python": platform.python_version(),
    "tensorflow": tf.__version__,
    "tf_keras": tf_keras.__version__,
    "numpy": np.__version__,
    "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "1") == "1",
  }


def _cores():
  if hasattr(os, "sched_getaffinity"):
    return len(os.sched_getaffinity(0))
  return os.cpu_count() or 1
