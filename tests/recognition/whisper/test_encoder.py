"""The language of a song, from those of its pieces."""

from __future__ import annotations

import numpy as np
import pytest

from lyricsrec.audio.audio import Audio
from lyricsrec.recognition.base import FoundLanguage, Piece
from lyricsrec.recognition.whisper.encoder import loudest, most_likely


def test_the_language_is_the_one_that_is_possible_in_all_pieces() -> None:
    # Two of three pieces are surely English; the third excludes it.
    pieces = [{"en": 0.9, "de": 0.1}, {"en": 0.9, "de": 0.1}, {"en": 1e-6, "de": 1 - 1e-6}]
    found = most_likely(pieces)
    assert found.code == "de"
    english, german = (0.81e-6) ** (1 / 3), 0.01 ** (1 / 3)
    assert found.probability == pytest.approx(german / (german + english), abs=1e-3)
    assert found.is_sure


def test_pieces_that_disagree_give_no_sure_language() -> None:
    found = most_likely([{"en": 0.8, "de": 0.1, "nn": 0.1}, {"en": 0.1, "de": 0.8, "nn": 0.1}])
    assert found == FoundLanguage("en", pytest.approx(0.4249, abs=1e-3))
    assert not found.is_sure


def test_the_language_is_sought_where_the_vocals_are_loudest() -> None:
    def piece(level: float) -> Piece:
        sound = Audio(np.full((1, 100), level, np.float32), 16_000)
        return Piece(sound, sound)

    assert loudest([piece(level) for level in (0.1, 0.9, 0.0, 0.8, 0.7, 0.2, 0.6, 0.5)]) == [1, 3, 4, 5, 6, 7]
    assert loudest([piece(level) for level in (0.1, 0.9, 0.8, 0.7)], 2) == [1, 2]
    nothing = Audio(np.zeros((1, 0), np.float32), 16_000)
    assert loudest([Piece(nothing, nothing)]) == [0]
