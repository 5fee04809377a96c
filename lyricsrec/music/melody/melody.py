"""From a song to its melody: separate the vocals, track their pitch, cut it into the notes of the words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.media import Song
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.lyrics.music.harmony import Beats
from lyricsrec.lyrics.music.notes import Melody, PitchContour
from lyricsrec.lyrics.transcript import Transcript, Word
from lyricsrec.music.harmony.beats import find_beats
from lyricsrec.music.melody.notes import Voice, notes_of
from lyricsrec.music.melody.settings import MelodyConfig
from lyricsrec.music.melody.tracker import PitchTracker
from lyricsrec.separation.base import Separator


@dataclass(frozen=True)
class Tracked:
    """What was measured of a song: its voice, and the beats of its first block, None where nothing repeats."""

    voice: Voice
    beats: Beats | None = None


def track_voice(
    song: Song, separator: Separator, resample: Callable[[Audio], Audio], *, progress: Progress = SILENT
) -> Tracked:
    """The pitch of the vocals of a song, and its beats; `resample` converts audio to mono at 16 kHz.

    Raises AudioError when the song cannot be read or nobody sings, ModelError where the extra is not installed.
    """
    tracker = PitchTracker()
    beats: Beats | None = None
    for block in song.blocks():
        vocals = separator.separate(block, lambda done_s: progress.update("separating", done_s, song.duration_s)).vocals
        tracker.add(resample(vocals))
        progress.update("tracking pitch", block.end_s, song.duration_s)
        if block.start_s == 0:
            beats = find_beats(block)
        # Release the block before the next one is read.
        del block, vocals
    return Tracked(tracker.finish(song.name), beats)


def with_melody(transcript: Transcript, tracked: Tracked, config: MelodyConfig | None = None) -> Transcript:
    """The transcript with the notes of its words, and the beats of the song where it has none yet."""
    found = melody_of(tracked.voice, transcript.words, config, transcript.provenance.language)
    return replace(transcript, melody=found, beats=transcript.beats or tracked.beats)


def melody_of(
    voice: Voice, words: Sequence[Word], config: MelodyConfig | None = None, language: str | None = None
) -> Melody:
    """The melody of a voice, with the notes of words that have times; of all that is sung where there are no words.

    `language` is that of the words, by name or code, for their syllables; None is English.
    """
    config = config or MelodyConfig()
    found = notes_of(voice, words, config, language)
    return Melody(_contour(voice, words, config), found.notes, round(100 * found.tuning, 1))


def _contour(voice: Voice, words: Sequence[Word], config: MelodyConfig) -> PitchContour:
    """The pitch where it is sure and, if there are words, near one of them."""
    sung = (voice.confidence >= config.min_confidence) & _near_words(voice, words, config)
    hertz = np.where(sung, voice.hertz, 0.0)
    return PitchContour(voice.hop_s, _rounded(hertz, 2), _rounded(voice.confidence, 3))


def _near_words(voice: Voice, words: Sequence[Word], config: MelodyConfig) -> npt.NDArray[Any]:
    near = np.zeros(len(voice.hertz), bool)
    timed = [(word.start_s, word.end_s) for word in words if word.start_s is not None and word.end_s is not None]
    for start_s, end_s in timed:
        first, last = ((t / voice.hop_s) for t in (start_s - config.near_s, end_s + config.near_s))
        near[max(round(first), 0) : max(round(last), 0)] = True
    return near if timed else ~near


def _rounded(values: npt.NDArray[Any], digits: int) -> tuple[float, ...]:
    return tuple(np.round(values, digits).tolist())
