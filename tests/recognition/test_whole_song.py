"""The emission of a song recognised in overlapping pieces, frame for frame."""

from __future__ import annotations

import numpy as np
import pytest

from lyricsrec.audio.audio import Audio
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.recognition.base import Piece
from lyricsrec.recognition.whole_song import join, overlapping

VOCABULARY = Vocabulary(("-", "A"), blank=0, space=None)


def part(first: int, stop: int, mark: float) -> Emission:
    """Frames numbered as in the song, each with the mark of its piece."""
    rows = np.array([[i, mark] for i in range(first, stop)], np.float32)
    return Emission(rows, 0.5, 10.0 + first * 0.5, vocabulary=VOCABULARY)


def test_half_of_an_overlap_comes_from_each_piece() -> None:
    whole = join([part(0, 10, 1), part(6, 16, 2), part(13, 20, 3)])
    assert whole.log_probs[:, 0].tolist() == list(range(20))
    assert whole.log_probs[:, 1].tolist() == [1] * 8 + [2] * 7 + [3] * 5
    assert (whole.start_s, whole.end_s, whole.frame_s) == (10.0, 20.0, 0.5)


def test_missing_frames_repeat_the_frame_before() -> None:
    whole = join([part(0, 4, 1), part(5, 8, 2)])
    assert whole.log_probs[:, 0].tolist() == [0, 1, 2, 3, 3, 5, 6, 7]


def test_emissions_without_frames_are_skipped() -> None:
    empty = Emission(np.zeros((0, 2), np.float32), 0.5, 0.0, vocabulary=VOCABULARY)
    assert len(join([empty, part(0, 4, 1), empty]).log_probs) == 4
    assert len(join([empty]).log_probs) == 0


def test_no_emissions_are_an_error() -> None:
    with pytest.raises(ValueError, match="there are no emissions"):
        join([])


@pytest.mark.parametrize(
    ("seconds", "spans"),
    [
        (8, [(5, 13)]),
        (10, [(5, 15)]),
        (11, [(5, 15), (13, 16)]),
        (26, [(5, 15), (13, 23), (21, 31)]),
    ],
)
def test_pieces_cover_the_song(seconds: int, spans: list[tuple[int, int]]) -> None:
    voice = Audio(np.arange(seconds * 100, dtype=np.float32)[None], 100, 5.0)
    pieces = overlapping(Piece(voice, voice), 10.0, 2.0)
    assert [(piece.voice.start_s, piece.voice.end_s) for piece in pieces] == spans
    assert pieces[-1].voice.samples[0, -1] == seconds * 100 - 1
