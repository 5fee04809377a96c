"""Whether an upload is a song, and how long it is: found out in a process with limits, which is ended when it hangs.

`python -m lyricsrec.web.probe PATH NAME LONGEST_S MEMORY_BYTES CPU_S` prints what it found as JSON.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from lyricsrec.errors import AudioError
from lyricsrec.media import Song, open_song
from lyricsrec.sound_files import NOT_AUDIO_HINT
from lyricsrec.web.config import ServeConfig

_ABSURD_S = 1e7
_BLOCK_S = 30.0
_TRIED_S = 1.0
_STARTING_S = 10.0
_GIB = 1 << 30
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


class TooLongError(AudioError):
    """A song that is longer than songs may be."""


@dataclass(frozen=True)
class Probed:
    """What an upload is: its length in seconds, and the ending that its content asks for."""

    duration_s: float
    suffix: str


def probe(path: Path, name: str, config: ServeConfig) -> Probed:
    """Look at an upload that its user calls `name`.

    Raises TooLongError when it exceeds the longest duration, AudioError when it is no song, or looking at it takes
    more time or memory than it may.
    """
    memory = str(round(config.decode_memory_gib * _GIB))
    seconds = str(math.ceil(config.decode_timeout_s))
    command = [sys.executable, "-m", __name__, str(path), name, str(config.max_duration_s), memory, seconds]
    # Threads of libraries would each ask for memory that is never used, but counts.
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with _AT_ONCE:
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                timeout=config.decode_timeout_s + _STARTING_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _exhausted(name) from None
    try:
        found = json.loads(done.stdout)
    except ValueError:
        raise _exhausted(name) from None
    if "error" in found:
        raise (TooLongError if found["too_long"] else AudioError)(found["error"], found["hint"])
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


def check_length(song: Song, duration_s: float, longest_s: float) -> None:
    """Raise TooLongError when a song's length (seconds) exceeds the longest that is taken."""
    if duration_s > longest_s:
        raise TooLongError(
            f"{song.name}: longer than {longest_s / 60:g} minutes, which is the most that is taken",
            "Cut it into songs.",
        )


def _exhausted(name: str) -> AudioError:
    return AudioError(
        f"{name}: reading it takes too much time or memory", "Export the song again, as FLAC or MP3 for instance."
    )


def _limit(memory_bytes: int, cpu_s: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(path: str, name: str, longest_s: str, memory_bytes: str, cpu_s: str) -> None:
    """Look at a file within limits, and print what was found."""
    _limit(int(memory_bytes), int(cpu_s))
    found: dict[str, object]
    try:
        with Path(path).open("rb") as file:
            suffix = suffix_of(file.read(16))
            file.seek(0)
            found = {"duration_s": find_duration(open_song(file, name), float(longest_s)), "suffix": suffix}
    except AudioError as error:
        found = {"error": str(error), "hint": error.hint, "too_long": isinstance(error, TooLongError)}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
