"""Reading songs from any common file, in blocks, so that memory does not grow with the length of the song."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from lyricsrec.audio.audio import Audio, Samples, rms_envelope, to_stereo
from lyricsrec.audio.sound_files import NOT_AUDIO_HINT, Source, open_source
from lyricsrec.base.errors import AudioError
from lyricsrec.base.output import display_name

_SOUND = "wav wave w64 rf64 flac ogg oga opus mp3 m4a m4b aac aif aiff aifc caf au wma mka ac3 amr ape wv"

_VIDEO = "mp4 m4v mov mkv webm avi 3gp mpg mpeg ts"

SUFFIXES = frozenset(f".{name}" for name in f"{_SOUND} {_VIDEO}".split())
"""Suffixes of the files that count as songs when a folder is given."""

SAMPLE_RATE = 44_100
"""Sample rate in Hz to which every song is resampled."""

BLOCK_S = 300.0
"""Longest stretch in memory at once; longer songs are processed in several."""

_CUT_WINDOW_S = 30.0
_SETTLE_S = 0.25
_TAIL_S = 0.5


@dataclass
class Song:
    """An opened song, read once from front to back.

    `name` is used in messages, `title` in results; `duration_s` is the duration in the file's header, None where it has
    none. `warnings` collects descriptions of damage while the song is read.
    """

    name: str
    title: str
    duration_s: float | None
    _: KW_ONLY
    _source: Source
    warnings: list[str] = field(default_factory=list)

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
        """Whether the end, according to the header's duration, cannot be read. Use instead of `blocks`."""
        return self.duration_s is not None and not self._source.has_sound_at(max(self.duration_s - _TAIL_S, 0.0))

    def excerpt(self, start_s: float, end_s: float) -> Audio:
        """The stretch between two times (seconds), in stereo at `SAMPLE_RATE`, without decoding what lies before it.

        Shorter where the song ends early; samples that are NaN or infinite become silence. Use instead of `blocks`: a
        song is read once.
        """
        # The resampler needs some samples to settle, and an MP3 decoder needs earlier frames (bit reservoir).
        lead_s = min(_SETTLE_S, start_s)
        wanted = round((lead_s + end_s - start_s) * SAMPLE_RATE)
        stereo = map(to_stereo, self._source.frames(start_s - lead_s))
        parts: list[Samples] = []
        for samples in _resampled(stereo, self._source.sample_rate):
            parts.append(samples)
            if sum(part.shape[1] for part in parts) >= wanted:
                break
        joined = np.concatenate(parts, axis=1)[:, :wanted] if parts else np.zeros((2, 0), np.float32)
        kept = np.nan_to_num(joined[:, round(lead_s * SAMPLE_RATE) :], nan=0.0, posinf=0.0, neginf=0.0)
        return Audio(kept, SAMPLE_RATE, start_s)

    def _stereo(self) -> Iterator[Samples]:
        num_read = num_bad = 0
        for samples in self._source.frames():
            with np.errstate(invalid="ignore", over="ignore"):
                folded = to_stereo(samples)
            bad = ~np.isfinite(folded)
            num_read += folded.shape[1]
            num_bad += int(bad.any(axis=0).sum())
            yield np.where(bad, np.float32(0), folded) if bad.any() else folded
        self._check(num_read, num_bad)

    def _check(self, num_read: int, num_bad: int) -> None:
        if num_read == 0:
            raise AudioError(f"{self.name}: the file contains no audio (zero samples)")
        if num_bad == num_read:
            raise AudioError(f"{self.name}: all its samples are NaN or infinite", "Export the song again.")
        if num_bad:
            self.warnings.append(f"{num_bad} samples are NaN or infinite and were replaced by silence")
        read_s = num_read / self._source.sample_rate
        if self.duration_s and read_s < 0.98 * self.duration_s - 1:
            self.warnings.append(f"the file is damaged or cut short: {read_s:.1f} s of {self.duration_s:.1f} s read")


def _resampled(stereo: Iterator[Samples], sample_rate: int) -> Iterator[Samples]:
    """Stereo samples at `SAMPLE_RATE`, resampled by libswresample in constant memory."""
    if sample_rate == SAMPLE_RATE:
        yield from stereo
        return
    import av

    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
    for samples in stereo:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
        frame.sample_rate = sample_rate
        for part in resampler.resample(frame):
            yield part.to_ndarray()
    for part in resampler.resample(None):
        yield part.to_ndarray()


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


def open_song(file: BinaryIO, name: str) -> Song:
    """Open a seekable binary file as a song.

    Raises AudioError when it is empty or contains no audio that can be decoded.
    """
    head = file.read(16)
    file.seek(0)
    if not head:
        raise AudioError(f"{name}: the file is empty")
    source = open_source(file, head, name)
    if source.sample_rate <= 0:
        raise AudioError(f"{name}: its header has no sample rate", NOT_AUDIO_HINT)
    return Song(name, Path(name).stem, source.duration_s, _source=source)


@contextlib.contextmanager
def open_path(path: Path) -> Iterator[Song]:
    """Open a song on disk; close it at the end of the `with` block.

    Raises AudioError when it does not exist, is a folder, cannot be opened, or contains no audio.
    """
    name = display_name(path)
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise AudioError(f"{name}: no such file") from None
    except IsADirectoryError:
        raise AudioError(f"{name}: this is a folder") from None
    except OSError as error:
        raise AudioError(f"{name}: cannot be opened ({error.strerror})") from None
    with file:
        yield open_song(file, name)
