"""Whether an upload is a song, and how long it is: found out in a process of its own (see `examine`)."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lyricsrec.audio.media import Song, open_song
from lyricsrec.audio.sound_files import NOT_AUDIO_HINT
from lyricsrec.base.errors import AudioError
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.songs.examine import Limits, be_examined, check_length, examine

_ABSURD_S = 1e7
_BLOCK_S = 30.0
_TRIED_S = 1.0
# Each is a process of some 100 MB: a flood of uploads waits here.
_AT_ONCE = threading.BoundedSemaphore(4)
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
_OTHER = ".media"


@dataclass(frozen=True)
class Probed:
    """What an upload is: its length in seconds, and the ending that its content asks for."""

    duration_s: float
    suffix: str


def probe(path: Path, name: str, config: ServeConfig) -> Probed:
    """Look at an upload that its user calls `name`. Raises as `examine` does."""
    with _AT_ONCE:
        found = examine(
            __name__, path, name, config.max_duration_s, Limits(config.decode_timeout_s, config.decode_memory_gib)
        )
    return Probed(found["duration_s"], found["suffix"])


def suffix_of(head: bytes) -> str:
    """The ending that fits a file which begins with these bytes."""
    return next((suffix for at, sign, suffix in _SUFFIXES if head.startswith(sign, at)), _OTHER)


def find_duration(song: Song, longest_s: float) -> float:
    """A song's length in seconds: as its header says, and by reading all of it where it says nothing.

    Raises AudioError when nothing can be decoded, TooLongError when it exceeds `longest_s`.
    """
    stated = song.duration_s
    if stated is not None and 0 < stated < _ABSURD_S:
        check_length(song, stated, longest_s)
        if not song.excerpt(0.0, min(_TRIED_S, stated)).num_samples:
            raise AudioError(f"{song.name}: it holds no sound that can be decoded", NOT_AUDIO_HINT)
        return stated
    read_s = 0.0
    for block in song.blocks(_BLOCK_S):
        read_s = block.end_s
        check_length(song, read_s, longest_s)
    return read_s


def _look(file: BinaryIO, name: str, longest_s: float) -> dict[str, Any]:
    suffix = suffix_of(file.read(16))
    file.seek(0)
    return {"duration_s": find_duration(open_song(file, name), longest_s), "suffix": suffix}


if __name__ == "__main__":
    be_examined(_look)
