"""Child processes of the server, and the inspection of untrusted uploads in one with limits on time and memory.

An inspecting module runs as `python -m MODULE PATH NAME MAX_DURATION_S TIME_S MEMORY_GIB` and prints JSON documents,
one a line: `{"done_s": ...}` for progress, and last its result. Limits that a system lacks (macOS: memory; Windows: all
but the time) do not apply there.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
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

LIMITS_MEMORY = sys.platform not in ("win32", "darwin")
"""Whether this system can limit the memory of a process."""

TOKEN_VARIABLE = "LYRICSREC_TOKEN"

_OOM_SCORE = "800"
_GIB = 1 << 30
_STARTUP_S = 10.0
_NICENESS = 5


class TooLongError(AudioError):
    """A song that is longer than the server accepts."""


@dataclass(frozen=True)
class Limits:
    """What inspecting a song may take: seconds (of processor time, and of waiting) and GiB of memory."""

    time_s: float
    memory_gib: float


def lower_priority(niceness: int) -> None:
    """Lower the priority of this process, and make it the first that the system kills when memory runs out."""
    if hasattr(os, "nice"):
        os.nice(niceness)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)


def child_environment() -> dict[str, str]:
    """Environment variables for a child process, without the access token.

    The child imports modules from where this process does, and not from the folder in which the server was started.
    """
    kept = {name: value for name, value in os.environ.items() if name != TOKEN_VARIABLE}
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONSAFEPATH": "1"}


def check_length(song: Song, duration_s: float, max_duration_s: float) -> None:
    """Raise TooLongError when a song's length in seconds exceeds the limit."""
    if duration_s > max_duration_s:
        raise TooLongError(
            f"{song.name}: longer than {max_duration_s / 60:g} minutes, the limit of this server",
            "Cut it into single songs.",
        )


def run_in_sandbox(
    module: str, path: Path, name: str, *, max_duration_s: float, limits: Limits, report: Report = ignore
) -> dict[str, Any]:
    """Run an inspecting module on an upload and return its result.

    `name` is the file name for messages; `report` is called with the number of seconds of the song that are done.
    Raises TooLongError when the song exceeds `max_duration_s`, AudioError when it cannot be decoded, exceeds the limits
    or crashes the process, and whatever `report` raises, which ends the process.
    """
    arguments = [str(path), name, str(max_duration_s), str(limits.time_s), str(limits.memory_gib)]
    # Each thread of a numerical library would reserve memory that counts towards the limit.
    environment = child_environment() | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as process:
        timeout = threading.Timer(limits.time_s + _STARTUP_S, process.kill)
        timeout.start()
        try:
            result = _read_result(process, report)
        except BaseException:
            process.kill()
            raise
        finally:
            timeout.cancel()
    if result is None:
        raise AudioError(
            f"{name}: decoding it took too much time or memory", "Export the song again, for instance as FLAC or MP3."
        )
    if "error" in result:
        raise (TooLongError if result["too_long"] else AudioError)(result["error"], result["hint"])
    return result


def _read_result(process: subprocess.Popen[bytes], report: Report) -> dict[str, Any] | None:
    """The last document of a process, None where it failed."""
    assert process.stdout is not None
    result: dict[str, Any] | None = None
    for line in process.stdout:
        try:
            document = json.loads(line)
        except ValueError:
            return None
        if "done_s" in document:
            report(document["done_s"])
        else:
            result = document
    return result if process.wait() == 0 else None


def run_inspection(inspection: Callable[[BinaryIO, str, float], dict[str, Any]]) -> None:
    """The main function of an inspecting module: `inspection` gets the open file, its name and the maximum duration."""
    path, name, max_duration_s, time_s, memory_gib = sys.argv[1:]
    lower_priority(_NICENESS)
    apply(Limits(float(time_s), float(memory_gib)))
    try:
        with Path(path).open("rb") as file:
            result = inspection(file, name, float(max_duration_s))
    except AudioError as error:
        result = {"error": str(error), "hint": error.hint, "too_long": isinstance(error, TooLongError)}
    print_document(result)


def print_document(document: dict[str, Any]) -> None:
    """Print a document for `run_in_sandbox` to read."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def apply(limits: Limits) -> None:
    """Limit this process, as far as the system can."""
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
