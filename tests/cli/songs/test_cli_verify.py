"""`lyricsrec align --verify`, with a given result of the alignment."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from lyricsrec.alignment.verify import VerifyConfig, without_times
from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.cli import app
from lyricsrec.cli.screen import Screen
from lyricsrec.cli.songs import align as align_command
from lyricsrec.cli.songs.verify import VerifyOptions, verify_lyrics, verify_song
from lyricsrec.formats.base import Lyrics
from lyricsrec.formats.read import parse_lyrics, read_lyrics
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import Placement, Provenance, Transcript

LRC = "[ti:Song]\n" + "".join(f"[00:{10 + 5 * i}.00]line {i}\n" for i in range(8))
SCREEN = Screen(quiet=True)


def aligned(given: Lyrics, retiming: Retiming) -> Transcript:
    later = replace(retiming, offset_s=retiming.offset_s + VerifyConfig().lead_s)
    lines = tuple(replace(line, placement=Placement(0.9, "sure")) for line in later.lines(given.lines))
    return Transcript("Song", 60.0, lines, provenance=Provenance("0", "none", "test", decoder="align"))


@pytest.fixture
def lrc(tmp_path: Path) -> Path:
    path = tmp_path / "song.lrc"
    path.write_text(LRC, "utf-8")
    return path


def test_times_that_fit(lrc: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    given = read_lyrics(lrc)
    fixed = tmp_path / "fixed.lrc"
    verify_song("a.mp3", given, aligned(given, Retiming()), VerifyOptions(True, fixed, strict=True), SCREEN)
    assert capsysbinary.readouterr().out.decode().splitlines()[0] == f"a.mp3, {lrc}: in time"
    assert fixed.read_bytes() == lrc.read_bytes()


def test_corrected_lyrics_in_their_own_format(lrc: Path, tmp_path: Path) -> None:
    given = read_lyrics(lrc)
    fixed = tmp_path / "fixed.lrc"
    verify_song("a.mp3", given, aligned(given, Retiming(1.0, 0.7, {3: 2.0})), VerifyOptions(True, fixed), SCREEN)
    expected = LRC
    for i in reversed(range(8)):
        expected = expected.replace(f"[00:{10 + 5 * i}.00]", f"[00:{10 + 5 * i + 2 * (i == 3)}.70]")
    assert fixed.read_text("utf-8") == expected
    assert lrc.read_text("utf-8") == LRC


def test_corrected_lyrics_in_another_format(lrc: Path, tmp_path: Path) -> None:
    given = read_lyrics(lrc)
    found = aligned(given, Retiming(1.0, 0.7))
    lost = replace(without_times(found.lines)[2], placement=Placement(0.0, "unplaced", "not there"))
    found = replace(found, lines=(*found.lines[:2], lost, *found.lines[3:]))
    verify_song("a.mp3", given, found, VerifyOptions(True, tmp_path / "fixed.json"), SCREEN)
    transcript = Transcript.from_json((tmp_path / "fixed.json").read_text("utf-8"))
    assert [line.start_s for line in transcript.lines] == pytest.approx([10.7 + 5 * i for i in range(8)])
    assert [line.placement.band for line in transcript.lines if line.placement] == ["sure"] * 2 + ["unplaced"] + [
        "sure"
    ] * 5
    assert transcript.notes == ("0.70 s early throughout",)
    verify_song("a.mp3", given, found, VerifyOptions(True, tmp_path / "fixed.srt"), SCREEN)
    assert (tmp_path / "fixed.srt").read_text("utf-8").startswith("1\n00:00:10,700 --> 00:00:15,700\nline 0\n")


def test_strict_and_json(lrc: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    given = read_lyrics(lrc)
    with pytest.raises(typer.Exit) as end:
        verify_song(
            "a", given, aligned(given, Retiming(1.0, 0.7)), VerifyOptions(formats=("json",), strict=True), SCREEN
        )
    assert end.value.exit_code == 3
    assert json.loads(capsysbinary.readouterr().out)["verdicts"] == ["0.70 s early throughout"]


def test_nothing_is_written_without_a_verdict(lrc: Path, tmp_path: Path) -> None:
    given = read_lyrics(lrc)
    found = replace(aligned(given, Retiming()), lines=without_times(given.lines))
    with pytest.raises(DataError, match=r"not corrected: cannot tell: too few lines were placed \(0 of 8\)"):
        verify_song("a", given, found, VerifyOptions(True, tmp_path / "fixed.lrc"), SCREEN)
    assert not (tmp_path / "fixed.lrc").exists()


def test_options_that_do_not_fit(lrc: Path, tmp_path: Path) -> None:
    given = read_lyrics(lrc)
    for options, complaint in [
        (VerifyOptions(formats=("lrc",)), "--verify reports as text or as --format json"),
        (VerifyOptions(fix=True), "--fix needs a file to write to"),
        (VerifyOptions(output=tmp_path / "a.lrc"), "--verify writes a file only with --fix"),
        (VerifyOptions(True, tmp_path), "the extension names no format"),
        (VerifyOptions(True, tmp_path / "a.gz"), "the extension names no format"),
    ]:
        with pytest.raises(UsageError, match=complaint):
            options.check(given)
    VerifyOptions(True, tmp_path / "a.ass").check(given)
    with pytest.raises(DataError, match=r"plain\.txt: no times to verify"):
        VerifyOptions().check(parse_lyrics("So far", "plain.txt"))


def test_alignment_does_not_see_the_times(lrc: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    passed = []

    def align(lyrics: Lyrics) -> Transcript:
        passed.append(lyrics)
        return aligned(read_lyrics(lrc), Retiming())

    verify_lyrics("a.mp3", read_lyrics(lrc), align, VerifyOptions(), SCREEN)
    assert [lyrics.timed for lyrics in passed] == [False]
    assert b"in time" in capsysbinary.readouterr().out


def test_ultrastar_lines_without_room_keep_their_times(tmp_path: Path) -> None:
    path = tmp_path / "song.txt"
    path.write_text("#BPM:150\n#GAP:1000\n" + "- 1\n".join(f": {100 * i} 5 0 word{i}\n" for i in range(6)), "utf-8")
    given = read_lyrics(path)
    verify_song("a", given, aligned(given, Retiming(1.0, 0.0, {2: 20.0})), VerifyOptions(True, path), SCREEN)
    assert [line.start_s for line in read_lyrics(path).lines] == [1.0, 11.0, 21.0, 31.0, 41.0, 51.0]


def test_the_command(lrc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = aligned(read_lyrics(lrc), Retiming(1.0, 0.7))
    monkeypatch.setattr(align_command, "_aligned", lambda song, given, config, screen: found)
    command = ["align", "song.mp3", str(lrc), "--model", "any", "--strict"]
    done = CliRunner().invoke(app, [*command, "--fix", "-o", str(tmp_path / "new.lrc")])
    assert (done.exit_code, done.stdout.splitlines()[0]) == (3, f"song.mp3, {lrc}: 0.70 s early throughout")
    assert "[00:10.70]line 0\n" in (tmp_path / "new.lrc").read_text("utf-8")
    found = aligned(read_lyrics(lrc), Retiming())
    assert CliRunner().invoke(app, [*command, "--verify"]).exit_code == 0
    assert CliRunner().invoke(app, [*command, "--verify", "-f", "srt"]).exit_code == 2
    assert CliRunner().invoke(app, ["align", "-", "-", "--verify", "--model", "any"]).exit_code == 2
