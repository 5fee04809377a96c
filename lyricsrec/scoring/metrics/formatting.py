"""Formatting metrics: case, punctuation, parentheses, line and section breaks, as alt-eval defines them."""

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
"""Kinds of symbols: the fields of `LayoutFigures`, and the tags of alt-eval."""


@dataclass(frozen=True)
class SymbolCounts:
    """Symbols of one kind: in the reference, in the hypothesis, and matched in both."""

    reference: int
    hypothesis: int
    matched: int


@dataclass(frozen=True)
class LayoutCounts:
    """The counts behind the formatting metrics of a text; `symbols` has the keys of `LayoutFigures`.

    `case_errors` counts words that are right except for their case. A text is `cased` if it mixes lower and upper case.
    """

    num_words: int
    case_errors: int
    reference_cased: bool
    _: KW_ONLY
    hypothesis_cased: bool
    symbols: dict[str, SymbolCounts]


def count_layout(reference: str, hypothesis: str, language: str) -> LayoutCounts:
    """Compare two texts; `language` is a two-letter code."""
    words, hypothesis_words = tokenize(reference, "long", language), tokenize(hypothesis, "long", language)
    tokens, hypothesis_tokens = rich_tokens(reference, language), rich_tokens(hypothesis, language)
    # Matched tokens have the same text, and so the same tags.
    matched = [token for token, _ in _matched(tokens, hypothesis_tokens)]
    return LayoutCounts(
        len(words),
        sum(a.text != b.text for a, b in _matched(words, hypothesis_words)),
        _mixes_case(reference),
        hypothesis_cased=_mixes_case(hypothesis),
        symbols={
            name: SymbolCounts(_number(tag, tokens), _number(tag, hypothesis_tokens), _number(tag, matched))
            for name, tag in _SYMBOLS.items()
        },
    )


def layout_figures(texts: Sequence[LayoutCounts]) -> LayoutFigures:
    """The formatting metrics of texts, pooled; None for what all references or all hypotheses lack.

    Precision, recall and F1 of symbols follow alt-eval. Case errors need mixed case on both sides.
    """
    mixed = any(text.reference_cased for text in texts) and any(text.hypothesis_cased for text in texts)
    num_words = sum(text.num_words for text in texts)
    return LayoutFigures(
        case_errors=sum(text.case_errors for text in texts) / num_words if mixed and num_words else None,
        **{name: _symbol([text.symbols[name] for text in texts]) for name in _SYMBOLS},
    )


def _matched(reference: Sequence[Any], hypothesis: Sequence[Any]) -> list[tuple[Any, Any]]:
    """The tokens that both texts have, ignoring case."""
    steps = align_words([token.text.lower() for token in reference], [token.text.lower() for token in hypothesis])
    equal = (step for step in steps if step.kind == "equal")
    return [
        (reference[i], hypothesis[j]) for step in equal for i, j in zip(step.reference, step.hypothesis, strict=True)
    ]


def _number(tag: str, tokens: Iterable[Any]) -> int:
    return sum(tag in token.tags for token in tokens)


def _symbol(texts: Sequence[SymbolCounts]) -> SymbolFigures | None:
    reference, hypothesis = sum(text.reference for text in texts), sum(text.hypothesis for text in texts)
    if not reference or not hypothesis:
        return None
    matched = sum(text.matched for text in texts)
    precision, recall = matched / hypothesis, matched / reference
    return SymbolFigures(precision, recall, 2 * precision * recall / (precision + recall) if matched else 0.0)


def _mixes_case(text: str) -> bool:
    return text not in (text.upper(), text.lower())
