"""What written lyrics have beside words: case, punctuation, parentheses, line and section breaks, by alt-eval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from lyricsrec.lyrics.long_form import rich_tokens
from lyricsrec.lyrics.normalise import tokenize
from lyricsrec.scoring.metrics.words import align_words
from lyricsrec.scoring.results import LayoutFigures, SymbolFigures

_SYMBOLS = {
    "punctuation": "punctuation",
    "parentheses": "parenthesis",
    "line_breaks": "line_break",
    "section_breaks": "section_break",
}
"""Kinds of symbols by our names, and alt-eval's tags of them."""


@dataclass(frozen=True)
class SymbolCounts:
    """Symbols of one kind: in the reference, in the hypothesis, and those of both that belong together."""

    sung: int
    heard: int
    right: int


@dataclass(frozen=True)
class LayoutCounts:
    """What the figures of a text are made of; `symbols` have the names that `LayoutFigures` gives them.

    `case_errors` are words that are right but for their case. Texts are `cased` where they mix small letters and
    capitals.
    """

    num_words: int
    case_errors: int
    sung_cased: bool
    _: KW_ONLY
    heard_cased: bool
    symbols: dict[str, SymbolCounts]


def count_layout(reference: str, hypothesis: str, language: str) -> LayoutCounts:
    """Compare two texts; `language` is a two-letter code."""
    sung, heard = tokenize(reference, "long", language), tokenize(hypothesis, "long", language)
    written, read = rich_tokens(reference, language), rich_tokens(hypothesis, language)
    # Equal texts have equal tags.
    right = [token for token, _ in _matched(written, read)]
    return LayoutCounts(
        len(sung),
        sum(a.text != b.text for a, b in _matched(sung, heard)),
        _mixes_case(reference),
        heard_cased=_mixes_case(hypothesis),
        symbols={
            name: SymbolCounts(*(_number(tag, of) for of in (written, read, right))) for name, tag in _SYMBOLS.items()
        },
    )


def layout_figures(texts: Sequence[LayoutCounts]) -> LayoutFigures:
    """The figures of texts, pooled. What the references or the hypotheses do not have at all is None.

    Symbols: precision, recall and F1 as alt-eval has them. Case: where both have small letters and capitals.
    """
    mixed = any(text.sung_cased for text in texts) and any(text.heard_cased for text in texts)
    num_words = sum(text.num_words for text in texts)
    return LayoutFigures(
        case_errors=sum(text.case_errors for text in texts) / num_words if mixed and num_words else None,
        **{name: _symbol([text.symbols[name] for text in texts]) for name in _SYMBOLS},
    )


def _matched(sung: Sequence[Any], heard: Sequence[Any]) -> list[tuple[Any, Any]]:
    """The tokens that both texts have, whatever their case."""
    steps = align_words([token.text.lower() for token in sung], [token.text.lower() for token in heard])
    equal = (step for step in steps if step.kind == "equal")
    return [(sung[i], heard[j]) for step in equal for i, j in zip(step.reference, step.hypothesis, strict=True)]


def _number(tag: str, tokens: Iterable[Any]) -> int:
    return sum(tag in token.tags for token in tokens)


def _symbol(texts: Sequence[SymbolCounts]) -> SymbolFigures | None:
    sung, heard, right = (sum(getattr(text, name) for text in texts) for name in ("sung", "heard", "right"))
    if not sung or not heard:
        return None
    precision, recall = right / heard, right / sung
    return SymbolFigures(precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0)


def _mixes_case(text: str) -> bool:
    return text not in (text.upper(), text.lower())
