"""Songs for a data set: gathered, written, and read back by the readers of the data sets."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lyricsrec.base.errors import DataError, OutputError
from lyricsrec.dataset.contribution.licences import sharing_of
from lyricsrec.dataset.contribution.songs import COLUMNS, Check, read_songs, write_table
from lyricsrec.dataset.contribution.write import report_of, write_contribution
from lyricsrec.dataset.sources.jamendolyrics import read_jamendo, read_table
from lyricsrec.formats.dali.entry import read_entry
from lyricsrec.formats.karaoke.ultrastar import read_ultrastar
from lyricsrec.lyrics.music.notes import Melody, Note, PitchContour
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word

LINES = (
    Line((Word("So", 1.0, 1.5), Word("far", 1.5, 2.0))),
    Line((Word("away", 3.0, 4.0),)),
    Line((Word("weit", 3.0, 4.0),), role="translation"),
)
SONG = Transcript("a", 5.0, LINES, provenance=Provenance("0", "none", "none", decoder="none"))
MELODY = Melody(
    PitchContour(0.016, (), ()),
    (
        Note("So", 1.0, 1.5, pitch=60, hertz=261.6, word=0),
        Note("far", 1.5, 2.0, pitch=62, hertz=293.7, word=1),
        Note("a", 3.0, 3.5, pitch=64, hertz=329.6, word=2),
        Note("way", 3.5, 4.0, pitch=65, hertz=349.2, word=2),
    ),
)
ROW = {
    "lyrics": "a.json",
    "audio": "a.wav",
    "artist": "Some Body",
    "title": "So far",
    "language": "en",
    "genre": "Pop",
    "licence": "CC BY 4.0",
    "source": "https://example.org/a",
}


def report_on(*given: tuple[str, float], in_time: bool = True) -> str:
    lines = [{"text": text, "given_s": given_s} for text, given_s in given]
    return json.dumps({"in_time": in_time, "num_times": 3, "spread_s": 0.02, "lines": lines})


CHECKED = (("So far", 1.0), ("away", 3.0), ("weit", 3.0))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A complete song, and a table that lists it."""
    songs = tmp_path / "songs"
    songs.mkdir()
    soundfile.write(songs / "a.wav", np.zeros(8000, np.float32), 8000)
    sung = replace(SONG, lines=LINES[:2], melody=MELODY)
    (songs / "a.json").write_text(sung.to_json())
    (songs / "a.verify.json").write_text(report_on(*CHECKED[:2]))
    write_rows(songs, ROW)
    return songs


def write_rows(folder: Path, *rows: dict[str, str]) -> None:
    with (folder / "songs.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(rows)


def test_a_complete_song(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = write_contribution(read_songs(folder), out, with_audio=True)
    (name, song) = found.songs[0]
    assert (name, song.missing, song.check) == ("So_far_-_Some_Body", (), Check(True, 3, 0.02))
    assert (found.num_written, found.num_complete) == (1, 1)
    entry = read_entry(next((out / "dali").glob("*.gz")))
    assert [note["text"] for note in entry.to_horizontal().annotations["annot"]["notes"]] == ["so", "far", "a", "way"]
    assert entry.annotation().language == "english"
    (row,) = read_table(out / "jamendolyrics")
    assert read_jamendo(out / "jamendolyrics", row).lines == LINES[:2]
    assert (out / "jamendolyrics" / "mp3" / row.audio).read_bytes() == (folder / "a.wav").read_bytes()
    notes = read_ultrastar(out / "ultrastar" / f"{name}.txt").annotation().notes
    assert notes is not None
    assert [note.text for word in notes for note in word] == ["So", "far", "a", "way"]


def test_checksums_and_documents(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_contribution(read_songs(folder), out)
    sums = dict(reversed(row.split("  ")) for row in (out / "checksums.sha256").read_text().splitlines())
    files = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert sums.keys() == files - {"checksums.sha256"}
    assert not [path for path in files if path.endswith(".wav")]
    for path, expected in sums.items():
        assert hashlib.sha256((out / path).read_bytes()).hexdigest() == expected
    (song,) = json.loads((out / "songs.json").read_text())["songs"]
    wav = hashlib.sha256((folder / "a.wav").read_bytes()).hexdigest()
    assert song["audio"] == {"name": "a.wav", "sha256": wav, "is_shared": False}
    with pytest.raises(OutputError, match="not empty"):
        write_contribution((), out)


def test_what_is_missing(folder: Path) -> None:
    (folder / "a.json").write_text(SONG.to_json())
    (folder / "a.verify.json").write_text(report_on(*CHECKED, in_time=False))
    write_rows(folder, {**ROW, "licence": "", "source": "", "audio": "../a.wav"})
    (song,) = read_songs(folder)
    assert song.missing == (
        "licence in songs.csv",
        "source in songs.csv",
        "the sound file, whose checksum tells which recording it is",
        "times that fit: align --verify says they do not (--fix corrects them)",
        "notes (lyricsrec melody)",
    )
    assert song.annotation is not None
    assert [line.text for line in song.annotation.lines] == ["So far", "away"]


@pytest.mark.parametrize(
    ("report", "message"),
    [
        (None, "checked times"),
        (report_on(("So far", 1.0), ("away", 3.1)), "is about other times or words"),
        (report_on(("So far", 1.0)), "is about other times or words"),
        ("{}", "is no report of align --verify"),
    ],
)
def test_reports_that_do_not_count(folder: Path, report: str | None, message: str) -> None:
    (folder / "a.verify.json").unlink()
    if report is not None:
        (folder / "a.verify.json").write_text(report)
    (song,) = read_songs(folder)
    assert song.check is None
    assert len(song.missing) == 1
    assert message in song.missing[0]


def test_songs_that_cannot_be_written(folder: Path, tmp_path: Path) -> None:
    (folder / "b.txt").write_text("So far\naway\n")
    write_rows(folder, {**ROW, "lyrics": "b.txt"}, {**ROW, "lyrics": "c.txt"}, {**ROW, "title": ""})
    found = write_contribution(read_songs(folder), tmp_path / "out", with_audio=True)
    assert (found.num_written, found.num_complete) == (0, 0)
    report = report_of(found)
    assert "times of 3 words (lyricsrec align)" in report
    assert report.count("Not written.") == 3
    assert not (tmp_path / "out" / "jamendolyrics").exists()


@pytest.mark.parametrize(
    ("licence", "sharing"),
    [
        ("CC BY 4.0", "yes"),
        ("CC BY-NC-SA", "yes"),
        ("by-nc-nd", "whole"),
        ("CC0", "yes"),
        ("public domain", "yes"),
        ("all rights reserved", "no"),
        ("by permission", "no"),
        ("", "no"),
    ],
)
def test_which_licences_allow_sharing(licence: str, sharing: str) -> None:
    assert sharing_of(licence) == sharing


def test_sound_that_may_not_be_shared_is_not_copied(folder: Path, tmp_path: Path) -> None:
    write_rows(folder, {**ROW, "licence": "all rights reserved"})
    write_contribution(read_songs(folder), tmp_path / "out", with_audio=True)
    assert not (tmp_path / "out" / "jamendolyrics" / "mp3").exists()


def test_a_table_to_fill_in(folder: Path) -> None:
    with pytest.raises(OutputError, match="exists"):
        write_table(folder)
    (folder / "songs.csv").unlink()
    with pytest.raises(DataError, match="no such table"):
        list(read_songs(folder))
    assert write_table(folder) == 1
    assert (folder / "songs.csv").read_text() == ",".join(COLUMNS) + "\na.json,a.wav,,,,,,\n"
