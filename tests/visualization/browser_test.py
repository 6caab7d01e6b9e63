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
"""The pages in a real browser, narrow and wide, light and dark.

Skipped where Chromium, its driver or Selenium is missing.
"""

import io
import shutil

import numpy as np
from PIL import Image
import pytest

from deeplab_ssl.visualization import gallery
from deeplab_ssl.visualization import images
from deeplab_ssl.visualization import report

webdriver = pytest.importorskip(
  "selenium.webdriver", reason="needs selenium: pip install -e '.[test]'"
)

_CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
_DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
  not (_CHROMIUM and _DRIVER), reason="needs chromium and chromedriver"
)

# Contrast of text that is readable, of WCAG's level AA.
_CONTRAST = 4.5

_MISSING_PICTURES = """
return (async () => {
const images = [...document.images];
await Promise.all(images.map((image) => {
  image.loading = "eager";
  return image.decode().catch(() => null);
}));
return images.filter((image) => !image.naturalWidth).map((image) => image.src);
})();
"""

# Texts wider than their places, and places outside the window that nobody can
# reach: `.scroll` moves what it holds.
_CUT_TEXTS = """
const cut = [...document.querySelectorAll(
  "h1, p, td, th, label, figcaption, .caption, .legend span")].filter(
    (place) => place.scrollWidth > place.clientWidth + 1 && place.clientWidth);
const root = document.documentElement;
if (root.scrollWidth > root.clientWidth) cut.push(root);
return cut.map((place) => `${place.tagName} ${place.textContent}`);
"""

# What is wider than the window, and frames that must be moved to see it all.
_TOO_WIDE = """
const wide = [...document.querySelectorAll("body *")].filter((place) =>
  place.getBoundingClientRect().right > document.documentElement.clientWidth);
const moved = [...document.querySelectorAll(".scroll")].filter(
  (place) => place.scrollWidth > place.clientWidth);
return [...wide, ...moved].map((place) => `${place.tagName} ${place.src}`);
"""

_COLORS = """
const solid = (place) => {
  const color = getComputedStyle(place).backgroundColor;
  return color === "rgba(0, 0, 0, 0)" && place.parentElement
    ? solid(place.parentElement) : color;
};
return [...document.querySelectorAll("h1, p, td, th, label, figcaption")].map(
  (place) => [place.tagName, getComputedStyle(place).color, solid(place)]);
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
  options = webdriver.ChromeOptions()
  options.binary_location = _CHROMIUM
  for argument in (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
  ):
    options.add_argument(argument)
  options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
  driver = webdriver.Chrome(
    options, webdriver.ChromeService(executable_path=_DRIVER)
  )
  yield driver
  driver.quit()


def _open(browser, path, width=1400, scheme="light"):
  browser.execute_cdp_cmd(
    "Emulation.setDeviceMetricsOverride",
    {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
  )
  browser.execute_cdp_cmd(
    "Emulation.setEmulatedMedia",
    {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
  )
  browser.get(path.as_uri())


class _Scores:
  class_names = ("background", "a class with a long name & a second part")
  iou = np.array([0.912, np.nan])
  mean_iou = 0.912


def _write_report(folder):
  picture = np.full((60, 80, 3), 128, np.uint8)
  images.save_grid(
    folder / "samples #1.png", [dict.fromkeys("abcdef", picture)] * 2
  )
  images.save_curves(
    folder / "loss.png", {"CE": ([1, 2], [3.0, 1.0])}, "step", "total loss"
  )
  report.write_html(
    folder / "report.html",
    title="A demo with a title that is longer than a telephone is wide",
    paragraphs=["A short training; see <code>export/</code>. " * 9],
    table=report.score_table({name: _Scores() for name in ("CE", "SSL")}),
    figures={
      "samples #1.png": "Scenes and what the models make of them.",
      "loss.png": "Loss.",
    },
  )
  return folder / "report.html"


def _write_gallery(folder):
  rows = []
  for name in ("2007_000032", "aachen_000000_000019_leftImg8bit", "x#1 <y>"):
    pictures = {}
    for column in ("image", "truth", "SSL, size 3, beta 0.1: prediction"):
      file = f"{column[:5]}/{name.replace('/', '_')}.png"
      images.save(folder / file, np.full((60, 80, 3), 99, np.uint8))
      pictures[column] = file
    rows.append(gallery.Row(name, pictures, {"truth": "91.23 % right " * 5}))
  classes = {f"class {i}": (i, 90, 250 - i) for i in range(20)}
  gallery.write_gallery(
    folder / "index.html", title="Pictures of CamVid", rows=rows, legend=classes
  )
  return folder / "index.html"


@pytest.fixture(scope="module", params=[_write_report, _write_gallery])
def page(request, tmp_path_factory):
  return request.param(tmp_path_factory.mktemp("page"))


@pytest.mark.parametrize("width", [400, 1400])
def test_pictures_are_there_and_no_text_is_cut(browser, page, width):
  _open(browser, page, width)

  assert browser.execute_script("return window.innerWidth") == width
  assert len(browser.find_elements("tag name", "img")) >= 2
  missing = browser.execute_script(_MISSING_PICTURES)
  assert missing == []
  assert browser.execute_script(_CUT_TEXTS) == []
  assert browser.get_log("browser") == []


@pytest.mark.parametrize("width", [400, 500, 1400])
def test_all_of_a_report_is_in_the_window(browser, tmp_path, width):
  _open(browser, _write_report(tmp_path), width)
  assert browser.execute_script(_MISSING_PICTURES) == []
  assert browser.execute_script(_TOO_WIDE) == []
  for picture in browser.find_elements("tag name", "img"):
    assert picture.size["width"] > 0.8 * min(width, 600)


@pytest.mark.parametrize(
  "scheme, darkest, brightest", [("light", 0.99, 1.01), ("dark", 0.2, 0.5)]
)
def test_pictures_do_not_glare_in_the_dark(
  browser, tmp_path, scheme, darkest, brightest
):
  _open(browser, _write_report(tmp_path), scheme=scheme)
  assert browser.execute_script(_MISSING_PICTURES) == []
  for picture in browser.find_elements("tag name", "img"):
    with Image.open(io.BytesIO(picture.screenshot_as_png)) as seen:
      colors = seen.convert("RGB").getcolors(1 << 24)
    lightest = max(_luminance(f"rgb{color}") for _, color in colors)
    assert darkest < lightest < brightest


def test_names_in_a_narrow_gallery_are_not_a_column_of_letters(
  browser, tmp_path
):
  _open(browser, _write_gallery(tmp_path), 400)
  for name in browser.find_elements("css selector", "td:first-child"):
    assert name.size["width"] > 80


def _luminance(color):
  """Returns the relative luminance of WCAG."""
  channels = np.array(color.strip("rgba()").split(",")[:3], float) / 255
  linear = np.where(
    channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
  )
  return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_are_readable_in_light_and_dark(browser, page, scheme):
  _open(browser, page, scheme=scheme)

  found = browser.execute_script(_COLORS)

  for place, *colors in found:
    text, ground = map(_luminance, colors)
    darker, lighter = sorted((text, ground))
    assert (lighter + 0.05) / (darker + 0.05) > _CONTRAST, (place, colors)
    assert (text > ground) == (scheme == "dark"), (place, colors)
  assert {place for place, *_ in found} >= {"H1", "P", "TD", "TH"}


def test_the_boxes_hide_columns_and_show_them_again(browser, tmp_path):
  _open(browser, _write_gallery(tmp_path))

  def shown():
    return [
      browser.find_elements("css selector", f".c{i}")[row].is_displayed()
      for i in range(3)
      for row in range(4)
    ]

  assert all(shown())
  browser.find_element("id", "c1").click()
  assert shown() == [True] * 4 + [False] * 4 + [True] * 4
  browser.find_element("id", "c1").click()
  assert all(shown())
  assert browser.get_log("browser") == []


def test_a_fault_of_a_page_is_found(browser, tmp_path):
  """The checks of this file notice a page that has all faults."""
  path = tmp_path / "bad.html"
  path.write_text(
    '<p style="white-space: nowrap; width: 9rem">long text, much too long</p>'
    '<img src="nowhere.png"><script>nonsense()</script>'
  )
  _open(browser, path, 400)

  missing = browser.execute_script(_MISSING_PICTURES)
  assert len(missing) == 1
  assert len(browser.execute_script(_CUT_TEXTS)) == 1
  browser.execute_script("document.images[0].width = 600")
  assert [place.split()[0] for place in browser.execute_script(_TOO_WIDE)] == [
    "IMG"
  ]
  messages = [entry["message"] for entry in browser.get_log("browser")]
  assert any("nonsense is not defined" in message for message in messages)
