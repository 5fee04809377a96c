"""Names of uploads as they are shown."""

from __future__ import annotations

import pytest

from lyricsrec.web.job import song_name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Süß – Lied.mp3", "Süß – Lied.mp3"),
        ("/etc/passwd", "passwd"),
        ("C:\\Music\\song.mp3", "song.mp3"),
        ("../..", ".."),
        ("", "song"),
        ("/", "song"),
        ("a\nb\0c.wav", "a\\nb\\x00c.wav"),
        ("x" * 500 + ".mp3", "x" * 196 + ".mp3"),
    ],
)
def test_a_name_is_one_short_line_without_folders(given: str, name: str) -> None:
    assert song_name(given) == name
