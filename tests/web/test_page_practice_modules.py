"""Modules without DOM: a pass of taps, the delay of taps, the free loop, rows of labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("playwright")
pytest.importorskip("fastapi")

from helpers.web.browsing import CHROMIUM, watched
from helpers.web.fake_server import Fake, running
from playwright.sync_api import Browser, Page

pytest_plugins = ["helpers.web.opened"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    fake = Fake(tmp_path_factory.mktemp("songs"))
    with running(fake) as address, watched(browser, address) as page:
        page.goto(address)
        yield page


def module(page: Page, name: str, code: str, given: Any = None) -> Any:
    """The result of `code`, which can use the module as `it`, and `given`."""
    return page.evaluate(f"async (given) => {{ const it = await import('/static/{name}.js'); {code} }}", given)


def doc(*lines: list[tuple[str, float | None, float | None]], **fields: Any) -> dict[str, Any]:
    words = [[{"text": t, "start_s": a, "end_s": b, "confidence": 0.9} for t, a, b in line] for line in lines]
    return {"duration_s": 20.0, "lines": [{"words": line, **fields} for line in words]}


def pass_over(page: Page, given: dict[str, Any], unit: str, marks: list[tuple[float, float]]) -> Any:
    """The words after a pass from the second word of the first line, with its marks as (press, release)."""
    code = """
      const pass = new it.Pass(given.doc, { line: 0, word: 1 }, given.unit);
      for (const [press, release] of given.marks) { pass.press(press); pass.release(release); }
      return pass.applied().lines.map((line) => [line.placement?.band ?? null,
        ...line.words.map((word) => [word.text, word.start_s, word.end_s])]);"""
    return module(page, "tap", code, {"doc": given, "unit": unit, "marks": marks})


def test_a_pass_sets_starts_and_lengths(page: Page) -> None:
    given = doc([("a", 1.0, 2.0), ("bb", 2.0, 3.0), ("cc", 3.0, 4.0)], [("dd", None, None), ("ee", None, None)])
    # Held: as long as it was held; tapped: until the next word, or a usual length at the end of a line.
    made = pass_over(page, given, "word", [(1.5, 2.5), (4.0, 4.05), (6.0, 6.05), (7.0, 7.01)])
    assert made == [
        [None, ["a", 1.0, 1.5], ["bb", 1.5, 2.5], ["cc", 4.0, 4.23]],
        [None, ["dd", 6.0, 7.0], ["ee", 7.0, 7.23]],
    ]
    # What was not marked yet is only pushed.
    made = pass_over(page, given, "word", [(3.5, 3.9)])
    assert made[0] == [None, ["a", 1.0, 2.0], ["bb", 3.5, 3.9], ["cc", 3.9, 4.0]]


def test_a_pass_over_lines_keeps_the_shares_of_words(page: Page) -> None:
    given = doc(
        [("a", 1.0, 2.0), ("b", 2.0, 5.0)], [("cc", None, None), ("d", None, None)], placement={"band": "doubtful"}
    )
    made = pass_over(page, given, "line", [(10.0, 12.0), (14.0, 17.0)])
    assert made == [
        ["sure", ["a", 10.0, 10.5], ["b", 10.5, 12.0]],
        ["sure", ["cc", 14.0, 16.0], ["d", 16.0, 17.0]],
    ]
    # A line lasts at most until the next one is tapped, and as long as before.
    made = pass_over(page, given, "line", [(10.0, 10.05), (13.0, 13.05)])
    assert made[0] == ["sure", ["a", 10.0, 10.75], ["b", 10.75, 13.0]]


def test_the_delay_of_taps_is_their_median_after_the_clicks(page: Page) -> None:
    taps = [
        0.9,
        1.0,
        1.25,
        *(n * 0.5 + late for n, late in zip(range(3, 9), (0.08, 0.1, 0.12, 0.1, 0.2, -0.2), strict=True)),
    ]
    assert module(page, "calibrate", "return it.delayOf(given, 0.5);", taps) == 100
    assert module(page, "calibrate", "return it.delayOf(given, 0.5);", taps[:8]) is None


def test_the_loop_is_left_by_seeking(page: Page) -> None:
    code = """
      const loop = new it.FreeLoop();
      loop.set('a', 2); loop.set('b', 4);
      const seen = [3, 3.9, 4.02, 2.1, 6, 6.1].map((seconds) => loop.back(seconds));
      loop.set('a', 5);
      return [...seen, loop.a, loop.b];"""
    assert module(page, "loop", code) == [None, None, 2, None, None, None, 5, None]


def test_labels_are_in_two_rows_where_they_would_hide_each_other(page: Page) -> None:
    words = [{"text": "word", "start_s": n / 4, "end_s": n / 4 + 0.2} for n in range(100)]
    code = "async ([words, scale]) => (await import('/static/label_rows.js')).rowsFor(words, scale)"
    assert page.evaluate(code, [words, 200]) == {"count": 1, "height": 30}
    assert page.evaluate(code, [words, 140]) == {"count": 2, "height": 25}
    assert page.evaluate(code, [[], 140]) == {"count": 1, "height": 30}
