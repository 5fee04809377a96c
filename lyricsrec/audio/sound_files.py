"""Decoding audio files from the start or from any time: with libsndfile where possible, else with ffmpeg.

libsndfile (through soundfile) reads WAV, FLAC, Ogg and MP3; PyAV, which contains its own ffmpeg, reads the rest,
including video.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import BinaryIO, Protocol

import numpy as np

from lyricsrec.audio.audio import Samples
from lyricsrec.base.errors import AudioError

NOT_AUDIO_HINT = "Is it an audio or video file? `ffprobe` shows its contents."

_READ_FRAMES = 1 << 16
_MAGIC = (b"RIFF", b"RIFX", b"RF64", b"fLaC", b"OggS", b"FORM", b"ID3", b".snd", b"caff", b"riff")


class Source(Protocol):
    """An opened file: its sample rate in Hz, and the duration in its header (None where it has none)."""

    sample_rate: int
    duration_s: float | None

    def frames(self, start_s: float = 0.0) -> Iterator[Samples]:
        """Successive samples from a time on, each (channels, n). Call it once."""

    def has_sound_at(self, start_s: float) -> bool:
        """Whether there is audio to decode from a time on. Use instead of `frames`."""


class _SoundfileSource:
    def __init__(self, file: BinaryIO) -> None:
        import soundfile

        # By path where possible: reading through callbacks is slower and swallows Ctrl-C.
        path = getattr(file, "name", None)
        if isinstance(path, str):
            self._file = soundfile.SoundFile(path if os.name == "nt" else os.fsencode(path))
        else:
            self._file = soundfile.SoundFile(file)
        # soundfile seeks to the current position after every read, which garbles the next 0.1 s of some MP3s.
        self._file.seekable = lambda: False
        self.sample_rate: int = self._file.samplerate
        self.duration_s: float | None = self._file.frames / self.sample_rate
        self._raw = file

    def frames(self, start_s: float = 0.0) -> Iterator[Samples]:
        import soundfile

        # mpg123 reports damage in the middle of a file as an error; samples before it are kept.
        with contextlib.suppress(soundfile.LibsndfileError):
            if start_s > 0:
                self._file.seek(min(round(start_s * self.sample_rate), self._file.frames))
            while len(samples := self._file.read(_READ_FRAMES, dtype="float32", always_2d=True)):
                yield np.ascontiguousarray(samples.T)

    def has_sound_at(self, start_s: float) -> bool:
        if self._file.format != "MP3":
            return any(samples.shape[1] for samples in self.frames(start_s))
        import av

        # mpg123 would scan the whole file to seek.
        self._raw.seek(0)
        try:
            with av.open(self._raw, options={"protocol_whitelist": "", "fflags": "+fastseek"}) as container:
                container.seek(int(start_s * av.time_base))
                return any(packet.size for packet in container.demux(container.streams.audio[0]))
        except (av.error.FFmpegError, IndexError, ValueError):
            return False


class _AvSource:
    def __init__(self, file: BinaryIO) -> None:
        import av

        # Playlists may name other files or addresses; only the given file may be opened.
        self._container = av.open(file, options={"protocol_whitelist": ""}, metadata_errors="replace")
        if not self._container.streams.audio:
            raise AudioError("it has no audio track")
        self._stream = self._container.streams.audio[0]
        # A stream without a decoder has no rate either.
        self.sample_rate: int = getattr(self._stream, "rate", None) or 0
        if self.sample_rate <= 0:
            raise AudioError("its audio codec is not supported")
        duration = self._container.duration
        self.duration_s: float | None = duration / av.time_base if duration else None

    def frames(self, start_s: float = 0.0) -> Iterator[Samples]:
        import av

        resampler = av.AudioResampler(format="fltp", rate=self.sample_rate)
        begin_s = float((self._stream.start_time or 0) * self._stream.time_base) + start_s
        with contextlib.suppress(av.error.FFmpegError, ValueError):
            if start_s > 0:
                # A second early: codecs need a few packets after a seek.
                self._container.seek(int(max(begin_s - 1, 0) * av.time_base))
            for frame in self._container.decode(self._stream):
                skipped = round((begin_s - (frame.time or 0.0)) * self.sample_rate) if start_s > 0 else 0
                for part in resampler.resample(frame):
                    samples = part.to_ndarray()[:, max(skipped, 0) :]
                    skipped -= part.samples
                    if samples.shape[1]:
                        yield samples

    def has_sound_at(self, start_s: float) -> bool:
        return any(samples.shape[1] for samples in self.frames(start_s))


def open_source(file: BinaryIO, head: bytes, name: str) -> Source:
    """Open a seekable file that begins with the bytes `head`. Raises AudioError when it contains no audio."""
    import av
    import soundfile

    # libsndfile searches any file for MP3 frames and prints errors, so it only gets files with a known header.
    if head.startswith(_MAGIC) or (head[0] == 0xFF and head[1:2] >= b"\xe0"):
        try:
            return _SoundfileSource(file)
        except soundfile.LibsndfileError:
            file.seek(0)
    try:
        return _AvSource(file)
    except AudioError as error:
        raise AudioError(f"{name}: {error}") from None
    except (av.error.FFmpegError, OSError, ValueError):
        raise AudioError(f"{name}: not an audio file, or too damaged to read", NOT_AUDIO_HINT) from None
