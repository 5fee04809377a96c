"""The waveform of a song, for drawing: found by reading all of it in a process of its own (see `examine`).

What cannot be read within limits, or kills its decoder, never gets as far as the process that has the models.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from lyricsrec.audio.audio import Samples
from lyricsrec.audio.media import SAMPLE_RATE, Song, open_song
from lyricsrec.base.progress import Report, ignore
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.songs.examine import Limits, be_examined, check_length, examine, tell

HOP_S = 0.05
"""Length in seconds of what one peak stands for."""

_HOP = round(HOP_S * SAMPLE_RATE)
_BLOCK_S = 30.0
# Headers are not exact: what they let in may be a little longer.
_SLACK = 1.02
# What takes longer than a tenth of its duration to be decoded is no song.
_SPEED = 10.0


def read_peaks(path: Path, name: str, config: ServeConfig, report: Report = ignore) -> list[float]:
    """The peaks of a song that its user calls `name`, as `find_peaks` finds them. Raises as `examine` does."""
    limits = Limits(config.decode_timeout_s + config.max_duration_s / _SPEED, config.decode_memory_gib)
    peaks: list[float] = examine(__name__, path, name, config.max_duration_s, limits, report)["peaks"]
    return peaks


def find_peaks(song: Song, longest_s: float, report: Report = ignore) -> list[float]:
    """The largest magnitude in each stretch of `HOP_S`, divided by the largest of all (silence stays 0).

    Reads the song, in blocks; `report` hears how many seconds of it are done. Raises AudioError when it cannot be read,
    TooLongError when it goes on for more than `longest_s` (and 2%), whatever its header says.
    """
    found: list[Samples] = []
    for magnitudes, end_s in _magnitudes(song):
        check_length(song, end_s / _SLACK, longest_s)
        found.append(magnitudes)
        report(end_s)
    peaks = np.concatenate(found)
    loudest = float(peaks.max())
    scaled: list[float] = np.round(peaks / loudest if loudest else peaks, 3).astype(np.float64).round(3).tolist()
    return scaled


def peaks_to_json(peaks: list[float]) -> str:
    """The document that the page draws from."""
    return json.dumps({"hop_s": HOP_S, "peaks": peaks}, separators=(",", ":"))


def _magnitudes(song: Song) -> Iterator[tuple[Samples, float]]:
    """Peaks of successive blocks, not yet scaled, with the time at which each block ends."""
    rest = np.zeros(0, np.float32)
    end_s = 0.0
    for block in song.blocks(_BLOCK_S):
        end_s = block.end_s
        joined = np.concatenate([rest, np.abs(block.samples).max(axis=0)])
        whole = len(joined) // _HOP * _HOP
        rest = joined[whole:]
        yield joined[:whole].reshape(-1, _HOP).max(axis=1, initial=0.0), end_s
    if len(rest):
        yield rest.max(keepdims=True), end_s


def _look(file: BinaryIO, name: str, longest_s: float) -> dict[str, Any]:
    return {"peaks": find_peaks(open_song(file, name), longest_s, lambda done_s: tell({"done_s": done_s}))}


if __name__ == "__main__":
    be_examined(_look)
