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

"""What the structural similarity loss sees: `e`, and which samples are hard."""

import dataclasses

import keras
from keras import ops

from deeplab_ssl.common import arguments
from deeplab_ssl.losses import functional
from deeplab_ssl.losses import structural_settings

_DEFAULTS = structural_settings.DEFAULTS
_STATISTICS = ("error_mean", "hard_fraction")


@keras.saving.register_keras_serializable(package="deeplab_ssl")
class StructuralError(keras.metrics.Metric):
  """Mean of the structural error `e`, or the share of hard examples.

  Over the samples, pairs of a valid pixel and a class, of all batches. The
  paper reports about 1.5 % hard examples late in a training; a share that does
  not fall says that regions are still of the wrong class.

  Args:
    statistic: "error_mean" or "hard_fraction".
    region_size: side of the window in pixels, odd.
    sigma: standard deviation of the window in pixels.
    beta: fraction of `e_max` above which a sample is hard, in [0, 1).
    stability: C4.
    stability_form: "std" (Eq. 10) or "variance" (Eq. 16).
    ignore_class: label of ignored pixels; None says that there are none.
    from_logits: False if predictions are probabilities.
    name: name of the metric; None is that of the statistic.
    data_format: as in `MeanIoU`.

  Raises:
    ValueError: if an argument is out of its range.

  Example:

  Without a neighbourhood `e` is |y - p|.

  >>> import numpy as np
  >>> from deeplab_ssl import metrics
  >>> metric = metrics.StructuralError(region_size=1)
  >>> metric.update_state(np.array([[[0, 1]]]), np.zeros([1, 1, 2, 2], "f"))
  >>> float(metric.result())
  0.5
  """

  def __init__(
    self,
    statistic="error_mean",
    region_size=_DEFAULTS.region_size,
    sigma=_DEFAULTS.sigma,
    beta=_DEFAULTS.beta,
    stability=_DEFAULTS.stability,
    stability_form=_DEFAULTS.stability_form,
    ignore_class=255,
    from_logits=True,
    name=None,
    data_format=None,
  ):
    arguments.require(
      statistic in _STATISTICS, "statistic", f"one of {_STATISTICS}", statistic
    )
    super().__init__(name=name or statistic, dtype="float32")
    self.settings = structural_settings.StructuralSimilaritySettings(
      region_size=region_size,
      sigma=sigma,
      beta=beta,
      stability=stability,
      stability_form=stability_form,
    )
    self._options = {
      "statistic": statistic,
      "ignore_class": ignore_class,
      "from_logits": from_logits,
      "data_format": data_format or keras.config.image_data_format(),
    }
    self._total, self._samples = (
      self.add_variable((), "zeros", dtype="float32", name=n, aggregation="sum")
      for n in ("total", "samples")
    )

  def update_state(self, y_true, y_pred, sample_weight=None):
    """Adds the valid samples of a batch.

    Args:
      y_true: labels in any layout that the losses take.
      y_pred: logits `[batch, height, width, classes]`.
      sample_weight: not taken.

    Raises:
      ValueError: if a shape does not fit, a weight is given, or a label is
        neither a class nor `ignore_class` (NaN in compiled code).
    """
    if sample_weight is not None:
      raise ValueError(
        "StructuralError takes no sample_weight: give it as one of `metrics`, "
        "not of `weighted_metrics`."
      )
    inputs = {k: v for k, v in self._options.items() if k != "statistic"}
    terms = functional.structural_similarity_terms(
      y_true, y_pred, settings=self.settings, **inputs
    )
    share = getattr(terms, self._options["statistic"])
    # Compiled code cannot raise: the loss is NaN where a label is illegal.
    illegal = ops.isnan(ops.sum(terms.loss))
    total = ops.where(illegal, float("nan"), share * terms.samples)
    self._total.assign(self._total + total)
    self._samples.assign(self._samples + terms.samples)

  def result(self):
    """Returns the mean over all samples, 0 if there is none."""
    samples = ops.convert_to_tensor(self._samples)
    return self._total / ops.where(samples > 0, samples, 1.0)

  def get_config(self):
    """Returns every constructor argument."""
    settings = dataclasses.asdict(self.settings)
    for of_the_loss in ("ce_weight", "ohem", "reweight"):
      del settings[of_the_loss]
    return {"name": self.name, **settings, **self._options}
