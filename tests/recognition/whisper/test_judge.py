"""What is kept of the recognised texts, for evidence that is planted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from lyricsrec.audio.audio import Audio
from lyricsrec.recognition.base import Piece
from lyricsrec.recognition.whisper.evidence import ScoredWord, TextScore
from lyricsrec.recognition.whisper.judge import Judge
from lyricsrec.recognition.whisper.settings import WhisperConfig

SOUND = Audio(np.zeros((1, 160), np.float32), 16_000)
PIECE = Piece(SOUND, SOUND)


class Planted:
    """Answers with what is planted; counts the questions."""

    def __init__(self, voice_db: float) -> None:
        self.answer, self.asked = voice_db, 0

    def voice_db(self, piece: Piece, spans: Sequence[tuple[float, float]]) -> float:
        self.asked += 1
        return self.answer


def text(*evidence: float, words: str = "") -> TextScore:
    names = words.split() or [str(i) for i in range(len(evidence))]
    scored = tuple(
        ScoredWord(name, i, i + 1, confidence=0.5, evidence=e)
        for i, (name, e) in enumerate(zip(names, evidence, strict=True))
    )
    return TextScore(-0.5, float(np.mean(evidence)) if evidence else 0.0, scored)


def kept(witnesses: Planted, *scores: TextScore, **config: float) -> list[str]:
    judge = Judge(WhisperConfig(**config), witnesses)  # type: ignore[arg-type]
    words = judge.kept([PIECE] * len(scores), scores)
    return [" ".join(word.text for word in each) for each in words]


def test_a_sure_text_is_kept_and_no_other_model_is_asked() -> None:
    witnesses = Planted(-99.0)
    assert kept(witnesses, text(4.0, 3.5), text()) == ["0 1", ""]
    assert witnesses.asked == 0


@pytest.mark.parametrize(
    ("evidence", "voice_db", "expected"),
    [
        (3.0, -14.0, "0"),  # doubtful, but there is a voice
        (3.0, -16.0, ""),  # no voice there, whatever the model says
        (0.8, -3.0, "0"),
        (0.7, -3.0, ""),  # a text that any sound would have
    ],
)
def test_doubtful_texts_are_judged_by_evidence_and_voice(evidence: float, voice_db: float, expected: str) -> None:
    assert kept(Planted(voice_db), text(evidence), text(9.0, 9.0, 9.0)) == [expected, "0 1 2"]


def test_where_nearly_all_was_invented_doubtful_texts_are_dropped_too() -> None:
    class OneVoice(Planted):
        def voice_db(self, piece: Piece, spans: Sequence[tuple[float, float]]) -> float:
            return -5.0 if len(spans) == 2 else -40.0

    scores = [text(2.0, 2.0), text(2.0, 2.0, 2.0, 2.0, 2.0)]
    assert kept(OneVoice(0.0), *scores) == ["", ""]
    assert kept(OneVoice(0.0), *scores, min_share=0.2) == ["0 1", ""]
    assert kept(OneVoice(0.0), text(4.0), text(2.0, 2.0), text(0.5, 0.5, 0.5)) == ["0", "0 1", ""]


def test_loops_in_a_kept_text_are_dropped() -> None:
    score = text(9, 9, 9, 0.3, 0.1, 0.2, 9, 0.1, 9)
    assert kept(Planted(0.0), score, loop_words=3) == ["0 1 2 6 7 8"]
    assert kept(Planted(0.0), score, loop_words=10) == ["0 1 2 3 4 5 6 7 8"]
