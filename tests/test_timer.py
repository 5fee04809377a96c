"""The stage that times words: what it leaves alone, and the built-in model on real singing."""

from __future__ import annotations

import pytest
from conftest import EXAMPLES, chord, sing

from lyricsrec import Pipeline
from lyricsrec.alignment.heard import HeardConfig
from lyricsrec.audio import Audio
from lyricsrec.emission import Emission
from lyricsrec.recognize import Heard, Piece
from lyricsrec.timer import AlignedTimer
from lyricsrec.transcript import Word

WORDS = (Word("The", 1.8, 2.1, 0.5), Word("river", 2.6, 2.8, 0.5))


class Listening:
    """Hears "the river" at 2 s, and counts how often it is asked, and loaded."""

    def __init__(self) -> None:
        self.heard: list[Audio] = []
        self.num_loaded = 0

    def load(self) -> Listening:
        self.num_loaded += 1
        return self

    def emission(self, piece: Audio) -> Emission:
        self.heard.append(piece)
        return sing([(2.0, "the river")], 4.0)


def piece() -> Piece:
    sound = Audio(chord(4.0, 16_000, 1).T.copy(), 16_000, 0.0)
    return Piece(sound, sound)


def test_words_are_timed_by_what_the_model_hears() -> None:
    listening = Listening()
    timer = AlignedTimer("planted", listening.load, "en", HeardConfig())
    for _ in range(2):
        timed = timer.time(Heard(WORDS, (), "en"), piece())
        assert [(word.text, word.start_s) for word in timed] == [("The", 2.0), ("river", 2.4)]
    assert (len(listening.heard), listening.num_loaded) == (2, 1)


@pytest.mark.parametrize("heard", [Heard((), (), "en"), Heard(WORDS, (), "de"), Heard(WORDS)])
def test_nothing_is_loaded_for_nothing(heard: Heard) -> None:
    listening = Listening()
    timer = AlignedTimer("planted", listening.load, "en", HeardConfig())
    assert timer.time(heard, piece()) == heard.words
    assert listening.num_loaded == 0


def test_real_singing_is_timed() -> None:
    pipeline = Pipeline.from_preset("offline", offline=True)
    transcript = pipeline.transcribe(EXAMPLES / "on_the_run_verse.flac")
    print([(w.text, w.start_s, w.end_s) for w in transcript.words])
