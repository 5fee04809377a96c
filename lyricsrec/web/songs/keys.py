"""Stems in another key or tempo: made when they are first asked for, in a child process, and kept beside the stems.

The files that were not used for longest go first when a song has more than `KEEP_FILES` of them, or all songs more than
`KEEP_GIB`.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from lyricsrec.audio.stretch import stretch
from lyricsrec.base.errors import AudioError
from lyricsrec.base.output import replacing
from lyricsrec.separation.base import StemName
from lyricsrec.web.jobs.folder import JobFolder, folders
from lyricsrec.web.limited import Limits, begin, print_document, run_limited

MAX_DURATION_S = 900.0
"""The longest song, in seconds, whose key can be changed: all of it is in memory."""

KEEP_FILES = 6
KEEP_GIB = 2.0

_GIB = 1 << 30
# On one core that is busy with other work, a song of 195 s took 8 s and 0.4 GiB.
_TIME_S, _TIME_PER_S = 30.0, 0.4
_MEMORY_GIB, _MEMORY_GIB_PER_S = 1.5, 0.004


def find_shifted(folder: JobFolder, stem: StemName, *, semitones: int, tempo: int) -> Path | None:
    """The file of a stem in another key and tempo if it was made before; it counts as used now."""
    path = folder.shifted(stem, semitones, tempo)
    with contextlib.suppress(OSError):
        os.utime(path)
        return path
    return None


def make_shifted(folder: JobFolder, stem: StemName, *, semitones: int, tempo: int, duration_s: float) -> Path:
    """Make a stem in another key and tempo, unless it exists, and remove old ones.

    Raises AudioError when it takes too much time, memory or space.
    """
    found = find_shifted(folder, stem, semitones=semitones, tempo=tempo)
    if found is not None:
        return found
    path = folder.shifted(stem, semitones, tempo)
    limits = Limits(
        _TIME_S + _TIME_PER_S * duration_s * max(1, 100 / tempo), _MEMORY_GIB + _MEMORY_GIB_PER_S * duration_s, KEEP_GIB
    )
    arguments = [str(folder.stem(stem)), str(path), str(semitones), str(tempo)]
    if run_limited(__name__, arguments, limits) is None or not path.is_file():
        raise AudioError("the key could not be changed", "Try again later, or see the server's free disk space.")
    _remove_old(folder.all_shifted(), keep=KEEP_FILES, keep_bytes=KEEP_GIB * _GIB)
    root = folder.path.parent.parent
    everywhere = (made for other in folders(root) for made in other.all_shifted())
    _remove_old(everywhere, keep=None, keep_bytes=KEEP_GIB * _GIB)
    return path


def _remove_old(paths: Iterable[Path], *, keep: int | None, keep_bytes: float) -> None:
    """Remove the files that were used first, until at most `keep` are left and they fit; the newest one stays."""
    found: list[tuple[float, int, Path]] = []
    for path in paths:
        with contextlib.suppress(OSError):
            state = path.stat()
            found.append((state.st_mtime, state.st_size, path))
    used = 0
    for place, (_, size, path) in enumerate(sorted(found, reverse=True)):
        used += size
        if place and ((keep is not None and place >= keep) or used > keep_bytes):
            path.unlink(missing_ok=True)


def write_shifted(source: Path, target: Path, *, semitones: int, tempo: int) -> None:
    """Write a sound file in another key and tempo as 16-bit FLAC; it appears when it is complete."""
    import numpy as np
    import soundfile

    samples, sample_rate = soundfile.read(source, dtype="float32", always_2d=True)
    changed = stretch(np.ascontiguousarray(samples.T), sample_rate, semitones=semitones, tempo=tempo)
    with replacing(target) as temporary:
        soundfile.write(temporary, changed.T, sample_rate, "PCM_16", format="FLAC")


if __name__ == "__main__":
    source, target, semitones, tempo = begin()
    write_shifted(Path(source), Path(target), semitones=int(semitones), tempo=int(tempo))
    print_document({"made": True})
