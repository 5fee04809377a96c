"""Case, punctuation, parentheses and breaks: alt-eval's figures."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import astuple

import pytest
from alt_eval import compute_metrics

from lyricsrec.scoring.metrics.formatting import count_layout, layout_figures
from lyricsrec.scoring.results import LayoutFigures, SymbolFigures

ROWS = {
    "en": ["So far away,", "(oh) Don’t let me DOWN!", '"Hey" she said...', "", "I'm here - you're not?", "Oh no (no)"],
    "fr": ["J'ai perdu, l'amour!", "Aujourd'hui (là)", "", "Qu'est-ce que c'est?", "« Où es-tu » Élodie"],
    "de": ["Geht's dir gut?", "Ich hab' dich (so) lieb", "", "Über alles..."],
    "ja": ["君が好きだと、", "叫びたい (Baby)", "", "Oh 12時!"],
    "he": ["שלום עולם,", "(כן) מה שלומך?", "", "Hey שלום!"],
}
SYMBOLS = {"punctuation": "punc", "parentheses": "pare", "line_breaks": "line", "section_breaks": "sect"}


def figures(references: Sequence[str], hypotheses: Sequence[str], languages: Sequence[str]) -> LayoutFigures:
    texts = zip(references, hypotheses, languages, strict=True)
    return layout_figures([count_layout(*text) for text in texts])


def changed(random_: random.Random, row: str) -> str:
    changes = (
        str.lower,
        str.title,
        lambda text: text.strip(",.!?"),
        lambda text: f"({text})",
        lambda text: text + "\n",
    )
    return random_.choice([*changes, str, str, str])(row)


def none_for_nan(*values: float) -> tuple[float, ...] | None:
    return None if any(math.isnan(value) for value in values[:2]) else values


@pytest.mark.parametrize("language", ROWS)
def test_figures_are_those_of_alt_eval(language: str) -> None:
    random_ = random.Random(language)
    for _ in range(20):
        texts = [[random_.choice(ROWS[language]) for _ in range(random_.randint(1, 8))] for _ in range(2)]
        references = ["\n".join(["La", *rows]) for rows in texts]
        hypotheses = ["\n".join(changed(random_, row) for row in ["La", *rows]) for rows in texts]
        expected = compute_metrics(references, hypotheses, language)
        found = figures(references, hypotheses, [language] * 2)
        if found.case_errors is not None:
            assert found.case_errors == expected["ER_case"]
        else:
            assert all(text == text.lower() for text in hypotheses)
        for name, tag in SYMBOLS.items():
            symbol = getattr(found, name)
            values = none_for_nan(*(expected[f"{figure}_{tag}"] for figure in ("P", "R", "F1")))
            assert (symbol and astuple(symbol)) == values


def test_worked_by_hand() -> None:
    found = figures(["So far, (oh)\nAway"], ["so far (oh)\n\nAway"], ["en"])
    assert found == LayoutFigures(
        case_errors=0.25,
        punctuation=None,
        parentheses=SymbolFigures(1.0, 1.0, 1.0),
        line_breaks=SymbolFigures(1.0, 1.0, 1.0),
        section_breaks=None,
    )


def test_figures_are_undefined_where_one_side_has_nothing() -> None:
    nothing = LayoutFigures(None, None, None, line_breaks=None, section_breaks=None)
    for texts in (([""], [""]), ([], []), ([""], ["Oh, no"]), (["Oh, (no)\n\nYes"], [""])):
        assert figures(*texts, ["en"] * len(texts[0])) == nothing
    # Case cannot be scored in a text without lower-case letters.
    assert figures(["So far"], ["SO FAR"], ["en"]).case_errors is None
    assert figures(["so far"], ["So far"], ["en"]).case_errors is None
    assert figures(["So far", "oh"], ["oh", "So Far"], ["en", "en"]).case_errors == 0.0


def test_languages_may_differ_from_text_to_text() -> None:
    texts = ["Geht's gut?", "It's good."]
    found = figures(texts, texts, ["de", "en"])
    assert found.punctuation == SymbolFigures(1.0, 1.0, 1.0)
