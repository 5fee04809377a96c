"""The waveform of a song for the page, computed by decoding all of it in a child process (see `sandbox`).

A file that exceeds the limits or crashes its decoder never reaches the process that holds the models.
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
from lyricsrec.web.limited import Limits, print_document
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.songs.sandbox import check_length, run_in_sandbox, run_inspection

HOP_S = 0.05
"""Length in seconds of the stretch that one peak covers."""

_HOP = round(HOP_S * SAMPLE_RATE)
_BLOCK_S = 30.0
# Headers are not exact: a song that was accepted may be a little longer.
_TOLERANCE = 1.02
# Decoding must be at least this many times faster than real time.
_MIN_SPEED = 10.0


def read_peaks(path: Path, name: str, config: ServeConfig, report: Report = ignore) -> list[float]:
    """The peaks of an upload (see `find_peaks`). Raises as `run_in_sandbox` does."""
    limits = Limits(config.decode_timeout_s + config.max_duration_s / _MIN_SPEED, config.decode_memory_gib)
    found = run_in_sandbox(__name__, path, name, max_duration_s=config.max_duration_s, limits=limits, report=report)
    peaks: list[float] = found["peaks"]
    return peaks


def find_peaks(song: Song, max_duration_s: float, report: Report = ignore) -> list[float]:
    """The largest magnitude in each stretch of `HOP_S`, divided by the largest of all (silence stays 0).

    Decodes the song in blocks; `report` is called with the number of seconds that are done. Raises AudioError when it
    cannot be decoded, TooLongError when it exceeds `max_duration_s` by more than 2%, whatever its header says.
    """
    found: list[Samples] = []
    for magnitudes, end_s in _magnitudes(song):
        check_length(song, end_s / _TOLERANCE, max_duration_s)
        found.append(magnitudes)
        report(end_s)
    peaks = np.concatenate(found)
    loudest = float(peaks.max())
    scaled: list[float] = np.round(peaks / loudest if loudest else peaks, 3).astype(np.float64).round(3).tolist()
    return scaled


def peaks_to_json(peaks: list[float]) -> str:
    """The JSON document from which the page draws the waveform."""
    return json.dumps({"hop_s": HOP_S, "peaks": peaks}, separators=(",", ":"))


def _magnitudes(song: Song) -> Iterator[tuple[Samples, float]]:
    """Unscaled peaks of successive blocks, each with the time in seconds at which the block ends."""
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


def _inspection(file: BinaryIO, name: str, max_duration_s: float) -> dict[str, Any]:
    song = open_song(file, name)
    return {"peaks": find_peaks(song, max_duration_s, lambda done_s: print_document({"done_s": done_s}))}


if __name__ == "__main__":
    run_inspection(_inspection)
