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

"""Runs rows of the paper's tables: `python -m deeplab_ssl.reproduce --help`.

What would it take?

  python -m deeplab_ssl.reproduce --table=2 --suite=demo --dry_run

Run two of its rows and write the table beside the paper's figures:

  python -m deeplab_ssl.reproduce --table=2 --suite=demo --rows=ce,ssl_3 \\
    --model_dir=runs

Finished runs are not run again, an interrupted one is resumed.
"""

import sys

from absl import app
from absl import flags

from deeplab_ssl.cli import environment
from deeplab_ssl.cli import runner
from deeplab_ssl.common import config_files

_TABLE = flags.DEFINE_integer(
  "table", None, "Number of the table.", lower_bound=1, upper_bound=6
)
_ROWS = flags.DEFINE_list(
  "rows", [], "Rows by name or pattern (ce, ssl_*); all if left out."
)
_SUITE = flags.DEFINE_enum(
  "suite",
  "paper",
  ["paper", "camvid", "demo"],
  "The paper's data and models, or a miniature on CamVid or drawn digits.",
)
_MODEL_DIR = flags.DEFINE_string("model_dir", "runs", "Folder of the runs.")
_DATA_DIR = flags.DEFINE_string(
  "data_dir", "data", "Folder with a folder of records per data set."
)
_CHECKPOINT_DIR = flags.DEFINE_string(
  "checkpoint_dir", "checkpoints", "Folder with a folder per checkpoint."
)
_CONFIGS_DIR = flags.DEFINE_string(
  "configs_dir",
  None,
  "Folder with `tables`, `suites` and the configurations they name; by default "
  "that of the package.",
)
_SEEDS = flags.DEFINE_list("seeds", [], "Seeds instead of those of the suite.")
_PARAMS_OVERRIDE = flags.DEFINE_string(
  "params_override", "", "Overrides of every training: a.b=1,c=[2,3]."
)
_DRY_RUN = flags.DEFINE_bool("dry_run", False, "Print the plan, run nothing.")
_PROBE_STEPS = flags.DEFINE_integer(
  "probe_steps", 2, "Steps timed for the plan; 0 for none.", lower_bound=0
)


def main():
  # Trainings are processes of their own; only the probe of a plan trains here.
  environment.prepare(training=_DRY_RUN.value)
  from deeplab_ssl.reproduction import plan
  from deeplab_ssl.reproduction import reproduction
  from deeplab_ssl.reproduction import tables

  configs_dir = _CONFIGS_DIR.value or str(config_files.shipped_dir())
  table = tables.load_table(_TABLE.value, configs_dir)
  suite = tables.load_suite(_SUITE.value, configs_dir)
  places = plan.Places(
    model_dir=_MODEL_DIR.value,
    configs_dir=configs_dir,
    data_dir=_DATA_DIR.value,
    checkpoint_dir=_CHECKPOINT_DIR.value,
  )
  scenes_only = all(data.scenes for data in suite.data.values())
  runner.refuse_idle(_DATA_DIR, scenes_only, "with a suite of made scenes")
  runner.refuse_idle(
    _CHECKPOINT_DIR, not suite.checkpoints, "with a suite without checkpoints"
  )
  if (
    not all(seed.isdigit() for seed in _SEEDS.value)
    or len(set(map(int, _SEEDS.value))) < len(_SEEDS.value)
    or len(_SEEDS.value) > 10
  ):
    raise app.UsageError(
      f"--seeds takes up to ten different whole numbers. Received: "
      f"{','.join(_SEEDS.value)}"
    )
  runner.refuse_idle(_PROBE_STEPS, not _DRY_RUN.value, "without --dry_run")
  seeds = [int(seed) for seed in _SEEDS.value]
  overrides = plan.parse_overrides(_PARAMS_OVERRIDE.value)

  def plan_rows(rows, seeds):
    return plan.plan_rows(rows, suite, places, seeds=seeds, overrides=overrides)

  planned = plan_rows(plan.select_rows(table, _ROWS.value), seeds)
  reproduction.check_overrides(planned, plan.override_text(overrides))
  if _DRY_RUN.value:
    print(
      reproduction.describe(table, suite, planned, places, _PROBE_STEPS.value)
    )
    return
  shown = plan_rows(table.rows, sorted({*suite.seeds, *seeds}))
  errors = reproduction.reproduce(table, suite, planned, shown, places)
  print(f"The table is in {reproduction.page_path(table, suite, places)}")
  if errors:
    sys.exit(f"{len(errors)} runs failed:\n" + "\n".join(errors))


if __name__ == "__main__":
  flags.mark_flag_as_required("table")
  runner.run(main)
