"""Whether an upload is a song, its duration and its type, found out in a child process (see `sandbox`)."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from lyricsrec.audio.media import NOT_AUDIO_HINT, Song, open_song
from lyricsrec.base.errors import AudioError
from lyricsrec.lyrics.transcript import Tags
from lyricsrec.web.limited import Limits
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.songs.sandbox import check_length, run_in_sandbox, run_inspection

_SAMPLE_S = 1.0
# Each takes a process of about 100 MB; further uploads wait for their turn.
_SLOTS = threading.BoundedSemaphore(4)
_SUFFIXES = (
    (0, b"fLaC", ".flac"),
    (0, b"OggS", ".ogg"),
    (8, b"WAVE", ".wav"),
    (8, b"AVI ", ".avi"),
    (8, b"AIFF", ".aiff"),
    (8, b"AIFC", ".aiff"),
    (4, b"ftypM4A", ".m4a"),
    (4, b"ftypM4B", ".m4a"),
    (4, b"ftypqt", ".mov"),
    (4, b"ftyp", ".mp4"),
    (0, b"\x1aE\xdf\xa3", ".webm"),
    (0, b"ID3", ".mp3"),
    (0, b"\xff\xf1", ".aac"),
    (0, b"\xff\xf9", ".aac"),
    (0, b"\xff", ".mp3"),
    (0, b"caff", ".caf"),
    (0, b".snd", ".au"),
    (0, b"0&\xb2u", ".wma"),
)
_UNKNOWN = ".media"


@dataclass(frozen=True)
class Probed:
    """Duration of an upload in seconds, the file suffix that fits its content, and its tags."""

    duration_s: float
    suffix: str
    tags: Tags = field(default_factory=Tags)


def probe(path: Path, name: str, config: ServeConfig) -> Probed:
    """Inspect an upload; `name` is its file name in messages. Raises as `run_in_sandbox` does."""
    limits = Limits(config.decode_timeout_s, config.decode_memory_gib)
    with _SLOTS:
        found = run_in_sandbox(__name__, path, name, max_duration_s=config.max_duration_s, limits=limits)
    return Probed(found["duration_s"], found["suffix"], Tags(**found["tags"]))


def suffix_of(head: bytes) -> str:
    """The file suffix for a file that begins with these bytes."""
    return next((suffix for offset, magic, suffix in _SUFFIXES if head.startswith(magic, offset)), _UNKNOWN)


def find_duration(song: Song, max_duration_s: float) -> float:
    """The duration of a song in seconds, by counting its packets.

    Raises AudioError when nothing can be decoded, TooLongError when it exceeds `max_duration_s`.
    """
    duration_s = song.duration_s
    check_length(song, duration_s, max_duration_s)
    if not song.excerpt(0.0, _SAMPLE_S).num_samples:
        raise AudioError(f"{song.name}: the file contains no audio that can be decoded", NOT_AUDIO_HINT)
    return duration_s


def _inspection(file: BinaryIO, name: str, max_duration_s: float) -> dict[str, Any]:
    suffix = suffix_of(file.read(16))
    file.seek(0)
    song = open_song(file, name)
    return {"duration_s": find_duration(song, max_duration_s), "suffix": suffix, "tags": asdict(song.tags)}


if __name__ == "__main__":
    run_inspection(_inspection)
