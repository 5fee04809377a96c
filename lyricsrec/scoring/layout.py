"""What written lyrics have beside words: case, punctuation, parentheses, line and section breaks, by alt-eval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lyricsrec.scoring.figures import LayoutFigures, SymbolFigures
from lyricsrec.scoring.protocol import rich_tokens

_SYMBOLS = {"punctuation": "punc", "parentheses": "pare", "line_breaks": "line", "section_breaks": "sect"}


def layout_figures(references: Sequence[str], hypotheses: Sequence[str], languages: Sequence[str]) -> LayoutFigures:
    """The figures of texts, pooled. What the references or the hypotheses do not have at all is None.

    Symbols: precision, recall and F1 as alt-eval has them. Case: where both have small letters and capitals.
    """
    from alt_eval.metrics import compute_other_metrics, compute_word_metrics

    right, heard = (
        [rich_tokens(text, language) for text, language in zip(texts, languages, strict=True)]
        for texts in (references, hypotheses)
    )
    symbols = compute_other_metrics(right, heard)
    mixed = _mixes_case(references) and _mixes_case(hypotheses)
    return LayoutFigures(
        case_errors=compute_word_metrics(right, heard)["ER_case"] if mixed else None,
        **{name: _symbol(symbols, tag) for name, tag in _SYMBOLS.items()},
    )


def _symbol(found: dict[str, Any], tag: str) -> SymbolFigures | None:
    precision, recall, f1 = (found[f"{figure}_{tag}"] for figure in ("P", "R", "F1"))
    return None if math.isnan(precision) or math.isnan(recall) else SymbolFigures(precision, recall, f1)


def _mixes_case(texts: Sequence[str]) -> bool:
    return any(text != text.upper() and text != text.lower() for text in texts)
