"""Looking at songs that nobody trusts, in a process with limits on time and memory, which is ended when it hangs.

It is `python -m MODULE PATH NAME LONGEST_S TIME_S MEMORY_GIB`, and prints JSON documents, one a line:
`{"done_s": ...}` as it gets on, and at last what it found. Limits that a system does not know (macOS that on memory,
Windows all but the time) are left out.
"""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lyricsrec.audio.media import Song
from lyricsrec.base.errors import AudioError
from lyricsrec.base.progress import Report, ignore
from lyricsrec.web.songs.child import own_environment, step_back

LIMITS_MEMORY = sys.platform not in ("win32", "darwin")
"""Whether this system ends a process that takes more memory than it may."""

_GIB = 1 << 30
_STARTING_S = 10.0
_NICENESS = 5


class TooLongError(AudioError):
    """A song that is longer than songs may be."""


@dataclass(frozen=True)
class Limits:
    """What looking at a song may take: seconds of computing, and of waiting too, and GiB of memory."""

    time_s: float
    memory_gib: float


def check_length(song: Song, duration_s: float, longest_s: float) -> None:
    """Raise TooLongError when a song's length (seconds) exceeds the longest that is taken."""
    if duration_s > longest_s:
        raise TooLongError(
            f"{song.name}: longer than {longest_s / 60:g} minutes, which is the most that is taken",
            "Cut it into songs.",
        )


def examine(
    module: str, path: Path, name: str, longest_s: float, limits: Limits, report: Report = ignore
) -> dict[str, Any]:
    """What a module finds in a song that its user calls `name`; `report` hears how many seconds of it are done.

    Raises TooLongError when it exceeds `longest_s`, AudioError when it is no song, or looking at it takes more time or
    memory than it may, or the process dies of it; and what `report` raises, which ends the process.
    """
    arguments = [str(path), name, str(longest_s), str(limits.time_s), str(limits.memory_gib)]
    # Threads of libraries would each ask for memory that is never used, but counts.
    environment = own_environment() | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as process:
        watch = threading.Timer(limits.time_s + _STARTING_S, process.kill)
        watch.start()
        try:
            found = _found_by(process, report)
        except BaseException:
            process.kill()
            raise
        finally:
            watch.cancel()
    if found is None:
        raise AudioError(
            f"{name}: reading it takes too much time or memory", "Export the song again, as FLAC or MP3 for instance."
        )
    if "error" in found:
        raise (TooLongError if found["too_long"] else AudioError)(found["error"], found["hint"])
    return found


def _found_by(process: subprocess.Popen[bytes], report: Report) -> dict[str, Any] | None:
    """What a process found that ends well."""
    assert process.stdout is not None
    found: dict[str, Any] | None = None
    for line in process.stdout:
        try:
            document = json.loads(line)
        except ValueError:
            return None
        if "done_s" in document:
            report(document["done_s"])
        else:
            found = document
    return found if process.wait() == 0 else None


def be_examined(look: Callable[[BinaryIO, str, float], dict[str, Any]]) -> None:
    """Be the process: `look` gets the file, its name and the longest duration."""
    path, name, longest_s, time_s, memory_gib = sys.argv[1:]
    step_back(_NICENESS)
    _limit(Limits(float(time_s), float(memory_gib)))
    try:
        with Path(path).open("rb") as file:
            found = look(file, name, float(longest_s))
    except AudioError as error:
        found = {"error": str(error), "hint": error.hint, "too_long": isinstance(error, TooLongError)}
    tell(found)


def tell(document: dict[str, Any]) -> None:
    """Print a document for `examine`."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _limit(limits: Limits) -> None:
    if sys.platform == "win32":
        return
    import resource

    memory, seconds = round(limits.memory_gib * _GIB), math.ceil(limits.time_s)
    wanted = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))
