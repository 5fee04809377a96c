"""Scores of texts: shares of votes, and confidences averaged over the passes."""

from __future__ import annotations

import pytest

from lyricsrec.recognition.whisper.evidence import ScoredWord, TextScore


def score(**confidences: float) -> TextScore:
    words = (ScoredWord(word, i, i + 1, confidence=c, evidence=1.0) for i, (word, c) in enumerate(confidences.items()))
    return TextScore(-0.5, 1.0, tuple(words))


def test_confidences_are_averaged_over_the_passes_that_have_the_word() -> None:
    voted = score(So=0.001, far=0.5, away=0.3)
    averaged = voted.averaged_over([score(so=0.9, very=0.1, far=0.8), score(far=0.2)])
    assert [word.confidence for word in averaged.words] == [pytest.approx(c) for c in (0.9, 0.4, 0.3)]
    assert averaged.text == "So far away"
    assert [word.confidence for word in score(far=0.7).averaged_over([score(far=0.7)]).words] == [pytest.approx(0.7)]
    assert score().averaged_over([score(far=0.7)]).words == ()
