"""`lyricsrec melody` as users see it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from helpers.command_line import Cli
from helpers.sounds import write_song

from lyricsrec.formats.karaoke.ultrastar import read_ultrastar
from lyricsrec.lyrics.music.harmony import Key
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word

RATE = 16_000
WORDS = (Word("away", 0.2, 1.0), Word("home", 1.2, 1.8))
LYRICS = Transcript(
    "sung", 2.0, (Line(WORDS),), provenance=Provenance("1", "", "", decoder=""), key=Key("A", "minor")
).to_json()


def sung(*notes: tuple[float, float]) -> np.ndarray:
    """A voice of many harmonics that holds MIDI notes, 0 for a pause, each for some seconds; (samples, 2)."""
    parts = []
    for pitch, seconds in notes:
        t = np.arange(round(seconds * RATE)) / RATE
        hertz = 440 * 2 ** ((pitch - 69) / 12)
        wave = sum(np.sin(2 * np.pi * n * hertz * t) / n for n in range(1, 9)) * np.clip(30 * t, 0, 1)
        parts.append(0.1 * wave * (pitch > 0))
    return np.repeat(np.concatenate(parts)[:, None], 2, axis=1).astype(np.float32)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A second of two notes, and a held one."""
    (tmp_path / "sung.json").write_text(LYRICS)
    return write_song(tmp_path / "sung.wav", sung((0, 0.2), (57, 0.4), (60, 0.4), (0, 0.2), (62, 0.6), (0, 0.2)), RATE)


def test_every_kind_of_file_of_words_with_times(cli: Cli, song: Path) -> None:
    done = cli("melody", song, "sung.json", "--separator", "none", "-o", "out", "--video", "sung.mp4", "--bpm", 100)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert [path.name for path in sorted((song.parent / "out").iterdir())] == [
        *("sung.json", "sung.mid", "sung.musicxml", "sung.pitch.csv", "sung.ultrastar.txt"),
    ]
    document = json.loads((song.parent / "out" / "sung.json").read_text())
    assert (document["key"]["tonic"], document["sections"][0]["lines"]) == ("A", [0])
    found = document["melody"]
    assert [(note["text"], note["pitch"], note["word"]) for note in found["notes"]] == [
        *(("a", 57, 0), ("way", 60, 0)),
        ("home", 62, 1),
    ]
    assert [note["start_s"] for note in found["notes"]] == pytest.approx([0.2, 0.6, 1.2], abs=0.05)
    karaoke = read_ultrastar(song.parent / "out" / "sung.ultrastar.txt")
    assert (karaoke.tags["MP3"], karaoke.tags["VIDEO"], karaoke.bpm) == ("sung.wav", "sung.mp4", 400)
    assert [beat.pitch for beat in karaoke.voices[0][0]] == [-3, 0, 2]
    table = (song.parent / "out" / "sung.pitch.csv").read_text().splitlines()
    assert table[0] == "time_s,hertz,confidence"
    assert float(table[50].split(",")[1]) == pytest.approx(261.6, abs=3)


def test_standard_output_and_input(cli: Cli, song: Path) -> None:
    done = cli("melody", "-", "sung.json", "--separator", "none", "-f", "pitch", stdin=song.read_bytes())
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"time_s,hertz,confidence\n0.000,0.00,")


def test_without_a_voice_and_with_wrong_options_it_says_what_to_do(cli: Cli, tmp_path: Path, song: Path) -> None:
    write_song(tmp_path / "silence.wav", np.zeros((RATE, 2), np.float32), RATE)
    for arguments, code, message in [
        (("silence.wav", "sung.json", "--separator", "none"), 1, b"silence.wav: no voice found"),
        ((song, "sung.json", "-f", "mp3"), 2, b"unknown format 'mp3'"),
        ((song, "sung.json", "-f", "json", "-f", "pitch"), 2, b"several formats cannot share standard output"),
        ((song, "sung.json", "--bpm", "0"), 2, b"--bpm must be greater than 0"),
        ((song, "sung.json", "--separator", "spleetr"), 2, b"spleetr"),
        (("-", "-"), 2, b"cannot both be standard input"),
        ((tmp_path,), 2, b"is a folder"),
    ]:
        done = cli("melody", *arguments)
        assert (done.returncode, done.stdout) == (code, b"")
        assert message in done.stderr
