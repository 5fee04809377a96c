"""Paths, vocabularies and chords from the probabilities of a network that is always right."""

from __future__ import annotations

import numpy as np
import pytest

from lyricsrec.lyrics.music.harmony import Beats, Key
from lyricsrec.music.harmony.chords.decode import best_path, stretches, summed
from lyricsrec.music.harmony.chords.find import Evidence, decode
from lyricsrec.music.harmony.chords.network import HEADS
from lyricsrec.music.harmony.chords.settings import ChordConfig
from lyricsrec.music.harmony.chords.vocabulary import VOCABULARIES, labels_of, score

_TRIADS = ("maj", "min", "sus4", "sus2", "dim", "aug")
_HOP_S = 512 / 22_050


def evidence(*chords: tuple[int, str, int, int, int], frames: int = 50, beats: Beats | None = None) -> Evidence:
    """So many frames of each (root, triad, bass, seventh, ninth), of which the network is 90 % sure."""
    heads = [np.full((frames * len(chords), classes), 0.1 / (classes - 1), np.float32) for classes in HEADS]
    for number, (root, triad, bass, seventh, ninth) in enumerate(chords):
        rows = slice(number * frames, (number + 1) * frames)
        parts = (1 + 12 * _TRIADS.index(triad) + root, 1 + bass, seventh, ninth, 0, 0)
        for head, part in zip(heads, parts, strict=True):
            head[rows, part] = 0.9
    key = Key("D", "major")
    return Evidence([np.log(h) for h in heads], frames * len(chords) * _HOP_S, key=key, beats=beats)


SONG = evidence((2, "maj", 2, 0, 0), (6, "min", 6, 2, 0), (7, "maj", 11, 0, 0), (9, "maj", 9, 2, 1))


@pytest.mark.parametrize(
    ("vocabulary", "labels"),
    [
        ("majmin", ["D:maj", "F#:min", "G:maj", "A:maj"]),
        ("sevenths", ["D:maj", "F#:min7", "G:maj", "A:7"]),
        ("full", ["D:maj", "F#:min7", "G:maj/3", "A:9"]),
    ],
)
def test_chords_of_a_vocabulary(vocabulary: str, labels: list[str]) -> None:
    found = decode(SONG, ChordConfig(vocabulary=vocabulary))
    assert [chord.label for chord in found.chords] == labels
    borders = [0, *((n - 0.5) * _HOP_S for n in (50, 100, 150)), 200 * _HOP_S]
    np.testing.assert_allclose([c.start_s for c in found.chords], borders[:-1], atol=0.001)
    np.testing.assert_allclose([c.end_s for c in found.chords], borders[1:], atol=0.001)
    assert all(chord.confidence is not None and chord.confidence > 0.8 for chord in found.chords)


def test_transposed_chords_are_named_as_in_their_key() -> None:
    found = decode(SONG, ChordConfig(transpose=1))
    assert found.key is not None
    assert found.key.name == "Eb major"
    assert [chord.symbol() for chord in found.chords] == ["Eb", "Gm7", "Ab", "Bb7"]


def test_chords_change_on_beats_only() -> None:
    beats = Beats(100, (0.4, 1.0, 1.6, 2.2, 2.8, 3.4, 4.0, 4.6))
    found = decode(
        evidence(*((r, "maj", r, 0, 0) for r in (0, 5, 7, 0)), beats=beats), ChordConfig(snaps_to_beats=True)
    )
    np.testing.assert_allclose([c.start_s for c in found.chords], [0, 1.0, 2.2, 3.4], atol=_HOP_S)
    assert [chord.label for chord in found.chords] == ["C:maj", "F:maj", "G:maj", "C:maj"]


def test_a_change_has_a_price() -> None:
    scores = np.log(np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.1]], np.float32))
    assert best_path(scores, 0.0).tolist() == [0, 1, 0]
    assert best_path(scores, 1.0).tolist() == [0, 0, 0]
    assert best_path(scores[:0], 1.0).tolist() == []
    np.testing.assert_allclose(summed(scores, np.array([0, 2])), [scores[:2].sum(axis=0), scores[2]], rtol=1e-6)
    assert stretches(np.array([4, 4, 1, 4])) == [(0, 2), (2, 3), (3, 4)]
    assert stretches(np.array([], np.int64)) == []


def test_every_chord_of_a_vocabulary_has_its_column() -> None:
    heads = [np.zeros((1, classes), np.float32) for classes in HEADS]
    for vocabulary, kinds in VOCABULARIES.items():
        labels = labels_of(vocabulary, ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"])
        assert len(labels) == len(set(labels)) == 1 + 12 * len(kinds) == score(vocabulary, heads).shape[1]


@pytest.mark.slow
def test_labels_are_known_to_mir_eval() -> None:
    import mir_eval

    for vocabulary in VOCABULARIES:
        for label in labels_of(vocabulary, ("C", "F#", "Bb")):
            mir_eval.chord.encode(label)
