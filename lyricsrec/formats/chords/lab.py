"""Chord labels: start, end and label in each row, which mir_eval, Sonic Visualiser and others read."""

from __future__ import annotations

from lyricsrec.formats.base import Format
from lyricsrec.lyrics.transcript import Transcript


def _write(transcript: Transcript) -> str:
    """The chords that sound, in Harte's syntax."""
    return "".join(f"{chord.start_s:.3f}\t{chord.end_s:.3f}\t{chord.label}\n" for chord in transcript.chords or ())


CHORD_LAB = Format("lab", (".lab",), "chord labels with times (mir_eval)", write=_write)
