"""Full screen: nothing overlaps while lyrics are corrected, and all texts can be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright")
pytest.importorskip("fastapi")

from helpers.web.browsing import CHROMIUM, until, word
from helpers.web.fake_server import Fake
from playwright.sync_api import Page, expect

pytest_plugins = ["helpers.web.opened"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
SOUND = "document.querySelector('audio[data-track=mix]')"

# Every visible text with its contrast: the colour as it is blended with what lies behind by all opacities.
CONTRASTS = """
(() => {
  const dot = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  const pen = dot.getContext('2d', { willReadFrequently: true });
  const channels = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
    return { rgb: [red, green, blue], alpha: alpha / 255 };
  };
  const over = ({ rgb, alpha }, behind) => rgb.map((value, i) => value * alpha + behind[i] * (1 - alpha));
  const light = (rgb) => {
    const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    const [red, green, blue] = rgb.map((value) => linear(value / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (a, b) => {
    const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    const isSeen = box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight;
    if (!node.data.trim() || !isSeen) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.closest('.visually-hidden, :disabled, option')) continue;
    const chain = [];
    for (let each = element; each; each = each.parentElement) chain.unshift(each);
    let behind = channels(getComputedStyle(document.documentElement).backgroundColor).rgb;
    let opacity = 1;
    for (const each of chain) {
      const style = getComputedStyle(each);
      opacity *= Number(style.opacity);
      const fill = channels(style.backgroundColor);
      if (fill.alpha) behind = over({ rgb: fill.rgb, alpha: fill.alpha * opacity }, behind);
    }
    const style = getComputedStyle(element);
    const isFilled = style.backgroundClip === 'text';
    const colours = isFilled ? style.backgroundImage.match(/(?:rgb|color)a?\\([^)]*\\)/g) : [style.color];
    for (const colour of colours) {
      const { rgb, alpha } = channels(colour);
      found.push([node.data.trim(), contrast(over({ rgb, alpha: alpha * opacity }, behind), behind)]);
    }
  }
  return found;
})()
"""


def weakest(page: Page) -> tuple[str, float]:
    """The text of the lowest contrast."""
    # Lines and controls fade for a moment.
    page.wait_for_timeout(700)
    found = page.evaluate(CONTRASTS)
    assert len(found) > 20
    text, contrast = min(found, key=lambda each: each[1])
    return text, contrast


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_all_texts_in_full_screen_have_contrast(
    open_page: Callable[..., Page], song: dict[str, Any], scheme: str
) -> None:
    page = open_page(song, color_scheme=scheme)
    page.evaluate(f"{SOUND}.currentTime = 2")
    page.keyboard.press("f")
    expect(page.locator("body.singing")).to_have_count(1)
    expect(page.locator("[data-sung=now]")).to_have_text("from")
    page.mouse.move(600, 300)
    text, contrast = weakest(page)
    assert contrast >= 4.5, text
    page.keyboard.press("e")
    expect(page.locator("#editor")).to_be_visible()
    text, contrast = weakest(page)
    assert contrast >= 4.5, text


@pytest.mark.parametrize(
    "state", ["now", pytest.param("sung", marks=pytest.mark.slow), pytest.param("", marks=pytest.mark.slow)]
)
def test_a_word_stays_visible_under_the_pointer(
    open_page: Callable[..., Page], song: dict[str, Any], state: str
) -> None:
    page = open_page(song)
    page.evaluate(f"{SOUND}.currentTime = 2")
    expect(page.locator("[data-sung=now]")).to_have_text("from")
    hovered = page.locator(f".line.now .word[data-sung='{state}']").first
    for press in (None, "#edit-button"):
        if press:
            page.click(press)
        hovered.hover()
        page.wait_for_timeout(700)
        text = hovered.text_content()
        assert min(contrast for found, contrast in page.evaluate(CONTRASTS) if found == text) >= 4.5


@pytest.mark.parametrize(
    "size",
    [(1280, 800), pytest.param((390, 844), marks=pytest.mark.slow), pytest.param((740, 360), marks=pytest.mark.slow)],
)
def test_nothing_overlaps_while_correcting(
    open_page: Callable[..., Page], song: dict[str, Any], size: tuple[int, int]
) -> None:
    page = open_page(song, viewport={"width": size[0], "height": size[1]})
    page.keyboard.press("f")
    page.keyboard.press("e")
    word(page, "far").click()
    for name in ("undo", "save"):
        expect(page.locator(f"#editor [data-command={name}]")).to_be_in_viewport(ratio=1)
    expect(page.locator("#edit-button")).to_be_in_viewport(ratio=1)
    until(page, "!document.querySelector('#song').classList.contains('idle')")
    boxes = {
        name: page.locator(name).bounding_box() for name in (".song-head", "#lyrics", "#editor", "#wave", ".transport")
    }
    for name, box in boxes.items():
        for other, second in boxes.items():
            assert box is not None
            assert second is not None
            if name < other:
                across = min(box["x"] + box["width"], second["x"] + second["width"]) - max(box["x"], second["x"])
                along = min(box["y"] + box["height"], second["y"] + second["height"]) - max(box["y"], second["y"])
                assert min(across, along) < 1, (name, other)
    # They stay when there is no input for a while.
    page.evaluate("document.querySelector('#song').classList.add('idle')")
    expect(page.locator("#editor [data-command=save]")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.song-head')).opacity") == "1"


@pytest.mark.slow
def test_the_current_line_is_shown_where_the_song_is_paused(open_page: Callable[..., Page], fake: Fake) -> None:
    job = fake.add("long.wav", duration_s=13.676)
    fake.finish(job)
    words = [{"text": f"word{n}", "start_s": n / 8, "end_s": n / 8 + 0.1, "confidence": 0.9} for n in range(100)]
    fake.transcripts[job["id"]]["lines"] = [
        {"text": each["text"], "start_s": each["start_s"], "end_s": each["end_s"], "words": [each]} for each in words
    ]
    page = open_page(job)
    page.evaluate(f"{SOUND}.currentTime = 8.05")
    expect(page.locator(".line.now")).to_contain_text("word6")
    page.keyboard.press("f")
    expect(page.locator(".line.now")).to_be_in_viewport(ratio=1)
    page.keyboard.press("f")
    expect(page.locator(".line.now")).to_be_in_viewport(ratio=1)
