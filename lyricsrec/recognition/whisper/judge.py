"""Which of the recognised texts were sung: only what is almost certainly a hallucination or a loop is dropped."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from lyricsrec.recognition.base import Piece
from lyricsrec.recognition.whisper.evidence import ScoredWord, TextScore
from lyricsrec.recognition.whisper.settings import WhisperConfig

log = logging.getLogger(__name__)


class Witnesses(Protocol):
    """What can be asked about a doubtful text of a piece."""

    def voice_db(self, piece: Piece, spans: Sequence[tuple[float, float]]) -> float:
        """Level of the vocals relative to the mix over spans, in seconds from the start of the piece, in dB."""


class Judge:
    """Decides by evidence in the audio: Whisper's own, and the level of the vocals where it is weak."""

    def __init__(self, config: WhisperConfig, witnesses: Witnesses) -> None:
        self._config, self._witnesses = config, witnesses

    def kept(self, pieces: Sequence[Piece], scores: Sequence[TextScore]) -> list[tuple[ScoredWord, ...]]:
        """The words of each piece that were sung."""
        config = self._config
        sung = [bool(score.words) and self._is_sung(piece, score) for piece, score in zip(pieces, scores, strict=True)]
        num_words = sum(len(score.words) for score in scores)
        num_kept = sum(len(score.words) for score, keep in zip(scores, sung, strict=True) if keep)
        if num_kept < config.min_share * num_words:
            log.debug("%d of %d words kept: probably an instrumental", num_kept, num_words)
            sung = [keep and self.is_sure(score) for score, keep in zip(scores, sung, strict=True)]
        return [
            score.without_weak_runs(config.loop_words, config.loop_evidence) if keep else ()
            for score, keep in zip(scores, sung, strict=True)
        ]

    def is_sure(self, score: TextScore) -> bool:
        """Whether Whisper's own evidence is enough."""
        return score.evidence >= self._config.sure_evidence

    def _is_sung(self, piece: Piece, score: TextScore) -> bool:
        config = self._config
        if self.is_sure(score):
            return True
        if score.evidence < config.min_evidence:
            return False
        spans = [(word.start_s, word.end_s) for word in score.words]
        return self._witnesses.voice_db(piece, spans) >= config.min_voice_db


def note_on_dropped(start_s: float, end_s: float, text: str) -> str:
    """What to tell the user of a text that was dropped."""
    shown = text if len(text) <= 60 else text[:60].rsplit(" ", 1)[0] + " ..."
    return f'{start_s:.1f}-{end_s:.1f} s: dropped "{shown}": likely a hallucination or a loop (low acoustic evidence)'
