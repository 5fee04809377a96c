"""The notes of words: the voice between a word's times, cut into one note or more for each of its syllables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace

import numpy as np
import numpy.typing as npt

from lyricsrec.lyrics.music.notes import HELD, Note, hertz_of
from lyricsrec.lyrics.music.syllables import syllables
from lyricsrec.lyrics.transcript import Word
from lyricsrec.music.melody.segmentation import Frames, Segment, segment
from lyricsrec.music.melody.settings import MelodyConfig
from lyricsrec.music.melody.tuning import in_range, tuning_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Voice:
    """What was measured of a voice in frames of `hop_s` seconds.

    `hertz` is its pitch, `confidence` (0 to 1) how sure it is that one is sung, `onset` how strongly sound begins.
    """

    hertz: Floats
    confidence: Floats
    onset: Floats
    _: KW_ONLY
    hop_s: float


@dataclass(frozen=True)
class _Stretch:
    """Frames in which a word is sung, or any voice: up to `last`; its syllables, number and times."""

    first: int
    last: int
    _: KW_ONLY
    syllables: tuple[str, ...] = ()
    word: int | None = None
    start_s: float = 0.0
    end_s: float = math.inf


@dataclass(frozen=True)
class FoundNotes:
    """The notes of a song, and its tuning in semitones from A4 = 440 Hz."""

    notes: tuple[Note, ...]
    tuning: float


def notes_of(voice: Voice, words: Sequence[Word], config: MelodyConfig, language: str | None = None) -> FoundNotes:
    """The notes of words with times, in order and without overlaps; of all that is sung where there are no words.

    A word without any pitch gets the pitch of the note beside it, with `hertz` 0.
    """
    frames = _frames_of(voice, config)
    if not words:
        config = replace(config, step_cost=config.free_step_cost, onset_gain=config.free_onset_gain)
    stretches = list(_word_stretches(words, frames, config, language) if words else _voiced_stretches(frames, config))
    inside = np.zeros(len(frames), bool)
    for stretch in stretches:
        inside[stretch.first : stretch.last] = True
    tuning = tuning_of(frames.midi, frames.weight * inside)
    midi = in_range(frames.midi, frames.weight * inside)
    frames = Frames(midi, frames.weight, frames.onset, hop_s=frames.hop_s)
    notes = [note for stretch in stretches for note in _notes_in(stretch, frames, config, tuning)]
    return FoundNotes(tuple(_with_pitches(_without_overlaps(notes, frames.hop_s))), tuning)


def _without_overlaps(notes: Sequence[Note], hop_s: float) -> list[Note]:
    """Notes of which each ends before the next one begins, and is a frame long at least."""
    starts: list[float] = []
    for note in notes:
        starts.append(max(note.start_s, starts[-1] + hop_s) if starts else note.start_s)
    nexts = [*starts, math.inf][1:]
    return [
        replace(note, start_s=round(start_s, 3), end_s=round(min(max(note.end_s, start_s + hop_s), next_s), 3))
        for note, start_s, next_s in zip(notes, starts, nexts, strict=True)
    ]


def _with_pitches(notes: Sequence[Note]) -> Iterator[Note]:
    """Notes without a pitch with that of the note that is nearest in time."""
    known = [note for note in notes if note.hertz > 0]
    for note in notes:
        if note.hertz > 0 or not known:
            yield note
        else:
            nearest = min(known, key=lambda other: max(other.start_s - note.end_s, note.start_s - other.end_s))
            yield replace(note, pitch=nearest.pitch)


def _frames_of(voice: Voice, config: MelodyConfig) -> Frames:
    is_voiced = (voice.hertz > 0) & (voice.confidence >= config.min_confidence * _LEAST_SHARE)
    midi = 69 + 12 * np.log2(np.where(is_voiced, voice.hertz, 440.0) / 440)
    strong = np.percentile(voice.onset[is_voiced], _STRONG_PERCENT) if is_voiced.any() else 1.0
    onset = np.clip(voice.onset / max(float(strong), 1e-9), 0, 1)
    # Only the frames where the strength is highest count.
    padded = np.pad(onset, 2)
    around = np.max([padded[i : i + len(onset)] for i in range(5)], axis=0)
    return Frames(midi, voice.confidence * is_voiced, np.where(onset >= around, onset, 0.0), hop_s=voice.hop_s)


_STRONG_PERCENT = 99
_LEAST_SHARE = 0.4
"""Frames of so little of the least confidence count where a word has no others, and little elsewhere."""
_END_SHARE = 0.75


def _word_stretches(
    words: Sequence[Word], frames: Frames, config: MelodyConfig, language: str | None
) -> Iterator[_Stretch]:
    """The frames of each word that has times, without those of the word before."""
    before, before_s = 0, 0.0
    for number, word in enumerate(words):
        if word.start_s is None or word.end_s is None:
            continue
        start_s = max(word.start_s, before_s)
        first = max(round((start_s + config.lag_s) / frames.hop_s), before)
        last = min(round((word.end_s + config.lag_s) / frames.hop_s), len(frames))
        if last > first:
            parts = syllables(word.text, language)
            yield _Stretch(first, last, syllables=parts, word=number, start_s=start_s, end_s=word.end_s)
            before, before_s = last, word.end_s


def _voiced_stretches(frames: Frames, config: MelodyConfig) -> Iterator[_Stretch]:
    """The stretches between pauses of the voice."""
    voiced = np.flatnonzero(frames.weight >= config.min_confidence)
    if not len(voiced):
        return
    cuts = np.flatnonzero(np.diff(voiced) * frames.hop_s > config.pause_s)
    for first, last in zip([0, *(cuts + 1)], [*cuts, len(voiced) - 1], strict=True):
        yield _Stretch(int(voiced[first]), int(voiced[last]) + 1)


def _notes_in(stretch: _Stretch, frames: Frames, config: MelodyConfig, tuning: float) -> Iterator[Note]:
    """The notes of one word; the first begins with the word unless the voice is late, the last ends with the voice.

    Several syllables share all the time of the word: some are too short or too quiet for a pitch.
    """
    part = frames.part(stretch.first, stretch.last)
    voiced = np.flatnonzero(part.weight >= min(config.min_confidence, part.weight.max(initial=0.0)))
    if not part.weight.any():
        voiced = np.arange(len(part))
    begin, end = int(voiced[0]), int(voiced[-1]) + 1
    has_several = len(stretch.syllables) > 1
    is_late = stretch.word is None or (begin * frames.hop_s > config.late_s and not has_several)
    begin = begin if is_late else 0
    end = len(part) if has_several else end
    sung = part.part(begin, end)
    segments = segment(sung, tuple(float(len(text)) for text in stretch.syllables), config, tuning)
    for number, (found, text) in enumerate(zip(segments, _texts(segments, stretch.syllables), strict=True)):
        midi = _sung_pitch(sung, found, tuning)
        start_s = (stretch.first + begin + found.first) * frames.hop_s
        if number == 0 and not is_late:
            start_s = stretch.start_s
        yield Note(
            text,
            start_s,
            min((stretch.first + begin + _voiced_end(sung, found)) * frames.hop_s, stretch.end_s),
            pitch=found.pitch,
            hertz=0.0 if midi is None else round(hertz_of(midi), 2),
            word=stretch.word,
        )


def _texts(segments: Sequence[Segment], parts: Sequence[str]) -> list[str]:
    """The syllable of each note; the last takes what is left where there are fewer notes than syllables."""
    if not parts:
        return [""] * len(segments)
    num_begun = sum(found.begins for found in segments)
    left = [*parts[: num_begun - 1], "".join(parts[num_begun - 1 :])]
    return [left.pop(0) if found.begins else HELD for found in segments]


def _voiced_end(frames: Frames, found: Segment) -> int:
    """Where the voice of a note ends: it dies away where its pitch is much less sure than at the surest frame."""
    weight = frames.weight[found.first : found.last]
    voiced = np.flatnonzero((weight > 0) & (weight >= _END_SHARE * weight.max(initial=0.0)))
    return found.first + int(voiced[-1]) + 1 if len(voiced) else found.last


def _sung_pitch(frames: Frames, found: Segment, tuning: float) -> float | None:
    """The median pitch of the frames near the pitch of a note, without its first and last fifth; None without any."""
    length = found.last - found.first
    margin = length // 5
    for cut in (slice(found.first + margin, found.last - margin), slice(found.first, found.last)):
        near = (frames.weight[cut] > 0) & (np.abs(frames.midi[cut] - found.pitch - tuning) <= 1)
        if near.any():
            return float(np.median(frames.midi[cut][near]))
    return None
