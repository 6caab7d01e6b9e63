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
import os
import pathlib
import sys
from unittest import mock

from absl import app
from absl import flags
from absl.testing import flagsaver
import numpy as np
from PIL import Image
import pytest
from tensorboard.backend.event_processing import event_accumulator
import tensorflow as tf

from deeplab_ssl import evaluate
from deeplab_ssl import visualize
from deeplab_ssl.evaluation import boundary
from deeplab_ssl.evaluation import metrics
from deeplab_ssl.evaluation import scoring
from deeplab_ssl.prediction import crf
from deeplab_ssl.prediction import exported
from deeplab_ssl.prediction import image_folder
from deeplab_ssl.prediction import mean_field
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.preparation import digit_scenes
from deeplab_ssl.runs import logs
from deeplab_ssl.runs import pictures
from deeplab_ssl.runs import submit
from deeplab_ssl.runs import trained_run
from deeplab_ssl.training import run
from deeplab_ssl.training import task
from tests import digits
from tests import replicas
from tests import synth_checkpoint


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory):
  path = str(tmp_path_factory.mktemp("run"))
  run.run_experiment(digits.experiment(), "train_and_eval", path)
  return path


def test_run_writes_configuration_data_set_checkpoints_and_logs(model_dir):
  found = set(os.listdir(model_dir))
  assert {"params.yaml", "dataset.yaml", "best", "train"} <= found
  assert "ckpt-4.index" in found
  params = trained_run.load_run(model_dir)
  assert params.task.model.num_classes == 11
  assert params.task.validation_data.input_path == digits.records()
  curves = logs.read_scalars(model_dir)
  for name in ("hard_fraction", "error_mean", "error_max", "structural"):
    assert curves[name][0] == [2, 4]
    assert np.isfinite(curves[name][1]).all()
  assert curves["learning_rate"][1][0] > curves["learning_rate"][1][1]


def test_validation_shows_scores_and_samples_in_tensorboard(model_dir):
  events = event_accumulator.EventAccumulator(f"{model_dir}/validation")
  events.Reload()
  tags = set(events.Tags()["tensors"])
  assert {"iou/background", "mean_iou", "samples"} <= tags
  assert "validation_loss" not in tags  # There is none to show.
  (drawn,) = events.Tensors("samples")
  assert drawn.step == 4
  width, height, picture = tf.make_ndarray(drawn.tensor_proto)
  grid = tf.io.decode_png(picture).numpy()
  assert grid.shape == (int(height), int(width), 3) == (4 * 240, 3 * 320, 3)
  image, truth, _ = np.split(grid[:129], 3, axis=1)
  assert image.std() > 0
  assert (image != truth).any()


def test_training_resumes_where_it_stopped(model_dir):
  params = digits.experiment()
  params.trainer.train_steps = 6
  run.run_experiment(params, "train", model_dir)
  assert "ckpt-6.index" in os.listdir(model_dir)
  assert logs.read_scalars(model_dir)["structural"][0] == [2, 4, 6]


@pytest.fixture(scope="module")
def scores(model_dir):
  return trained_run.evaluate_run(
    *trained_run.load_trained(model_dir=model_dir)
  )


def test_evaluation_equals_a_loop_over_the_images(model_dir, scores):
  params, checkpoint = trained_run.load_trained(model_dir=model_dir)
  assert scores.boundary is None
  model = trained_run.restored_model(params, checkpoint)
  matrix = np.zeros([11, 11], np.int64)
  for example in trained_run.evaluation_data(params):
    label = example["label"][0, ..., 0].numpy()
    predicted = np.argmax(
      predictor_lib.predict_logits(model, example["image"]), -1
    )
    valid = label != 255
    np.add.at(matrix, (label[valid], predicted[0][valid]), 1)
  np.testing.assert_array_equal(scores.matrix, matrix)
  assert scores.mean_iou == metrics.Scores(matrix, scores.class_names).mean_iou


def test_submitted_files_score_what_evaluation_counts(model_dir, tmp_path):
  params, checkpoint = trained_run.load_trained(model_dir=model_dir)
  layout, written = submit.submit_run(params, checkpoint, tmp_path)
  assert written == 4 == len(list(tmp_path.glob("*.png")))
  settings = boundary.Settings(trimap_widths=(3,))
  scores = scoring.score(layout, digits.records(), settings)
  expected = trained_run.evaluate_run(params, checkpoint, boundary=settings)
  np.testing.assert_array_equal(scores.matrix, expected.matrix)
  assert scores.as_dict() == expected.as_dict()
  other = predictor_lib.Predictor(labels=_steps_of_crf(params, 5))
  with pytest.raises(ValueError, match="method 'scale 1' .now '5 CRF steps"):
    submit.submit_run(params, checkpoint, tmp_path, predictor=other)


def test_a_submission_of_another_training_is_not_continued(model_dir, tmp_path):
  params, checkpoint = trained_run.load_trained(model_dir=model_dir)
  model = trained_run.restored_model(params, checkpoint)
  same_name = str(tmp_path / "ckpt")
  tf.train.Checkpoint(model=model).write(same_name)
  submit.submit_run(params, same_name, tmp_path / "out")
  _, written = submit.submit_run(params, same_name, tmp_path / "out")
  assert written == 0
  params.task.model.atrous_rates = [3]
  with pytest.raises(
    ValueError, match=r"says: model.atrous_rates \[2\] .now \[3\]"
  ):
    submit.submit_run(params, same_name, tmp_path / "out")
  params.task.model.atrous_rates = [2]
  variable = model.trainable_variables[0]
  variable.assign(variable + 1.0)
  tf.train.Checkpoint(model=model).write(same_name)
  with pytest.raises(ValueError, match="says: checkpoint_sha256 '"):
    submit.submit_run(params, same_name, tmp_path / "out")


def test_exported_masks_are_what_evaluation_counts(model_dir, scores, tmp_path):
  params, checkpoint = trained_run.load_trained(model_dir=model_dir)
  export_dir = tmp_path / "export"
  trained_run.export_run(params, checkpoint, str(export_dir))
  images = (
    pathlib.Path(params.task.train_data.input_path).parent / "devkit/JPEGImages"
  )
  outcome = image_folder.predict_files(
    exported.load(export_dir),
    image_folder.find_images(list(images.glob("val_*")), "out").images,
    tmp_path / "out",
    exported.dataset_of(export_dir),
    overlays=False,
  )
  assert not outcome.failures
  counts = metrics.ConfusionMatrix(11)
  for example in trained_run.evaluation_data(params):
    name = example["filename"][0].numpy().decode()
    mask = np.asarray(Image.open(tmp_path / "out" / "masks" / f"{name}.png"))
    counts.update_state(example["label"][..., 0], mask[None].astype(np.int32))
  np.testing.assert_array_equal(counts.result(), scores.matrix)


def _steps_of_crf(params, steps):
  return crf.Refinement(
    mean_field.Settings(steps=steps),
    probabilities=params.task.losses.activation,
  )


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
def test_evaluation_counts_the_labels_of_the_crf(
  model_dir, uneven_records, kind
):
  if kind == "dense":
    pytest.importorskip("pydensecrf", reason="needs pydensecrf2")
  params, checkpoint = trained_run.load_trained(
    model_dir=model_dir, data_dir=uneven_records
  )
  refine = dataclasses.replace(_steps_of_crf(params, 2), kind=kind)
  predictor = predictor_lib.Predictor(_colours_decide, refine)
  expected = metrics.ConfusionMatrix(11)
  settings = boundary.Settings(trimap_widths=(3,))
  boundaries = boundary.BoundaryMatrices(11, settings)
  for example in trained_run.evaluation_data(params):
    labels = predictor(None, example["image"])
    for counts in (expected, boundaries):
      counts.update_state(example["label"][..., 0], labels)
  for strategy in (None, replicas.two_replicas()):
    scores = trained_run.evaluate_run(
      params, checkpoint, predictor, strategy, settings
    )
    np.testing.assert_array_equal(scores.matrix, expected.result())
    counted = boundaries.result()
    np.testing.assert_array_equal(scores.boundary.bands, counted.bands)
    np.testing.assert_array_equal(
      scores.boundary.trimaps[3], counted.trimaps[3]
    )
  plain = trained_run.evaluate_run(
    params, checkpoint, predictor_lib.Predictor(_colours_decide)
  )
  assert (plain.matrix != scores.matrix).any()


@pytest.fixture
def command_flags(model_dir):
  flags.FLAGS.mark_as_parsed()
  with flagsaver.flagsaver(model_dir=model_dir):
    yield flags.FLAGS


def test_commands_pass_the_crf_on_and_tell_it(command_flags, tmp_path, capsys):
  command_flags.crf_steps = 1
  evaluate.main()
  assert "on val, scale 1, 1 CRF step (window)\n" in capsys.readouterr().out
  command_flags.output_dir = str(tmp_path)
  command_flags.max_images = 1
  with mock.patch.object(pictures, "draw_gallery", return_value=1) as draw:
    visualize.main()
  ((name, drawn),) = draw.call_args.args[0].items()
  assert name == "SSL, size 3, beta 0.1"
  assert str(drawn.predictor) == "scale 1, 1 CRF step (window)"
  command_flags.crf_steps = 0
  evaluate.main()
  assert "CRF" not in capsys.readouterr().out


def test_evaluate_passes_the_flags_of_the_boundaries_on(command_flags):
  with mock.patch.object(trained_run, "evaluate_run") as evaluate_run:
    evaluate.main()
    assert evaluate_run.call_args.kwargs["boundary"] is None
    command_flags.boundary_ratio = 0.01
    with pytest.raises(app.UsageError, match="nothing without --boundary"):
      evaluate.main()
    command_flags.boundary = True
    command_flags.trimap_widths = ["2", "5"]
    evaluate.main()
    assert evaluate_run.call_args.kwargs["boundary"] == boundary.Settings(
      0.01, (2, 5)
    )
    command_flags.trimap_widths = ["wide"]
    with pytest.raises(app.UsageError, match="--trimap_widths=wide: invalid"):
      evaluate.main()
  assert evaluate_run.call_count == 2


def test_wrong_flags_of_the_crf_are_told_before_the_evaluation(command_flags):
  with mock.patch.object(trained_run, "evaluate_run") as never:
    with pytest.raises(flags.IllegalFlagValueError, match="crf_steps"):
      command_flags["crf_steps"].parse("-1")
    command_flags.crf = "dense"
    with pytest.raises(app.UsageError, match="--crf_steps"):
      evaluate.main()
    command_flags.crf_steps = 5
    with mock.patch.dict(sys.modules, {"pydensecrf.densecrf": None}):
      with pytest.raises(ImportError, match="pip install pydensecrf2"):
        evaluate.main()
  never.assert_not_called()


def test_batches_of_an_evaluation_change_nothing(model_dir, scores):
  for strategy in (None, replicas.two_replicas()):
    params, checkpoint = trained_run.load_trained(model_dir=model_dir)
    params.task.validation_data.global_batch_size = 6
    batched = trained_run.evaluate_run(params, checkpoint, strategy=strategy)
    np.testing.assert_array_equal(batched.matrix, scores.matrix)


def test_evaluation_sees_several_views(command_flags, capsys):
  command_flags.eval_scales = ["0.5", "1"]
  command_flags.add_flipped_images = True
  command_flags.tile_size = ["33", "65"]
  command_flags.tile_overlap = 8
  evaluate.main()
  views = "on val, scales 0.5, 1, mirrored, tiles of 33 x 65\n"
  assert views in capsys.readouterr().out


@pytest.mark.parametrize(
  "flag, value, message",
  [
    ("eval_scales", ["half"], "--eval_scales must be numbers.*half"),
    ("eval_scales", ["0"], "positive"),
    ("eval_scales", ["nan"], "positive"),
    ("tile_size", ["513"], r"height, width.*\(513,\)"),
    ("tile_size", ["100", "300"], "overlap=128"),
  ],
)
def test_wrong_views_are_told_before_the_evaluation(
  command_flags, flag, value, message
):
  setattr(command_flags, flag, value)
  with mock.patch.object(trained_run, "evaluate_run") as never:
    with pytest.raises(app.UsageError, match=message):
      evaluate.main()
  never.assert_not_called()


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
  params = digits.experiment(losses={"type": loss})
  assert params.task.losses.activation == expected


def test_checkpoint_of_another_architecture_is_refused(model_dir):
  params, checkpoint = trained_run.load_trained(model_dir=model_dir)
  params.task.model.decoder_filters = 16
  with pytest.raises(ValueError, match="does not fit the model"):
    trained_run.restored_model(params, checkpoint)


def test_the_dense_crf_is_not_exported(model_dir, tmp_path):
  pytest.importorskip("pydensecrf", reason="needs pydensecrf2")
  params, checkpoint = trained_run.load_trained(model_dir=model_dir)
  dense = crf.Refinement(kind="dense")
  with pytest.raises(ValueError, match="--crf=window"):
    trained_run.export_run(
      params, checkpoint, str(tmp_path), predictor_lib.Predictor(labels=dense)
    )


def test_missing_run_and_checkpoint_list_what_is_there(tmp_path):
  (tmp_path / "notes.txt").write_text("")
  with pytest.raises(FileNotFoundError, match=r"notes\.txt"):
    trained_run.load_run(str(tmp_path))
  with pytest.raises(FileNotFoundError, match=r"notes\.txt"):
    trained_run.find_checkpoint(str(tmp_path))
  with pytest.raises(FileNotFoundError, match="No checkpoint /nowhere"):
    trained_run.find_checkpoint(str(tmp_path), "/nowhere")
  with pytest.raises(ValueError, match="--model_dir"):
    trained_run.load_trained()


def test_learning_rate_ends_with_the_training_unless_told(model_dir):
  trainer = trained_run.load_run(model_dir).trainer
  rate = trainer.optimizer_config.learning_rate
  assert rate.deeplab.training_number_of_steps == trainer.train_steps
  params = digits.experiment()
  params.trainer.optimizer_config.learning_rate.deeplab.override(
    {"training_number_of_steps": 9}
  )
  run.resolve_steps(params)
  rate = params.trainer.optimizer_config.learning_rate
  assert rate.deeplab.training_number_of_steps == 9


@pytest.mark.parametrize(
  "override, error, message",
  [
    ({"train_data": {"input_path": ""}}, ValueError, "input_path is empty"),
    (
      {"train_data": {"input_path": "/nowhere"}},
      FileNotFoundError,
      "'/nowhere', which is no folder",
    ),
  ],
)
def test_missing_data_is_told_before_anything_is_written(
  override, error, message, tmp_path
):
  params = digits.experiment(**override)
  with pytest.raises(error, match=message):
    run.run_experiment(params, "train", str(tmp_path / "run"))
  assert not (tmp_path / "run").exists()


def test_mixed_precision_is_refused(tmp_path):
  params = digits.experiment()
  params.runtime.mixed_precision_dtype = "bfloat16"
  with pytest.raises(ValueError, match="bfloat16"):
    run.run_experiment(params, "train", str(tmp_path))


def test_a_checkpoint_without_our_head_is_not_evaluated(tmp_path):
  params = digits.experiment()
  model = task.SegmentationTask(params.task).build_model()
  shapes = {
    k: v.shape.as_list() for k, v in model.backbone.slim_variables().items()
  }
  prefix = synth_checkpoint.write_checkpoint(shapes, 1, str(tmp_path / "m"))
  with pytest.raises(ValueError, match="has no head"):
    trained_run.restored_model(params, prefix)


def test_run_and_configuration_together_are_refused(model_dir):
  with pytest.raises(ValueError, match="not both"):
    trained_run.load_trained(model_dir=model_dir, config_files=["x.yaml"])


def test_a_configuration_that_is_no_yaml_names_the_file(tmp_path):
  path = tmp_path / "bad.yaml"
  path.write_text("task: [")
  with pytest.raises(ValueError, match="bad.yaml is not valid YAML"):
    run.parse_experiment("deeplab_ssl", [str(path)])


def test_unknown_keys_files_and_experiments_name_the_nearest(tmp_path):
  with pytest.raises(ValueError, match="Did you mean 'region_size'"):
    run.parse_experiment("deeplab_ssl", [], "task.losses.regionsize=3")
  with pytest.raises(ValueError, match="Did you mean 'deeplab_ssl'"):
    run.parse_experiment("deeplab_sls")
  with pytest.raises(FileNotFoundError, match="no configuration file"):
    run.parse_experiment("deeplab_ssl", [str(tmp_path / "x.yaml")])


@pytest.mark.parametrize("name", ["camvid", "voc2012_mnv2", "own_data"])
def test_published_configurations_parse(name):
  root = os.path.join(os.path.dirname(__file__), "..", "..")
  params = run.parse_experiment(
    "deeplab_ssl", [os.path.join(root, "configs", f"{name}.yaml")]
  )
  assert params.task.model.backbone == "mobilenet_v2"
