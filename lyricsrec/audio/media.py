"""Reading songs from any common file, in blocks, so that memory does not grow with the length of the song."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from lyricsrec.audio.audio import Audio, Samples, rms_envelope
from lyricsrec.audio.files.pcm import Resampler
from lyricsrec.audio.files.source import Source
from lyricsrec.audio.files.tracks import Track, listed
from lyricsrec.base.errors import AudioError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import open_input
from lyricsrec.lyrics.transcript import Tags

NOT_AUDIO_HINT = "Is it an audio or video file? `ffprobe` shows its contents."

_SOUND = "wav wave w64 rf64 flac ogg oga opus mp3 m4a m4b aac aif aiff aifc caf au wma mka ac3 amr ape wv weba"

_VIDEO = "mp4 m4v mov mkv webm avi 3gp mpg mpeg ts"

SUFFIXES = frozenset(f".{name}" for name in f"{_SOUND} {_VIDEO}".split())
"""Suffixes of the files that count as songs when a folder is given."""

SAMPLE_RATE = 44_100
"""Sample rate in Hz to which every song is resampled."""

BLOCK_S = 300.0
"""Longest stretch in memory at once; longer songs are processed in several."""

_CUT_WINDOW_S = 30.0
_SETTLE_S = 0.25
_MOST_LOST, _MOST_LOST_S = 0.01, 0.5


@dataclass
class Song:
    """An opened song.

    `name` is used in messages, `title` in results. `warnings` describes, once the song is read, what may surprise:
    several sound tracks, and damage.
    """

    name: str
    title: str
    _: KW_ONLY
    _source: Source
    warnings: list[str] = field(default_factory=list)

    @property
    def duration_s(self) -> float:
        """Where the sound ends, in seconds: all packets are counted at the first call, and nothing is decoded."""
        return self._source.duration_s

    @property
    def tags(self) -> Tags:
        """Title, artist and album, where the tags of the file give them."""
        return self._source.tags

    @property
    def has_simple_clock(self) -> bool:
        """Whether any player has the times of this song: one track, no holes, places found by arithmetic."""
        return self._source.has_simple_clock

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The sound tracks of the file."""
        return self._source.tracks

    @property
    def track(self) -> Track:
        """The sound track that is read."""
        return self._source.track

    def blocks(self, block_s: float = BLOCK_S) -> Iterator[Audio]:
        """Stereo stretches at `SAMPLE_RATE` of at most `block_s` seconds, without gap or overlap between them.

        A longer song is cut at the quietest position within the last 30 s of each block. Samples that are NaN or
        infinite become silence.

        Raises AudioError when the song has no samples, or only invalid ones.
        """
        buffer = _Buffer(SAMPLE_RATE, block_s)
        position = 0
        for samples in _resampled(self._stereo(), self._source.sample_rate):
            for block in buffer.push(samples):
                position += block.shape[1]
                yield Audio(block, SAMPLE_RATE, (position - block.shape[1]) / SAMPLE_RATE)
                # Release the block before the next one is read.
                del block
        rest = buffer.rest()
        if rest.shape[1]:
            yield Audio(rest, SAMPLE_RATE, position / SAMPLE_RATE)

    def is_cut_short(self) -> bool:
        """Whether sound that the header states is missing at the end; nothing is decoded."""
        return self._source.promise.is_broken_by(self.duration_s)

    def excerpt(self, start_s: float, end_s: float) -> Audio:
        """The stretch between two times (seconds), in stereo at `SAMPLE_RATE`, without decoding what lies before it.

        Shorter where the song ends early; samples that are NaN or infinite become silence.
        """
        # The resampler needs some samples to settle.
        lead_s = min(_SETTLE_S, start_s)
        wanted = round((lead_s + end_s - start_s) * SAMPLE_RATE)
        parts: list[Samples] = []
        for samples in _resampled(self._source.frames(start_s - lead_s), self._source.sample_rate):
            parts.append(samples)
            if sum(part.shape[1] for part in parts) >= wanted:
                break
        joined = np.concatenate(parts, axis=1)[:, :wanted] if parts else np.zeros((2, 0), np.float32)
        kept = np.nan_to_num(joined[:, round(lead_s * SAMPLE_RATE) :], nan=0.0, posinf=0.0, neginf=0.0)
        return Audio(kept, SAMPLE_RATE, start_s)

    def _stereo(self) -> Iterator[Samples]:
        num_read = num_bad = 0
        for samples in self._source.frames():
            bad = ~np.isfinite(samples)
            num_read += samples.shape[1]
            num_bad += int(bad.any(axis=0).sum())
            yield np.where(bad, np.float32(0), samples) if bad.any() else samples
        self._check(num_read, num_bad)

    def _check(self, num_read: int, num_bad: int) -> None:
        if num_read == 0:
            raise AudioError(f"{self.name}: the file contains no audio (zero samples)")
        if num_bad == num_read:
            raise AudioError(f"{self.name}: all its samples are NaN or infinite", "Export the song again.")
        self.warnings += [*self._about_samples(num_bad), *self._about_damage()]

    def _about_samples(self, num_bad: int) -> Iterator[str]:
        if num_bad:
            yield f"{num_bad} samples are NaN or infinite and were replaced by silence"

    def _about_damage(self) -> Iterator[str]:
        end_s, promise = self._source.end_s, self._source.promise
        if promise.is_broken_by(end_s):
            of = f" of {promise.length_s:.1f} s" if promise.length_s and promise.length_s > end_s else ""
            yield f"the file is damaged or cut short: {end_s:.1f} s{of} read"
        if self._source.lost_s > _MOST_LOST_S + _MOST_LOST * end_s:
            yield f"the file is damaged: {self._source.lost_s:.1f} s of its sound cannot be decoded"


def _resampled(stereo: Iterator[Samples], sample_rate: int) -> Iterator[Samples]:
    """Stereo samples at `SAMPLE_RATE`."""
    if sample_rate == SAMPLE_RATE:
        yield from stereo
        return
    resampler = Resampler(sample_rate, SAMPLE_RATE)
    for samples in stereo:
        yield resampler.push(samples)
    yield resampler.end()


class _Buffer:
    """Collects samples in one array and returns them in blocks cut at quiet positions."""

    def __init__(self, sample_rate: int, block_s: float) -> None:
        self._sample_rate = sample_rate
        self._capacity = max(round(block_s * sample_rate), 1)
        self._samples = self._empty()
        self._filled = 0

    def push(self, samples: Samples) -> Iterator[Samples]:
        while samples.shape[1]:
            taken = samples[:, : self._capacity - self._filled]
            self._grow(self._filled + taken.shape[1])
            self._samples[:, self._filled : self._filled + taken.shape[1]] = taken
            self._filled += taken.shape[1]
            samples = samples[:, taken.shape[1] :]
            if self._filled == self._capacity:
                yield self._take(self._quietest())

    def rest(self) -> Samples:
        return self._take(self._filled)

    def _grow(self, needed: int) -> None:
        if needed > self._samples.shape[1]:
            grown = np.empty((2, min(max(needed, 2 * self._samples.shape[1]), self._capacity)), np.float32)
            grown[:, : self._filled] = self._samples[:, : self._filled]
            self._samples = grown

    def _quietest(self) -> int:
        window = min(round(_CUT_WINDOW_S * self._sample_rate), self._filled // 2)
        start = self._filled - window
        hop = max(self._sample_rate // 100, 1)
        loudness = rms_envelope(self._samples[:, start : self._filled].mean(axis=0), 10 * hop, hop)
        return start + max(int(np.argmin(loudness[:-1])) * hop, 1)

    def _take(self, count: int) -> Samples:
        taken, kept = self._samples[:, :count], self._samples[:, count : self._filled]
        self._samples, self._filled = self._empty(), 0
        self._grow(kept.shape[1])
        self._samples[:, : kept.shape[1]] = kept
        self._filled = kept.shape[1]
        return taken

    def _empty(self) -> Samples:
        return np.empty((2, min(self._capacity, 60 * self._sample_rate)), np.float32)


def open_song(file: BinaryIO, name: str, *, track: int | str | None = None) -> Song:
    """Open a seekable binary file as a song; of several sound tracks, the default one or that of a number or language.

    Raises AudioError when it is empty, contains no audio that can be decoded, or has no such track.
    """
    import av

    file.seek(0)
    if not file.read(1):
        raise AudioError(f"{name}: the file is empty")
    try:
        source = Source(file, track)
    except AudioError as error:
        raise AudioError(f"{name}: {error}", error.hint) from None
    except (av.error.FFmpegError, OSError, ValueError):
        raise AudioError(f"{name}: not an audio file, or too damaged to read", NOT_AUDIO_HINT) from None
    song = Song(name, Path(name).stem, _source=source)
    if len(song.tracks) > 1 and track is None:
        song.warnings.append(
            f"of {len(song.tracks)} sound tracks, {listed(song.tracks)}, number {song.track.number} is read"
        )
    return song


@contextlib.contextmanager
def open_path(path: Path, *, track: int | str | None = None) -> Iterator[Song]:
    """Open a song on disk as `open_song` does; close it at the end of the `with` block.

    Raises AudioError also when it does not exist, is a folder, or cannot be opened.
    """
    name = display_name(path)
    try:
        file = open_input(path)
    except FileNotFoundError:
        raise AudioError(f"{name}: no such file") from None
    except IsADirectoryError:
        raise AudioError(f"{name}: this is a folder") from None
    except OSError as error:
        raise AudioError(f"{name}: cannot be opened ({error.strerror})") from None
    with file:
        yield open_song(file, name, track=track)
