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

"""A trained run: a configuration, a checkpoint and the data set of both."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import os
from typing import Any

from official.core import task_factory
from official.core import train_utils
from official.modeling import hyperparams
import tensorflow as tf

from deeplab_ssl import modeling
from deeplab_ssl.checkpoints import run_checkpoints
from deeplab_ssl.common import names as names_lib
from deeplab_ssl.distribution import strategies
from deeplab_ssl.evaluation import boundary as boundary_lib
from deeplab_ssl.evaluation import evaluator as evaluator_lib
from deeplab_ssl.evaluation import metrics
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import loss_registry
from deeplab_ssl.experiment import resolution
from deeplab_ssl.experiment import sources
from deeplab_ssl.input import dataset_info
from deeplab_ssl.modeling import precision
from deeplab_ssl.prediction import export_folder
from deeplab_ssl.prediction import input_size
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.prediction import serving
from deeplab_ssl.runs import run_directory
from deeplab_ssl.training import parsing


def _load_weights(model, checkpoint):
  report = modeling.load_checkpoint(model, checkpoint)
  if report.initial:
    raise ValueError(
      f"Checkpoint {checkpoint} has no weights for "
      f"{', '.join(report.initial[:4])}: it has no head, or one for another "
      "number of classes. Give the data set it was trained on (--dataset), "
      "or train first."
    )


def _lock(config):
  """Makes a configuration and all that is in it read-only."""
  for value in config.__dict__.values():
    if isinstance(value, hyperparams.Config):
      _lock(value)
  config.lock()


@dataclasses.dataclass(frozen=True)
class TrainedRun:
  """A trained model with all that is needed to use it.

  Made by `open` from the directory of a training, or by `describe` from a
  checkpoint and the configuration of its model.

  Attributes:
    params: the resolved configuration, locked; its lists are not to be changed.
    checkpoint: prefix of a checkpoint of ours, or of a TF1 checkpoint.
    dataset: the classes of the model, and of the records it is used on.
    model_dir: directory of the training; None for a checkpoint without one.
  """

  params: configs.ExperimentConfig
  checkpoint: str
  dataset: dataset_info.DatasetInfo
  model_dir: str | None = None

  @classmethod
  def open(
    cls,
    model_dir: str,
    checkpoint: str = run_directory.BEST,
    *,
    data_dir: str | None = None,
    split: str | None = None,
    dataset: str | None = None,
    reads_records: bool = True,
  ) -> "TrainedRun":
    """Opens the directory of a training.

    Args:
      model_dir: the directory.
      checkpoint: "best" (falling back to the last), "last", or a prefix.
      data_dir: folder of the records, if not that of the run.
      split: split of the records, if not the validation split of the run.
      dataset: name or YAML of the data set, if not that of the run.
      reads_records: False if no record will be read.

    Raises:
      FileNotFoundError: if there is no run or no checkpoint.
      ValueError: if the run is of another kind of model, `dataset` has another
        number of classes than the model, or the records have other classes and
        no `dataset` says how both are to be read.
    """
    params = run_directory.load_configuration(model_dir)
    prefix = run_directory.find_checkpoint(
      model_dir,
      checkpoint,
      params.trainer.best_checkpoint_export_subdir or run_directory.BEST,
    )
    run = cls._of(params, prefix, data_dir, split, dataset, reads_records)
    return dataclasses.replace(run, model_dir=model_dir)

  @classmethod
  def describe(
    cls,
    config_files: Sequence[str],
    checkpoint: str,
    *,
    data_dir: str | None = None,
    split: str | None = None,
    dataset: str | None = None,
    reads_records: bool = True,
  ) -> "TrainedRun":
    """Describes a checkpoint that no run of ours has written.

    Args:
      config_files: YAML files that describe the model.
      checkpoint: prefix or folder of the checkpoint.
      data_dir: folder of the records, if not that of the configuration.
      split: split of the records, if not that of the configuration.
      dataset: name or YAML of the data set, if not that of the configuration or
        of the records.
      reads_records: False if no record will be read.

    Raises:
      FileNotFoundError: if a file or the checkpoint is missing.
      ValueError: if the classes are unknown, or those of the records or the
        number of those of `dataset` differ from those of the configuration.
    """
    params = parsing.parse_experiment("deeplab_ssl", config_files)
    prefix = modeling.find_prefix(checkpoint)
    return cls._of(params, prefix, data_dir, split, dataset, reads_records)

  @classmethod
  def _of(
    cls,
    params: configs.ExperimentConfig,
    checkpoint: str,
    data_dir: str | None,
    split: str | None,
    dataset: str | None,
    reads_records: bool,
  ) -> "TrainedRun":
    task = params.task
    sources.redirect(task.validation_data, data_dir, split)
    names_classes = bool(dataset or task.dataset)
    task.dataset = dataset or task.dataset
    if not names_classes:
      if not task.validation_data.input_path:
        raise ValueError(
          "The number of classes is unknown: give --dataset (a registered name "
          "or a YAML file) or --data_dir (a folder of records)."
        )
      # The file: a folder may be called like a known data set.
      task.dataset = os.path.join(
        task.validation_data.input_path, dataset_info.DATASET_FILE
      )
    info = sources.dataset_of(task)
    if dataset:
      _check_given(task, info, dataset)
    if reads_records and names_classes and not dataset:
      sources.check_classes(
        info,
        task.validation_data,
        "Or say with --dataset by which classes both are to be read.",
      )
    params = resolution.fill_in(params, info)
    _lock(params)
    return cls(params, checkpoint, info)

  def in_precision(self, dtype: str | None) -> "TrainedRun":
    """Returns the run with a model whose activations are of another type.

    Args:
      dtype: one of `precision.DTYPES`; None is float32.

    Raises:
      ValueError: if it is another.
    """
    precision.policy_name(dtype)
    params = self.params.replace(runtime={"mixed_precision_dtype": dtype})
    _lock(params)
    return dataclasses.replace(self, params=params)

  @property
  def split(self) -> str:
    """The split that `examples` and `evaluate` read."""
    return self.params.task.validation_data.split

  @property
  def activation(self) -> loss_registry.Activation:
    """What makes probabilities of the logits of the model."""
    return self.params.task.losses.activation

  @property
  def label(self) -> str:
    """A short name of how the run was trained, for a legend."""
    return label_of(self.params.task)

  def _task(self, predictor=predictor_lib.SINGLE_SCALE):
    return task_factory.get_task(
      self.params.task, dataset=self.dataset, predictor=predictor
    )

  def untrained_model(self) -> modeling.DeepLab:
    """Builds the model with its initial weights.

    Its activations are of the type that the training was configured for.
    """
    with precision.scope(self.params.runtime.mixed_precision_dtype):
      return self._task().build_model()

  def model(self) -> modeling.DeepLab:
    """Builds the model and loads the checkpoint.

    Raises:
      ValueError: if the checkpoint does not fit, or has no head.
    """
    model = self.untrained_model()
    _load_weights(model, self.checkpoint)
    return model

  def examples(
    self,
    with_label: bool = True,
    *,
    predictor: predictor_lib.Predictor = predictor_lib.SINGLE_SCALE,
  ) -> tf.data.Dataset:
    """Returns the validation split, image by image, at their own sizes.

    Args:
      with_label: False leaves the labels out, for records that have none.
      predictor: of which images must not be too large for it.

    Returns:
      Elements as `input.pipeline.eval_dataset` describes them.
    """
    return self._task(predictor).evaluation_data(with_label, resized=False)

  def on_own_size(
    self, predictor: predictor_lib.Predictor
  ) -> predictor_lib.Predictor:
    """Returns how images of their own size are asked about.

    Args:
      predictor: how images are asked about that `evaluate` scores, which are
        resized first where the configuration says so.
    """
    size_range = sources.size_range(self.params.task.validation_data)
    if size_range is None:
      return predictor
    return predictor._replace(
      logits=input_size.Resized(size_range, predictor.logits)
    )

  def evaluate(
    self,
    predictor: predictor_lib.Predictor = predictor_lib.SINGLE_SCALE,
    *,
    boundary: boundary_lib.Settings | None = None,
    batch_size: int | None = None,
    strategy: tf.distribute.Strategy | None = None,
  ) -> metrics.Scores:
    """Evaluates the checkpoint once on the validation split.

    Args:
      predictor: how the model is asked for labels.
      boundary: also scores along boundaries, if given.
      batch_size: how many images of one size are evaluated at once, on all
        replicas together; None takes the configured number.
      strategy: distribution strategy; None takes the configured one.

    Raises:
      ValueError: if the checkpoint does not fit the model.
    """
    return next(
      self._evaluations(
        [self.checkpoint], predictor, boundary, batch_size, strategy
      )
    )

  def evaluate_curve(
    self,
    predictor: predictor_lib.Predictor = predictor_lib.SINGLE_SCALE,
    *,
    boundary: boundary_lib.Settings | None = None,
    batch_size: int | None = None,
    strategy: tf.distribute.Strategy | None = None,
  ) -> Iterator[tuple[int, metrics.Scores]]:
    """Evaluates each checkpoint that the training has kept, the first first.

    Args:
      predictor: as in `evaluate`.
      boundary: likewise.
      batch_size: likewise.
      strategy: likewise.

    Yields:
      (step, scores) of each checkpoint, the best one of a validation aside.

    Raises:
      ValueError: if a checkpoint is damaged or does not fit the model, or the
        run has no directory.
    """
    if self.model_dir is None:
      raise ValueError(
        f"{self.checkpoint} is a checkpoint without a directory of a training, "
        "which would hold the others of its curve. Open the directory."
      )
    steps = run_checkpoints.steps(self.model_dir)
    prefixes = [run_checkpoints.prefix_of(self.model_dir, s) for s in steps]
    for prefix in prefixes:
      run_checkpoints.check_whole(prefix)
    scores = self._evaluations(
      prefixes, predictor, boundary, batch_size, strategy
    )
    yield from zip(steps, scores, strict=True)

  def _evaluations(self, prefixes, predictor, boundary, batch_size, strategy):
    """Yields the scores of checkpoints; the model is built and traced once."""
    params = self.params
    if batch_size:
      data = {"global_batch_size": batch_size}
      params = params.replace(task={"validation_data": data})
    strategy = strategy or strategies.local_strategy(params.runtime)
    with strategy.scope():
      evaluator = evaluator_lib.Evaluator(self.dataset, boundary)
      task = task_factory.get_task(
        params.task,
        dataset=self.dataset,
        evaluator=evaluator,
        predictor=predictor,
      )
      with precision.scope(params.runtime.mixed_precision_dtype):
        trainer = train_utils.create_trainer(
          params, task, train=False, evaluate=True
        )
    for prefix in prefixes:
      with strategy.scope():
        _load_weights(trainer.model, prefix)
        trainer.evaluate(tf.constant(-1))
      yield evaluator.scores()

  def export(
    self,
    export_dir: str,
    predictor: predictor_lib.Predictor = predictor_lib.SINGLE_SCALE,
    tflite: Mapping[str, Any] | None = None,
    *,
    onnx: bool = False,
  ) -> None:
    """Writes the model to be used elsewhere.

    Args:
      export_dir: folder for the SavedModel, which accepts images of any size,
        or for `model.tflite` or `model.onnx`, and for the `dataset.yaml` beside
        it. A model of the same format that it holds is replaced once the new
        one is whole.
      predictor: how the model is asked about an image of the size at which
        `evaluate` scores it; a model that is exported resizes it itself.
      tflite: arguments of `ServingModule.save_tflite`; None for no TFLite.
      onnx: whether an ONNX model is written, which accepts any size, too.

    Raises:
      ImportError: if `onnx` is set and its extra is missing.
      ValueError: if two formats are asked for, part of the predictor cannot be
        part of the format, or the folder holds a model of another.
    """
    if onnx and tflite is not None:
      raise ValueError(
        "Arguments `tflite` and `onnx` are two formats: export each into a "
        "folder of its own."
      )
    kind = export_folder.Format.SAVED_MODEL
    if tflite is not None:
      kind = export_folder.Format.TFLITE
    elif onnx:
      kind = export_folder.Format.ONNX
      serving.onnx_converter()  # Or it fails, before the model is loaded.
    export_folder.check(export_dir, kind)
    predictor = self.exported_predictor(
      predictor, kind, tflite["image_size"] if tflite is not None else None
    )
    # Neither of the other formats takes all types that Keras computes in.
    narrow = kind is export_folder.Format.SAVED_MODEL
    run = self if narrow else self.in_precision(None)
    module = serving.ServingModule(run.model(), self.activation, predictor)
    with export_folder.replacing(export_dir, kind) as partial:
      if tflite is not None:
        module.save_tflite(partial / kind.value, **tflite)
      elif onnx:
        module.save_onnx(partial / kind.value)
      else:
        module.save(partial)
      dataset_info.save_dataset_info(self.dataset, partial)

  def exported_predictor(
    self,
    predictor: predictor_lib.Predictor,
    kind: export_folder.Format,
    image_size: tuple[int, int] | None = None,
  ) -> predictor_lib.Predictor:
    """Returns what becomes part of an export of the model.

    Args:
      predictor: how the model is asked about an image of the size at which
        `evaluate` scores it.
      kind: the format.
      image_size: (height, width) of the one image that the export takes, if it
        takes no other.

    Raises:
      ValueError: if part of it cannot be part of the format, or that image is
        too large for it.
    """
    if image_size is not None:
      self._check_image_size(image_size, predictor.largest_size)
    predictor = self.on_own_size(predictor)
    predictor.check_exportable(kind)
    return predictor

  def _check_image_size(self, image_size, largest_size):
    """Refuses the one size of a model whose images are too large for it."""
    size_range = sources.size_range(self.params.task.validation_data)
    size = size_range.size_of(image_size).numpy() if size_range else image_size
    if largest_size and any(
      side > most for side, most in zip(size, largest_size, strict=True)
    ):
      raise ValueError(
        "--image_size must be at most --eval_crop_size "
        f"({','.join(map(str, largest_size))}), to which an image is padded. "
        f"Received: {','.join(map(str, size))}."
      )


def _check_given(task, info, name):
  """Refuses other classes than the model has; takes the void as it is given.

  Args:
    task: the configuration of the model; its label of void is changed.
    info: the data set by which its outputs are to be read.
    name: what that is called.
  """
  classes = task.model.num_classes
  if classes not in (0, info.num_classes):
    raise ValueError(
      f"--dataset={name} has {info.num_classes} classes, but the model has "
      f"{classes} (void does not count). Give a --dataset of {classes} "
      "classes, or leave it out to take that of the model."
    )
  task.losses.ignore_label = info.ignore_label


def label_of(task: configs.SegmentationTask) -> str:
  """Returns a short name of how a task is trained, for a legend."""
  label = loss_registry.row_of(task.losses).label(task.losses)
  if task.adversarial.discriminator:
    label += f" + {task.adversarial.discriminator} discriminator"
  return label


def by_label(runs: Sequence[TrainedRun]) -> dict[str, TrainedRun]:
  """Returns runs by their labels; equal ones also tell their directories."""
  places = [run.model_dir or run.checkpoint for run in runs]
  labels = names_lib.distinct([run.label for run in runs], places)
  return dict(zip(labels, runs, strict=True))
