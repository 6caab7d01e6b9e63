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

"""Where a training begins: the chief looks, and all workers begin there."""

from collections.abc import Iterator
import contextlib
import os
import pathlib

import tensorflow as tf

from deeplab_ssl.checkpoints import run_lock
from deeplab_ssl.distribution import workers as workers_lib
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import sources
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import pipeline
from deeplab_ssl.input import source as source_lib
from deeplab_ssl.training import continuation


def _seed(params, params_file):
  """Returns the given seed, that of the run, or a new one.

  So that a training can go on as it began, whether or not it was given a seed.
  """
  seed = params.task.train_data.seed
  if seed is None and isinstance(params.task, configs.SegmentationTask):
    seed = continuation.recorded_seed(params_file)
    seed = pipeline.draw_seed() if seed is None else seed
  return seed


def _with_seed(params, seed):
  # A seed that was given stays, so that a worker with another one is seen.
  if params.task.train_data.seed is not None:
    return params
  return params.replace(task={"train_data": {"seed": seed}})


def _refuse_records(model_dir):
  """Fails if a new training would replace the dataset.yaml of records."""
  if tf.io.gfile.glob(os.path.join(model_dir, "*.tfrecord")):
    raise ValueError(
      f"{model_dir} holds records, whose {dataset_info.DATASET_FILE} the "
      "training would replace. Give another --model_dir."
    )


def _refuse_files(params, model_dir):
  """Fails if a file is where the training will make a folder."""
  trainer = params.trainer
  for name in (
    "train",
    trainer.validation_summary_subdir,
    trainer.best_checkpoint_export_subdir,
    "ema_checkpoints",
  ):
    place = model_dir
    for part in pathlib.PurePosixPath(name).parts:
      place = os.path.join(place, part)
      if tf.io.gfile.exists(place) and not tf.io.gfile.isdir(place):
        raise NotADirectoryError(
          f"{place} is a file, where the training needs a folder. Move it "
          "away, or give another --model_dir."
        )


def _find(params, dataset, source, params_file):
  """Returns the seed of a training and where it goes on, once it may."""
  seed = _seed(params, params_file)
  model_dir = os.path.dirname(params_file)
  _refuse_files(params, model_dir)
  start = continuation.find_start(
    model_dir, params.task.train_data.global_batch_size
  )
  if not start.checkpoint:
    _refuse_records(model_dir)
  continuation.check_same(
    _with_seed(params, seed), params_file, dataset, source, start
  )
  if source and not start.checkpoint:
    sources.check_learnable(source, dataset)
  return seed, start


@contextlib.contextmanager
def hold(
  params,
  dataset: dataset_info.DatasetInfo | None,
  source: source_lib.Source | None,
  params_file: str,
  workers: workers_lib.Workers,
) -> Iterator[tuple[configs.ExperimentConfig, continuation.Start]]:
  """Holds the directory of a run, and says where the training in it begins.

  The chief alone holds it and looks into it, for all workers: another one would
  not see the same while the chief writes.

  Args:
    params: the resolved `ExperimentConfig`; it stays as it is.
    dataset: the data set; None for Model Garden's own models.
    source: the training images; None where they cannot be compared.
    params_file: the recorded configuration, in the directory of the run.
    workers: who trains together.

  Yields:
    The configuration with a seed, and the `Start`.

  Raises:
    ValueError: if the directory holds another training, or the workers were
      not given the same.
    NotADirectoryError: if a file is in the place of one of its folders.
    BlockingIOError: if another process trains in the directory.
    FileNotFoundError: if a worker does not see the checkpoint to go on from.
  """
  with contextlib.ExitStack() as stack:

    def begin():
      stack.enter_context(run_lock.hold(os.path.dirname(params_file)))
      return _find(params, dataset, source, params_file)

    seed, start = workers.from_chief(begin)
    params, start = _with_seed(params, seed), continuation.Start(*start)
    workers.check_same(continuation.identity(params, source))
    if start.checkpoint and not tf.io.gfile.exists(start.checkpoint + ".index"):
      raise FileNotFoundError(
        f"The training goes on from {start.checkpoint}, which this worker does "
        "not see. Give all workers one --model_dir on a disk that they share."
      )
    yield params, start
