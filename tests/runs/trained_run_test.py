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

import dataclasses
import pathlib
import shutil

import numpy as np
from PIL import Image
import pytest
import tensorflow as tf
import yaml

from deeplab_ssl import modeling
from deeplab_ssl.evaluation import boundary
from deeplab_ssl.evaluation import metrics
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import resolution
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import preprocess
from deeplab_ssl.model_zoo import entries
from deeplab_ssl.prediction import crf
from deeplab_ssl.prediction import exported_model
from deeplab_ssl.prediction import image_folder
from deeplab_ssl.prediction import input_size
from deeplab_ssl.prediction import mean_field
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.prediction import serving
from deeplab_ssl.prediction import views
from deeplab_ssl.preparation import ade20k
from deeplab_ssl.preparation import conversion
from deeplab_ssl.preparation import digit_scenes
from deeplab_ssl.runs import run_directory
from deeplab_ssl.runs import trained_run
from deeplab_ssl.training import run as run_lib
from deeplab_ssl.training import task
from tests import digits
from tests import input_testing
from tests import models
from tests import replicas
from tests import synth_checkpoint

_MOBILENET = str(input_testing.ROOT / "configs" / "voc2012_mnv2.yaml")


@pytest.fixture(name="run", scope="module")
def fixture_run():
  return trained_run.TrainedRun.open(digits.trained_dir())


@pytest.fixture(scope="module")
def scores(run):
  return run.evaluate()


def test_a_run_cannot_be_changed(run):
  with pytest.raises(dataclasses.FrozenInstanceError):
    run.checkpoint = "other"
  with pytest.raises(ValueError, match="locked"):
    run.params.task.model.decoder_filters = 16
  with pytest.raises(ValueError, match="locked"):
    run.params.task.override({"losses": {"type": "ce"}})


def test_the_data_set_is_read_once(run, monkeypatch):
  def read_again(*args):
    raise AssertionError(f"The data set was read again: {args}.")

  monkeypatch.setattr(dataset_info, "get_dataset_info", read_again)
  monkeypatch.setattr(dataset_info, "dataset_of_folder", read_again)
  assert run.dataset.num_classes == 11
  assert len(list(run.examples())) == 4
  assert run.untrained_model().num_classes == 11


def test_evaluation_equals_a_loop_over_the_images(run, scores):
  assert scores.boundary is None
  model = run.model()
  matrix = np.zeros([11, 11], np.int64)
  for example in run.examples():
    label = example["label"][0, ..., 0].numpy()
    predicted = np.argmax(
      predictor_lib.predict_logits(model, example["image"]), -1
    )
    valid = label != 255
    np.add.at(matrix, (label[valid], predicted[0][valid]), 1)
  np.testing.assert_array_equal(scores.matrix, matrix)
  assert scores.mean_iou == metrics.Scores(matrix, scores.class_names).mean_iou


def test_a_curve_has_the_scores_of_each_checkpoint(run, scores, tmp_path):
  folder = shutil.copytree(run.model_dir, tmp_path / "run")
  # Four steps teach nothing but the background: another model for step 2.
  model = run.model()
  model.variables[-1].assign(tf.range(11.0))
  tf.train.Checkpoint(model=model).write(str(folder / "ckpt-2"))
  opened = trained_run.TrainedRun.open(str(folder), run_directory.LAST)
  (first, early), (last, late) = opened.evaluate_curve()
  assert (first, last) == (2, 4)
  np.testing.assert_array_equal(late.matrix, scores.matrix)
  alone = trained_run.TrainedRun.open(str(folder), str(folder / "ckpt-2"))
  np.testing.assert_array_equal(early.matrix, alone.evaluate().matrix)
  assert (early.matrix != late.matrix).any()


def test_a_checkpoint_without_its_directory_has_no_curve(run):
  alone = dataclasses.replace(run, model_dir=None)
  with pytest.raises(ValueError, match="without a directory of a training"):
    list(alone.evaluate_curve())


def test_exported_masks_are_what_evaluation_counts(run, scores, tmp_path):
  export_dir = tmp_path / "export"
  run.export(str(export_dir))
  images = (
    pathlib.Path(run.params.task.train_data.input_path).parent
    / "devkit/JPEGImages"
  )
  outcome = image_folder.predict_files(
    exported_model.load(export_dir),
    image_folder.find_images(list(images.glob("val_*")), "out").images,
    tmp_path / "out",
    exported_model.dataset_of(export_dir),
    overlays=False,
  )
  assert not outcome.failures
  counts = metrics.ConfusionMatrix(11)
  for example in run.examples():
    name = example["filename"][0].numpy().decode()
    mask = np.asarray(Image.open(tmp_path / "out" / "masks" / f"{name}.png"))
    counts.update_state(example["label"][..., 0], mask[None].astype(np.int32))
  np.testing.assert_array_equal(counts.result(), scores.matrix)


_PADDED = predictor_lib.Predictor(
  input_size.Padded((161, 161), views.Views(own_size=True))
)


def _resized(run, **data):
  """A run whose images are resized before they are evaluated."""
  params = run.params.replace(task={"validation_data": data})
  return dataclasses.replace(run, params=params)


def test_images_of_one_size_are_evaluated(run, scores):
  counts = metrics.ConfusionMatrix(11)
  model = run.model()
  for example in run.examples():
    image = preprocess.pad_to_size(example["image"][0], 161, 161)
    height, width = example["label"].shape[1:3]
    labels = predictor_lib.SINGLE_SCALE(model, image[None])
    counts.update_state(example["label"][..., 0], labels[:, :height, :width])
  found = run.evaluate(_PADDED)
  np.testing.assert_array_equal(found.matrix, counts.result())
  assert found.matrix.sum() == scores.matrix.sum()


def test_an_image_larger_than_that_size_is_named(run):
  small = predictor_lib.Predictor(
    input_size.Padded((65, 65), views.Views(own_size=True))
  )
  (first, *_) = run.examples()
  name = first["filename"][0].numpy().decode()
  for ask in (
    lambda: run.evaluate(small),
    lambda: list(run.examples(predictor=small)),
  ):
    with pytest.raises(
      tf.errors.InvalidArgumentError, match="(?s)65 x 65.*--eval_crop_size"
    ) as refused:
      ask()
    assert name in str(refused.value)


def test_resized_images_are_scored_in_their_new_size(run):
  resized = _resized(run, min_resize_value=65, resize_factor=16)
  size_range = preprocess.SizeRange(65, factor=16)
  counts = metrics.ConfusionMatrix(11)
  model = run.model()
  for example in resized.examples():
    image, label = size_range.resize(example["image"][0], example["label"][0])
    assert image.shape[:2] != example["image"].shape[1:3]
    labels = predictor_lib.SINGLE_SCALE(model, image[None])
    counts.update_state(label[None, ..., 0], labels)
  np.testing.assert_array_equal(resized.evaluate().matrix, counts.result())


def test_an_export_resizes_images_itself(run, tmp_path):
  resized = _resized(run, min_resize_value=65)
  resized.export(str(tmp_path / "model"), _PADDED)
  model, ours = exported_model.load(tmp_path / "model"), run.model()
  example = next(iter(run.examples()))
  image = tf.cast(example["image"], tf.uint8)
  asked = resized.on_own_size(_PADDED)
  assert "resized to 65 pixels, padded to 161 x 161" in str(asked)
  np.testing.assert_array_equal(model(image[0].numpy()), asked(ours, image)[0])
  assert run.on_own_size(_PADDED) is _PADDED


@pytest.mark.parametrize(
  "data, sides", [({}, "200,100"), ({"min_resize_value": 90}, "180,90")]
)
def test_a_tflite_model_has_no_image_that_is_too_large(
  run, data, sides, tmp_path
):
  with pytest.raises(ValueError, match=rf"\(161,161\).*Received: {sides}"):
    _resized(run, **data).export(
      str(tmp_path), _PADDED, {"image_size": (200, 100)}
    )
  assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def uneven_records(tmp_path_factory):
  """Five validation images: the last leaves a replica without one."""
  folder = str(tmp_path_factory.mktemp("uneven"))
  return digit_scenes.make_records(folder, 4, 5, seed=1)


def _colours_decide(model, images):
  """Logits that differ from pixel to pixel; a short training's hardly do."""
  del model
  return tf.concat([images] * 4, -1)[..., :11] / 32.0


@pytest.mark.parametrize("kind", crf.KINDS)
def test_evaluation_counts_the_labels_of_the_crf(uneven_records, kind):
  if kind == "dense":
    pytest.importorskip("pydensecrf", reason="needs pydensecrf2")
  run = trained_run.TrainedRun.open(
    digits.trained_dir(), data_dir=uneven_records
  )
  refine = crf.Refinement(
    mean_field.Settings(steps=2), kind=kind, activation=run.activation
  )
  predictor = predictor_lib.Predictor(_colours_decide, refine)
  expected = metrics.ConfusionMatrix(11)
  settings = boundary.Settings(trimap_widths=(3,))
  boundaries = boundary.BoundaryMatrices(11, settings)
  for example in run.examples():
    labels = predictor(None, example["image"])
    for counts in (expected, boundaries):
      counts.update_state(example["label"][..., 0], labels)
  for strategy in (None, replicas.two_replicas()):
    scores = run.evaluate(predictor, strategy=strategy, boundary=settings)
    np.testing.assert_array_equal(scores.matrix, expected.result())
    counted = boundaries.result()
    np.testing.assert_array_equal(scores.boundary.bands, counted.bands)
    np.testing.assert_array_equal(
      scores.boundary.trimaps[3], counted.trimaps[3]
    )
  plain = run.evaluate(predictor_lib.Predictor(_colours_decide))
  assert (plain.matrix != scores.matrix).any()


def test_batches_of_an_evaluation_change_nothing(run, scores):
  for strategy in (None, replicas.two_replicas()):
    batched = run.evaluate(batch_size=6, strategy=strategy)
    np.testing.assert_array_equal(batched.matrix, scores.matrix)


@pytest.mark.parametrize(
  "loss, expected",
  [
    ("ce", "softmax"),
    ("affinity", "softmax"),
    ("bce", "sigmoid"),
    ("ssl", "sigmoid"),
  ],
)
def test_the_loss_decides_what_a_probability_is(loss, expected):
  params, dataset, _ = resolution.resolve(
    digits.experiment(losses={"type": loss})
  )
  run = trained_run.TrainedRun(params, "checkpoint", dataset)
  assert run.activation == expected


def test_checkpoint_of_another_architecture_is_refused(run):
  wider = run.params.replace(task={"model": {"decoder_filters": 16}})
  other = dataclasses.replace(run, params=wider)
  with pytest.raises(ValueError, match="does not fit the model"):
    other.model()


def test_the_dense_crf_is_not_exported(run, tmp_path):
  pytest.importorskip("pydensecrf", reason="needs pydensecrf2")
  dense = crf.Refinement(kind="dense")
  with pytest.raises(ValueError, match="--crf=window"):
    run.export(str(tmp_path), predictor_lib.Predictor(labels=dense))


@pytest.mark.parametrize("tflite", [None, {"image_size": (33, 33)}])
def test_a_failing_export_keeps_the_earlier_one(
  run, tflite, tmp_path, monkeypatch
):
  def content():
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in files}

  monkeypatch.setattr(
    trained_run.TrainedRun, "model", lambda self: models.Blocks()
  )
  run.export(str(tmp_path), tflite=tflite)
  before = content()
  assert tmp_path / "dataset.yaml" in before

  def fail(info, path):
    del info
    assert list(path.iterdir())  # The model is written.
    raise OSError("the disk is full")

  monkeypatch.setattr(dataset_info, "save_dataset_info", fail)
  other = predictor_lib.Predictor(views.Views((0.5,)))
  with pytest.raises(OSError, match="the disk is full"):
    run.export(str(tmp_path), other, tflite)
  assert content() == before
  with pytest.raises(OSError, match="the disk is full"):
    run.export(str(tmp_path / "new"), tflite=tflite)
  with pytest.raises(FileNotFoundError, match="It holds nothing"):
    exported_model.load(tmp_path / "new")


_IMAGE_SIZE = {"image_size": (33, 33)}


@pytest.mark.parametrize(
  "options, look, message",
  [
    ({"onnx": True}, "crf", "an ONNX model: .*leave --crf_steps out"),
    ({"tflite": _IMAGE_SIZE}, "crf", "TFLite model: .*leave --crf_steps out"),
    ({"tflite": _IMAGE_SIZE}, "tiles", "TFLite model: .*leave --tile_size out"),
    ({"tflite": _IMAGE_SIZE, "onnx": True}, None, "are two formats"),
  ],
)
def test_what_a_format_cannot_hold_is_refused_before_the_model_is_loaded(
  run, options, look, message, tmp_path, monkeypatch
):
  def load(self):
    raise AssertionError("The model was loaded.")

  monkeypatch.setattr(trained_run.TrainedRun, "model", load)
  monkeypatch.setattr(serving, "onnx_converter", lambda: None)
  predictor = {
    None: predictor_lib.SINGLE_SCALE,
    "crf": predictor_lib.Predictor(labels=crf.Refinement()),
    "tiles": predictor_lib.Predictor(
      views.Views(tile_size=(33, 33), tile_overlap=8)
    ),
  }[look]
  with pytest.raises(ValueError, match=message):
    run.export(str(tmp_path), predictor, **options)
  assert not list(tmp_path.iterdir())


def test_a_missing_extra_is_told_before_the_model_is_loaded(
  run, tmp_path, monkeypatch
):
  def missing():
    raise ImportError("pip install 'deeplab-ssl[onnx]'")

  monkeypatch.setattr(serving, "onnx_converter", missing)
  monkeypatch.setattr(trained_run.TrainedRun, "model", None)
  with pytest.raises(ImportError, match=r"deeplab-ssl\[onnx\]"):
    run.export(str(tmp_path / "export"), onnx=True)
  assert not list(tmp_path.iterdir())


def test_the_onnx_export_answers_as_the_saved_model(run, tmp_path):
  for name in ("onnx", "onnxruntime", "tf2onnx"):
    pytest.importorskip(
      name, reason="needs the extra: pip install 'deeplab-ssl[onnx]'"
    )
  run.export(str(tmp_path / "onnx"), onnx=True)
  run.export(str(tmp_path / "saved"))
  assert {path.name for path in (tmp_path / "onnx").iterdir()} == {
    *("dataset.yaml", "model.onnx")
  }
  assert exported_model.dataset_of(tmp_path / "onnx") == run.dataset
  both = [exported_model.load(tmp_path / name) for name in ("onnx", "saved")]
  for example in run.examples():
    image = example["image"][0].numpy().astype(np.uint8)
    one, other = (model(image[:41, :38]) for model in both)
    assert np.mean(one == other) > 0.999
  assert both[0].num_classes == both[1].num_classes == 11


def test_a_checkpoint_without_our_head_is_not_used(tmp_path):
  params, dataset, _ = resolution.resolve(digits.experiment())
  model = task.SegmentationTask(params.task).build_model()
  shapes = {
    k: v.shape.as_list() for k, v in model.backbone.slim_variables().items()
  }
  prefix = synth_checkpoint.write_checkpoint(shapes, 1, str(tmp_path / "m"))
  with pytest.raises(ValueError, match="has no head"):
    trained_run.TrainedRun(params, prefix, dataset).model()


def test_records_of_other_classes_are_told_before_an_evaluation(
  tmp_path, monkeypatch
):
  model_dir = str(tmp_path / "run")
  params, dataset, _ = resolution.resolve(digits.experiment())
  run_lib.write_run(params, dataset, model_dir)
  monkeypatch.setattr(run_directory, "find_checkpoint", lambda *_: "ckpt-1")
  open_run = trained_run.TrainedRun.open
  open_run(model_dir, data_dir=digits.records())
  # The records of the run itself may have been replaced.
  replaced = shutil.copytree(digits.records(), tmp_path / "records")
  params.task.validation_data.input_path = str(replaced)
  run_lib.write_run(params, dataset, model_dir)
  open_run(model_dir)
  letters = dataset_info.DatasetInfo("letters", tuple("abcdefghijk"))
  dataset_info.save_dataset_info(letters, replaced)
  with pytest.raises(ValueError, match="Or say with --dataset"):
    open_run(model_dir)
  open_run(model_dir, reads_records=False)

  # Called like a known data set, and with other classes.
  other = tmp_path / "digits"
  other.mkdir()
  dataset_info.save_dataset_info(letters, other)
  monkeypatch.chdir(tmp_path)
  with pytest.raises(ValueError, match="records of 'letters' with class_nam"):
    open_run(model_dir, data_dir="digits")
  void = dataclasses.replace(dataset, ignore_label=99)
  dataset_info.save_dataset_info(void, other)
  with pytest.raises(ValueError, match="ignore_label=99; 'digits' has 255"):
    open_run(model_dir, data_dir="digits")
  run = open_run(model_dir, data_dir="digits", dataset="digits")
  assert run.dataset.ignore_label == 255


def test_a_data_set_of_another_number_of_classes_is_named_by_its_flag(
  tmp_path, monkeypatch
):
  model_dir = str(tmp_path / "run")
  params, dataset, _ = resolution.resolve(digits.experiment())
  params.task.losses.ignore_label = 99
  void = dataclasses.replace(dataset, ignore_label=99)
  run_lib.write_run(params, void, model_dir)
  monkeypatch.setattr(run_directory, "find_checkpoint", lambda *_: "ckpt-1")
  open_run = trained_run.TrainedRun.open
  with pytest.raises(
    ValueError, match=r"--dataset=voc2012 has 21 classes, .* --dataset of 11 "
  ):
    open_run(model_dir, dataset="voc2012", reads_records=False)
  # The void is not learned, so that it may be that of other records.
  run = open_run(model_dir, dataset="digits", reads_records=False)
  assert run.dataset.ignore_label == 255
  assert run.params.task.losses.ignore_label == 255


def test_the_classes_of_a_checkpoint_are_those_of_its_records(
  tmp_path, monkeypatch
):
  two = dataset_info.DatasetInfo("two", ("a", "b"))
  (tmp_path / "camvid").mkdir()
  dataset_info.save_dataset_info(two, tmp_path / "camvid")
  monkeypatch.chdir(tmp_path)
  monkeypatch.setattr(trained_run.modeling, "find_prefix", lambda path: path)
  run = trained_run.TrainedRun.describe([_MOBILENET], "ckpt", data_dir="camvid")
  assert run.dataset.num_classes == 2
  with pytest.raises(ValueError, match="number of classes is unknown"):
    trained_run.TrainedRun.describe([_MOBILENET], "ckpt")


def test_a_checkpoint_of_the_zoo_is_scored_on_ade20k(tmp_path):
  """151 logits and the label 0 for void, as the original has them."""
  entry = entries.find("mobilenetv2_ade20k_train")
  model = {"backbone": entry.backbone} | dict(entry.options)
  with models.without_initial_values():
    shapes = {
      name: value.shape.as_list()
      for name, value in modeling.build_deeplab(num_classes=151, **model)
      .slim_variables()
      .items()
    }
  prefix = synth_checkpoint.write_checkpoint(shapes, 1, str(tmp_path / "m"))
  config = tmp_path / "ade20k.yaml"
  config.write_text(
    yaml.safe_dump({"task": {"model": model, "losses": {"type": "ce"}}})
  )
  root = tmp_path / "ADEChallengeData2016"
  labels = input_testing.write_ade20k(root, {"validation": ["a", "b"]})
  info = dataset_info.get_dataset_info(entry.dataset)
  records = tmp_path / "records"
  pairs = ade20k.split_pairs(root, "val")
  conversion.convert_split(pairs, records, "val", info, num_shards=1)
  run = trained_run.TrainedRun.describe(
    [str(config)], prefix, data_dir=str(records), dataset=entry.dataset
  )

  scores = run.evaluate()

  assert scores.matrix.shape == (151, 151)
  counted = sum(int((label > 0).sum()) for label in labels.values())
  assert scores.matrix[0].sum() == 0
  assert scores.matrix.sum() == counted
  matrix = scores.matrix.astype(float)
  hits = np.diag(matrix)[1:]
  iou = hits / (matrix.sum(0)[1:] + matrix.sum(1)[1:] - hits)
  assert len(scores.iou) == 150
  assert scores.mean_iou == pytest.approx(iou.mean())


def test_labels_tell_runs_apart():
  labels = []
  for losses, discriminator in (
    ({"type": "ce"}, ""),
    ({"type": "ce"}, "base"),
    ({"type": "ssl", "beta": 0.06}, ""),
    ({"type": "ssl", "sigma": 3.0}, ""),
    ({"type": "ssl", "ohem": False}, ""),
    ({"type": "ssl", "ce_weight": 0.25}, ""),
    ({"type": "ssl", "stability": 0.1}, ""),
    ({"type": "ssl", "stability_form": "variance"}, ""),
    ({"type": "ssim"}, ""),
    ({"type": "adaptive_affinity"}, ""),
  ):
    config = configs.SegmentationTask(losses=configs.Losses(**losses))
    config.adversarial.discriminator = discriminator
    labels.append(trained_run.label_of(config))
  assert len(set(labels)) == 10
  assert labels[2] == "SSL, size 3, beta 0.06"
  assert labels[-3] == "SSL, size 3, beta 0.1, Eq. 16"


def test_runs_of_one_label_are_told_apart_by_their_directories(run):
  runs = [dataclasses.replace(run, model_dir=name) for name in "abc"]
  label = "SSL, size 3, beta 0.1"
  assert list(trained_run.by_label(runs)) == [
    label,
    f"{label} (b)",
    f"{label} (c)",
  ]
