"""A file of sound: its tracks, and its samples from the start or from any time, on the clock of the container.

ffmpeg (PyAV) decodes everything, so that every format is read alike: to the end of the data, whatever its header says.
Time 0 is where the container begins, which may be before its sound does; holes in the sound are silence.
"""

from __future__ import annotations

import contextlib
import hashlib
import struct
from collections.abc import Iterator
from functools import cached_property
from typing import Any, BinaryIO

import numpy as np

from lyricsrec.audio.audio import Samples
from lyricsrec.audio.files.pcm import Batches
from lyricsrec.audio.files.promise import Promise
from lyricsrec.audio.files.tags import tags_of
from lyricsrec.audio.files.timeline import Timeline
from lyricsrec.audio.files.tracks import Track, choose, tracks_of
from lyricsrec.base.errors import AudioError

# Playlists may name other files or addresses; only the given file may be opened.
_OPTIONS = {"protocol_whitelist": ""}
_CLOCK_MAY_BE_SET_ANEW = 0x0200
_COARSE_SAMPLES = 4
_LONG_PACKET = 8
_MOST_PRIMING_S = 0.1
_LEAD_S = 1.0
_LOWEST_RATE, _HIGHEST_RATE = 1_000, 1_000_000
_SILENCE = 1 << 16


class Source:
    """An opened file that has sound: `sample_rate` in Hz, all its `tracks` and the one that is read, its `tags`.

    `end_s` is where the sound that was read ends, `lost_s` is the length of what could not be decoded. Raises
    AudioError for a file without sound, and the errors of PyAV for one that it cannot read.
    """

    def __init__(self, file: BinaryIO, track: int | str | None = None) -> None:
        self._file = file
        self.end_s = self.lost_s = 0.0
        self._whole_s: float | None = None
        self._has_even_packets = True
        with self._opened() as container:
            if not container.streams.audio:
                raise AudioError("it has no audio track")
            self.tracks = tracks_of(container.streams.audio)
            self.track: Track = choose(self.tracks, track)
            stream = self._stream_of(container)
            # A stream without a decoder has no rate either.
            self.sample_rate: int = getattr(stream, "rate", None) or 0
            if self.sample_rate <= 0:
                raise AudioError("its audio codec is not supported")
            if not _LOWEST_RATE <= self.sample_rate <= _HIGHEST_RATE:
                raise AudioError(f"its sample rate of {self.sample_rate} Hz is not that of a song")
            self._starts_s: float = (container.start_time or 0) / 1_000_000
            self._time_base = float(stream.time_base)
            self.tags = tags_of(container.metadata, stream.metadata)
            self._is_stream = bool(container.format.flags & _CLOCK_MAY_BE_SET_ANEW)
            self.format: str = container.format.name
            self.promise = Promise.of(file, container, stream)
            # Without its header, as behind foreign bytes, FLAC has times of another rate; it has no holes either.
            self._has_clock = self.format != "flac" or stream.duration is not None

    def frames(self, start_s: float = 0.0) -> Iterator[Samples]:
        """Successive stereo samples (2, n) from a time on."""
        if start_s > 0 and not (self._is_stream and self._scanned.was_set_anew):
            with contextlib.suppress(_SeekError):
                yield from self._read(start_s, seek=True)
                return
        yield from self._read(start_s, seek=False)
        self._whole_s = self.end_s

    @property
    def duration_s(self) -> float:
        """Where the sound ends, in seconds; before it is read, from the times of all packets."""
        return self._scanned.position / self.sample_rate if self._whole_s is None else self._whole_s

    @property
    def has_simple_clock(self) -> bool:
        """Whether any player has the times that are used here: one track, no holes, places found by arithmetic."""
        scanned = self._scanned
        is_even = self._has_even_packets or self.promise.length_s is not None or self.format != "mp3"
        has_holes = scanned.has_holes or scanned.was_set_anew or self._starts_s > _MOST_PRIMING_S
        return len(self.tracks) == 1 and not has_holes and is_even

    @cached_property
    def _scanned(self) -> Timeline:
        # Where times are coarse, so are the lengths of packets, and their sum would drift.
        is_fine = self._time_base * self.sample_rate < _COARSE_SAMPLES
        timeline = Timeline(self.sample_rate, is_stream=self._is_stream, counts_samples=is_fine)
        longest = trailing = 0
        sizes: list[int] = []
        lengths: list[int] = []
        with self._opened() as container:
            for packet in _packets(container, self._stream_of(container)):
                if packet.size and not packet.is_discard:
                    length = packet.duration or 0
                    if not self._has_clock or (not length and packet.pts is None):
                        return self._counted_by_decoding()
                    timeline.place(self._time_of(packet), round(length * self._time_base * self.sample_rate))
                    # Some formats state the shorter length of the last packet, too.
                    trailing = _num_trailing(packet) if length >= longest else 0
                    longest = max(longest, length)
                    sizes.append(packet.size)
                    lengths.append(length)
        # The first packet may be a header, the last one incomplete; padding is one byte.
        self._has_even_packets = not sizes[1:-1] or max(sizes[1:-1]) - min(sizes[1:-1]) <= 1
        # In MP4 the packet before a hole lasts until its end.
        timeline.has_holes |= bool(lengths) and max(lengths) > _LONG_PACKET * sorted(lengths)[len(lengths) // 2]
        timeline.position = max(timeline.position - trailing, 0)
        return timeline

    def _counted_by_decoding(self) -> Timeline:
        timeline = Timeline(self.sample_rate)
        timeline.position = sum(samples.shape[1] for samples in self._read(0.0, seek=False))
        timeline.was_set_anew = True
        return timeline

    def _read(self, start_s: float, *, seek: bool) -> Iterator[Samples]:
        """Samples from a time on. Raises _SeekError, before any samples, where seeking leads past that time."""
        skip: int | None = None
        timeline = Timeline(self.sample_rate, is_stream=self._is_stream)
        with self._opened() as container:
            for samples in self._placed(container, timeline, start_s if seek else None):
                if skip is None:
                    skip = max(round(start_s * self.sample_rate) - timeline.begin, 0)
                if samples.shape[1] > skip:
                    yield samples[:, skip:]
                skip = max(skip - samples.shape[1], 0)

    def _placed(self, container: Any, timeline: Timeline, seek_s: float | None) -> Iterator[Samples]:
        """Samples without a hole between them, from `timeline.begin` on."""
        batches = Batches(self.sample_rate)
        for frame in self._decoded(container, seek_s):
            time_s = self._time_of(frame)
            if seek_s is not None and timeline.is_new:
                if time_s is None or time_s > seek_s:
                    raise _SeekError
                timeline.start_at(time_s)
            gap = timeline.place(time_s, round(frame.samples * self.sample_rate / frame.sample_rate))
            self.end_s = timeline.position / self.sample_rate
            if gap:
                yield from batches.end()
            if gap > 0:
                yield from _silence(gap)
            if gap < 0:
                yield np.concatenate([*batches.push(frame), *batches.end()], axis=1)[:, -gap:]
            else:
                yield from batches.push(frame)
        yield from batches.end()

    def _decoded(self, container: Any, seek_s: float | None) -> Iterator[Any]:
        """PyAV's frames from a little before a time on; what cannot be decoded is left out."""
        import av

        self.lost_s = 0.0
        stream = self._stream_of(container)
        if seek_s is not None:
            with contextlib.suppress(av.error.FFmpegError):
                container.seek(round((seek_s - _LEAD_S + self._starts_s) / self._time_base), stream=stream)
        for packet in _packets(container, stream):
            try:
                yield from packet.decode()
            except (av.error.FFmpegError, ValueError):
                self.lost_s += (packet.duration or 0) * self._time_base

    def _time_of(self, part: Any) -> float | None:
        """The time of a packet or frame in seconds after the beginning of the container."""
        return None if part.pts is None or not self._has_clock else part.pts * self._time_base - self._starts_s

    def _stream_of(self, container: Any) -> Any:
        return container.streams.audio[self.track.number - 1]

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Any]:
        import av

        # Packets may be counted while the file is being decoded.
        position = self._file.tell()
        self._file.seek(0)
        try:
            with av.open(self._file, "r", options=_OPTIONS, metadata_errors="replace") as container:
                yield container
        finally:
            if not self._file.closed:
                self._file.seek(position)


def packet_digest(file: BinaryIO) -> str:
    """A digest of the encoded sound and picture in a file, without its tags and covers. Raises the errors of PyAV."""
    import av

    found = hashlib.sha256()
    file.seek(0)
    with av.open(file, "r", options=_OPTIONS, metadata_errors="replace") as container:
        streams = [*container.streams.audio, *(video for video in container.streams.video if not _is_cover(video))]
        with contextlib.suppress(av.error.FFmpegError, ValueError):
            for packet in container.demux(streams):
                found.update(f"{packet.stream_index} {packet.size};".encode())
                found.update(packet)
    return found.hexdigest()


def _is_cover(video: Any) -> bool:
    return bool(video.disposition & type(video.disposition).attached_pic)


class _SeekError(Exception):
    """Seeking led past the time that was wanted."""


def _packets(container: Any, stream: Any) -> Iterator[Any]:
    import av

    # A file that is cut short ends with an error in some containers.
    with contextlib.suppress(av.error.FFmpegError, ValueError):
        yield from container.demux(stream)


def _silence(num_samples: int) -> Iterator[Samples]:
    for first in range(0, num_samples, _SILENCE):
        yield np.zeros((2, min(_SILENCE, num_samples - first)), np.float32)


def _num_trailing(packet: Any) -> int:
    """How many samples at the end of a packet are padding."""
    if not packet.has_sidedata("skip_samples"):
        return 0
    return int(struct.unpack_from("<I", bytes(packet.get_sidedata("skip_samples")), 4)[0])
