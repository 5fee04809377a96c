"""The languages of the page: complete files, and the page in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright")
pytest.importorskip("fastapi")

from helpers.web import page_texts
from helpers.web.browsing import CHROMIUM
from helpers.web.fake_server import STATIC
from playwright.sync_api import Page, expect

pytest_plugins = ["helpers.web.opened"]
in_browser = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
LANGUAGES = sorted((STATIC / "languages").glob("*.json"))


def values(text: str) -> set[str]:
    return set(re.findall(r"\{\w+\}", text))


@pytest.mark.parametrize("path", LANGUAGES, ids=[path.stem for path in LANGUAGES])
def test_a_language_has_every_text_of_the_page_and_no_other(path: Path) -> None:
    texts, plurals = page_texts.of_page(STATIC)
    known: dict[str, Any] = json.loads(path.read_text("utf-8"))
    missing, left_over = (texts | plurals) - known.keys(), known.keys() - texts - plurals - page_texts.of_server()
    assert (missing, left_over) == (set(), set())
    for english, translated in known.items():
        forms = translated.values() if english in plurals else [translated]
        assert {"one", "other"} <= set(translated) or english not in plurals
        assert all(form and values(form) | {"{n}"} == values(english) | {"{n}"} for form in forms), english


def test_texts_are_collected_from_scripts_and_documents() -> None:
    script = """
// t("a comment")
const a = t("one {n}", { n: 1 }) + tn(many(1, 2), "{n} song", "{n} songs");
await t('say "so"'); format("no text"); t(
  "a long text",
);
"""
    assert page_texts.of_script(script) == ({"one {n}", 'say "so"', "a long text"}, {"{n} songs"})
    for wrong in ("t(text)", "t(`a ${b}`)", "tn(n, one, others)"):
        with pytest.raises(ValueError, match="written out"):
            page_texts.of_script(wrong)
    document = (
        '<p title="Hint">One\n  text <b translate="no">brand</b> <input placeholder="here"> B 12</p><style>no</style>'
    )
    assert page_texts.of_document(document) == {"Hint", "One text", "here"}


@in_browser
def test_the_page_speaks_the_language_of_the_browser_or_the_one_chosen(
    open_page: Callable[..., Page], song: dict[str, Any]
) -> None:
    page = open_page(locale="de-AT")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#home-title")).to_have_text("Vom Song zum Songtext")
    expect(page.locator("#find")).to_have_attribute("type", "search")
    assert page.locator("#wave").get_attribute("aria-label").startswith("Wellenform")  # type: ignore[union-attr]
    page.select_option("#page-language", "es")
    expect(page.locator("#home-title")).to_have_text("De la canción a la letra")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.select_option("#page-language", "en")
    expect(page.locator("#home-title")).to_have_text("Turn songs into lyrics")


@in_browser
def test_numbers_names_and_shortcuts_are_translated(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(locale="de-DE")
    expect(page.locator("#jobs .job")).to_contain_text("Fertig")
    expect(page.locator("#jobs .job")).to_contain_text("Herausgehört · 0:14 · Instrumental, Gesang")
    load = "const { t, tn, fromServer } = await import('/static/i18n.js');"
    forms = "[tn(1, '{n} song', '{n} songs'), tn(3, '{n} song', '{n} songs'), t('no such|text'), t('Shift|key')]"
    assert page.evaluate(f"async () => {{ {load} return {forms}; }}") == ["1 Song", "3 Songs", "no such", "Umschalt"]
    names = "[fromServer('SubRip subtitles'), fromServer('a format made today')]"
    assert page.evaluate(f"async () => {{ {load} return {names}; }}") == ["SubRip-Untertitel", "a format made today"]
    page.click("#help-button")
    expect(page.locator("#keys")).to_contain_text("Leertaste")
    expect(page.locator("#help-title")).to_have_text("Hilfe und Tasten")


@in_browser
def test_the_page_stays_english_for_other_languages(open_page: Callable[..., Page]) -> None:
    page = open_page(locale="fi-FI")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#home-title")).to_have_text("Turn songs into lyrics")


@in_browser
@pytest.mark.parametrize("locale", ["de-DE", "es-ES"])
def test_longer_texts_fit_on_phones(open_page: Callable[..., Page], song: dict[str, Any], locale: str) -> None:
    page = open_page(song, locale=locale, viewport={"width": 390, "height": 800})
    edges = (
        "[...document.querySelectorAll('.song-actions button')].map((button) => button.getBoundingClientRect().right)"
    )
    assert max(page.evaluate(edges)) <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
