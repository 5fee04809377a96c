"""HTML page of validation chunks: the reference, the hypothesis of each decoder with its errors, and a player."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import jiwer

from lyricsrec.base.html import render
from lyricsrec.base.output import write_text
from lyricsrec.training.log.metrics import Prediction, ValidationMetrics


@dataclass(frozen=True)
class Span:
    """Some words of a hypothesis: correct, wrong (not in the reference), or missing from it."""

    text: str
    kind: Literal["correct", "wrong", "missing"]


def write_predictions(metrics: ValidationMetrics, page: Path) -> None:
    """Write the page, one file that loads nothing but the audio files. Raises OutputError when it cannot be written."""
    values = {"metrics": metrics, "audio_url": _audio_url, "spans": _spans}
    write_text(page, render(__package__, values, "predictions", media="file:"))


def _audio_url(prediction: Prediction) -> str:
    return f"{Path(prediction.audio).as_uri()}#t={prediction.start_s:.2f},{prediction.end_s:.2f}"


def _spans(reference: str, hypothesis: str) -> Iterator[Span]:
    """A hypothesis, aligned with its reference."""
    expected, found = reference.split(), hypothesis.split()
    if not expected:
        yield Span(hypothesis, "correct")
        return
    for chunk in jiwer.process_words(reference, hypothesis).alignments[0]:
        words = " ".join(found[chunk.hyp_start_idx : chunk.hyp_end_idx])
        if chunk.type == "equal":
            yield Span(words, "correct")
            continue
        if missing := " ".join(expected[chunk.ref_start_idx : chunk.ref_end_idx]):
            yield Span(missing, "missing")
        if words:
            yield Span(words, "wrong")
