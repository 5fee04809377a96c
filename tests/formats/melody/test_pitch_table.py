"""The pitch of the voice as a table."""

from __future__ import annotations

from dataclasses import replace

from helpers.melodies import SONG

from lyricsrec.formats.melody.pitch_table import write_pitch_table


def test_a_row_for_each_frame() -> None:
    head = "time_s,hertz,confidence\n"
    assert write_pitch_table(SONG) == head + "0.000,0.00,0.100\n0.500,261.60,0.900\n1.000,277.20,0.950\n"
    assert write_pitch_table(replace(SONG, melody=None)) == head
