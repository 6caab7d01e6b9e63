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

All tables of the paper, where a run that several of them have is run once:

  python -m deeplab_ssl.reproduce --table=all --model_dir=runs

A suite with rows of its own needs no table, and a queue names several:

  python -m deeplab_ssl.reproduce --suite=membranes_finetune --seeds=1
  python -m deeplab_ssl.reproduce --queue=evidence

Finished runs are not run again, an interrupted one is resumed. Start the same
command once for each GPU: the processes share the runs.
"""

import pathlib
import signal
import sys

from absl import app
from absl import flags

from deeplab_ssl.cli import environment
from deeplab_ssl.cli import runner
from deeplab_ssl.common import config_files

_TABLE = flags.DEFINE_string(
  "table", None, "Number of the table, several as 1,2,3, or all."
)
_ROWS = flags.DEFINE_list(
  "rows", [], "Rows by name or pattern (ce, ssl_*); all if left out."
)
_SUITE = flags.DEFINE_string(
  "suite",
  "paper",
  "With --table: paper, the paper's data and models, or camvid or demo, a "
  "miniature on CamVid or drawn digits. Without: a suite with rows of its own.",
)
_QUEUE = flags.DEFINE_string(
  "queue",
  None,
  "Rows of several suites: the name of a file in `queues`, or a YAML file.",
)
_MODEL_DIR = flags.DEFINE_string("model_dir", "runs", "Folder of the runs.")
_RESULTS_DIR = flags.DEFINE_string(
  "results_dir",
  None,
  "Folder for SUITE.json, the record of a suite with rows of its own; that of "
  "the runs by default.",
)
_DATA_DIR = flags.DEFINE_string(
  "data_dir", "data", "Folder with a folder of records per data set."
)
_CHECKPOINT_DIR = flags.DEFINE_string(
  "checkpoint_dir", "checkpoints", "Folder with a folder per checkpoint."
)
_CONFIGS_DIR = flags.DEFINE_string(
  "configs_dir",
  None,
  "Folder with `tables`, `suites`, `queues` and the configurations they name; "
  "by default that of the package.",
)
_SEEDS = flags.DEFINE_list("seeds", [], "Seeds instead of those of the suite.")
_PARAMS_OVERRIDE = flags.DEFINE_string(
  "params_override", "", "Overrides of every training: a.b=1,c=[2,3]."
)
_DRY_RUN = flags.DEFINE_bool("dry_run", False, "Print the plan, run nothing.")
_PROBE_STEPS = flags.DEFINE_integer(
  "probe_steps", 2, "Steps timed for the plan; 0 for none.", lower_bound=0
)


def _seeds():
  """The seeds of the flag."""
  if (
    not all(seed.isdigit() for seed in _SEEDS.value)
    or len(set(map(int, _SEEDS.value))) < len(_SEEDS.value)
    or len(_SEEDS.value) > 10
  ):
    raise app.UsageError(
      f"--seeds takes up to ten different whole numbers. Received: "
      f"{','.join(_SEEDS.value)}"
    )
  return tuple(map(int, _SEEDS.value))


def _numbers():
  """The numbers of the tables."""
  from deeplab_ssl.reproduction import tables

  if _TABLE.value.strip() == "all":
    return tables.TABLES
  known = {str(number): number for number in tables.TABLES}
  given = [text.strip() for text in _TABLE.value.split(",")]
  if len(set(given)) < len(given) or not known.keys() >= set(given):
    raise app.UsageError(
      f"--table takes all, or different ones of {', '.join(known)} with "
      f"commas between them. Received: {_TABLE.value}"
    )
  return tuple(known[text] for text in given)


def _places():
  from deeplab_ssl.reproduction import plan

  return plan.Places(
    model_dir=_MODEL_DIR.value,
    configs_dir=_CONFIGS_DIR.value or str(config_files.shipped_dir()),
    data_dir=_DATA_DIR.value,
    checkpoint_dir=_CHECKPOINT_DIR.value,
  )


def _refuse_idle(all_suites):
  scenes_only = all(d.scenes for s in all_suites for d in s.data.values())
  runner.refuse_idle(_DATA_DIR, scenes_only, "with a suite of made scenes")
  runner.refuse_idle(
    _CHECKPOINT_DIR,
    not any(suite.checkpoints for suite in all_suites),
    "with a suite without checkpoints",
  )
  runner.refuse_idle(_PROBE_STEPS, not _DRY_RUN.value, "without --dry_run")


def _stop(signal_number, frame):
  # An exception ends the training that runs, which would go on otherwise.
  del signal_number, frame
  sys.exit("Stopped by SIGTERM. The same command goes on.")


def main():
  # Trainings are processes of their own; only the probe of a plan trains here.
  environment.prepare(training=_DRY_RUN.value)
  signal.signal(signal.SIGTERM, _stop)
  runner.refuse_idle(_QUEUE, _TABLE.value is not None, "with --table")
  errors = _of_tables() if _TABLE.value is not None else _of_queue()
  if errors:
    sys.exit(f"{len(errors)} runs failed:\n" + "\n".join(errors))


def _of_tables():
  """Runs rows of tables of the paper; returns the errors."""
  from deeplab_ssl.reproduction import override_text
  from deeplab_ssl.reproduction import pages as pages_lib
  from deeplab_ssl.reproduction import reproduction
  from deeplab_ssl.reproduction import suites

  runner.refuse_idle(_RESULTS_DIR, True, "with --table")
  numbers, places, seeds = _numbers(), _places(), _seeds()
  suite = suites.load_suite(_SUITE.value, places.configs_dir)
  if suite.rows:
    raise app.UsageError(
      f"The suite {suite.name!r} has rows of its own, and none of a table: "
      "leave --table out."
    )
  _refuse_idle([suite])
  overrides = override_text.parse(_PARAMS_OVERRIDE.value)
  pages = pages_lib.plan_pages(
    numbers,
    suite,
    places,
    patterns=_ROWS.value,
    seeds=seeds,
    overrides=overrides,
  )
  reproduction.check_overrides(pages, override_text.text_of(overrides))
  skipped = set(numbers) - {page.table.number for page in pages}
  if skipped:
    # Before it begins: it may take days.
    text = f"{pages_lib.label(sorted(skipped))} without these rows: left out"
    print(text, flush=True)
  if _DRY_RUN.value:
    _print_plan(pages, places)
    return []
  errors = pages_lib.work_off(pages, places)
  names = [pages_lib.path_of(page, places) for page in pages]
  print(f"Written: {', '.join(names)}")
  return errors


def _print_plan(parts, places):
  from deeplab_ssl.reproduction import forecast

  print(forecast.describe(parts, places, _PROBE_STEPS.value))


def _of_queue():
  """Runs a suite of its own rows, or a queue of them; returns the errors."""
  from deeplab_ssl.reproduction import override_text
  from deeplab_ssl.reproduction import queue
  from deeplab_ssl.reproduction import reproduction

  places, seeds = _places(), _seeds()
  if _QUEUE.value:
    for flag in (_SUITE, _ROWS, _SEEDS):
      runner.refuse_idle(flag, flag.present > 0, "with --queue, which has them")
    entries = queue.load(_QUEUE.value, places.configs_dir)
  else:
    entries = [queue.Entry(_SUITE.value, tuple(_ROWS.value), seeds)]
  overrides = override_text.parse(_PARAMS_OVERRIDE.value)
  parts = [queue.plan_entry(entry, places, overrides) for entry in entries]
  _refuse_idle([part.suite for part in parts])
  reproduction.check_overrides(parts, override_text.text_of(overrides))
  if _DRY_RUN.value:
    runner.refuse_idle(_RESULTS_DIR, True, "with --dry_run")
    _print_plan(parts, places)
    return []
  results_dir = _RESULTS_DIR.value or places.model_dir
  errors = queue.work_off(parts, places, results_dir)
  names = dict.fromkeys(f"{part.suite.name}.json" for part in parts)
  written = [n for n in names if pathlib.Path(results_dir, n).exists()]
  print(f"The records are in {results_dir}: {', '.join(written) or 'none yet'}")
  return errors


if __name__ == "__main__":
  runner.run(main)
