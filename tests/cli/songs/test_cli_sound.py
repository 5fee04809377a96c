"""Commands that read sound: containers with late beginnings, holes and several tracks."""

from __future__ import annotations

import json
from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile
from helpers.command_line import Cli
from helpers.containers import Form, Part, write_container
from helpers.files import EXAMPLES

STARTS = [0.5, 3.1, 6.06, 11.24]


@pytest.fixture(scope="module")
def verse() -> np.ndarray:
    samples, _ = soundfile.read(EXAMPLES / "on_the_run_verse.flac", dtype="float32", always_2d=True)
    return samples


@pytest.fixture(scope="module")
def lyrics() -> str:
    return (EXAMPLES / "on_the_run_verse.txt").read_text("utf-8")


def starts(cli: Cli, song: Path, lyrics: str, *flags: str) -> tuple[list[float], str]:
    (song.parent / "ref.txt").write_text(lyrics)
    done = cli("align", song.name, "ref.txt", "-f", "json", *flags)
    assert done.returncode == 0, done.stderr
    return [line["start_s"] for line in json.loads(done.stdout)["lines"]], done.stderr.decode()


def test_the_track_that_is_chosen_is_read(cli: Cli, tmp_path: Path, verse: np.ndarray, lyrics: str) -> None:
    noise = np.random.default_rng(0).normal(0, 0.001, verse.shape).astype(np.float32)
    path = write_container(tmp_path / "two.mkv", [Part(noise, language="eng"), Part(verse, language="ger")], Form())
    found, warnings = starts(cli, path, lyrics, "--track", "german")
    assert found == pytest.approx(STARTS, abs=0.1)
    assert warnings == ""


def test_several_tracks_are_listed(cli: Cli, tmp_path: Path, verse: np.ndarray, lyrics: str) -> None:
    path = write_container(tmp_path / "two.mkv", [Part(verse), Part(verse[:44_100])], Form())
    found, warnings = starts(cli, path, lyrics)
    assert found == pytest.approx(STARTS, abs=0.1)
    assert warnings == "warning: two.mkv: of 2 sound tracks, 1, 2, number 1 is read\n"


@pytest.mark.parametrize("command", [("transcribe",), ("align", "ref.txt"), ("separate",), ("plot", "ref.lrc")])
def test_a_track_that_is_not_there(cli: Cli, tone: Path, command: tuple[str, ...]) -> None:
    (tone.parent / "ref.txt").write_text("la la\n")
    (tone.parent / "ref.lrc").write_text("[00:01.00]la la\n")
    output = ("-o", "a.png") if command[0] == "plot" else ()
    done = cli(command[0], tone.name, *command[1:], "--track", "2", *output)
    assert done.returncode == 1
    assert b"error: tone.wav: no sound track '2'; its only sound track is 1" in done.stderr


def test_lyrics_are_embedded(cli: Cli, tmp_path: Path, verse: np.ndarray, lyrics: str) -> None:
    path = write_container(tmp_path / "song.mp3", [Part(verse)], Form("libmp3lame", bit_rate=128_000))
    (tmp_path / "ref.txt").write_text(lyrics)
    done = cli("align", "song.mp3", "ref.txt", "--embed", "--language", "en", "-v")
    assert done.returncode == 0
    assert done.stderr == b"song.mp3: lyrics written into its tags\n"
    tags = mutagen.File(path).tags
    (timed,) = tags.getall("SYLT")
    assert [ms / 1000 for _, ms in timed.text] == pytest.approx(STARTS, abs=0.1)
    assert [frame.text.splitlines() for frame in tags.getall("USLT")] == [lyrics.splitlines()]
    assert timed.lang == "eng"
    again = cli("align", "song.mp3", "-f", "txt", "-v")
    assert (again.returncode, again.stdout.decode()) == (0, lyrics)
    checked = cli("align", "song.mp3", "--verify", "--strict")
    assert checked.returncode == 0, checked.stdout


def test_lyrics_of_another_song_are_not_embedded(cli: Cli, tone: Path) -> None:
    (tone.parent / "ref.txt").write_text("nobody sings this line\n")
    before = tone.read_bytes()
    done = cli("align", tone.name, "ref.txt", "--embed")
    assert done.returncode == 1
    assert b"error: tone: no line has a time; nothing is written into its tags" in done.stderr
    assert tone.read_bytes() == before
    done = cli("align", tone.name)
    assert done.returncode == 2
    assert b"tone.wav: no lyrics in its tags" in done.stderr


def test_lyrics_that_cannot_be_embedded_are_an_error_before_any_work(cli: Cli, tone: Path) -> None:
    (tone.parent / "ref.txt").write_text("la la\n")
    tone.chmod(0o444)
    for command in (("align", tone.name, "ref.txt"), ("transcribe", tone.name)):
        done = cli(*command, "--embed")
        assert (done.returncode, done.stdout) == (1, b"")
        assert done.stderr == (b"error: tone.wav: the file is read-only\n  Make it writable, or leave out --embed.\n")
    done = cli("transcribe", "-", "--embed", stdin=tone.read_bytes())
    assert done.returncode == 1
    assert b"stdin: no file to write lyrics into" in done.stderr
    done = cli("align", tone.name, "ref.txt", "--embed", "--verify")
    assert done.returncode == 2


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.ts", "a.mov", "a.webm"])
def test_sound_that_begins_late(cli: Cli, tmp_path: Path, verse: np.ndarray, lyrics: str, name: str) -> None:
    form = Form("libmp3lame", "matroska", picture_s=0.0) if name == "a.webm" else Form(picture_s=0.0)
    found, warnings = starts(cli, write_container(tmp_path / name, [Part(verse, 3.0)], form), lyrics)
    assert found == pytest.approx([time_s + 3 for time_s in STARTS], abs=0.1)
    assert warnings == ""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.ts", "a.m4a", "a.mov"])
def test_a_hole_in_the_sound(cli: Cli, tmp_path: Path, verse: np.ndarray, lyrics: str, name: str) -> None:
    form = Form() if name == "a.m4a" else Form(picture_s=0.0)
    part = Part(verse, hole_at_s=5.0, hole_s=4.0)
    found, warnings = starts(cli, write_container(tmp_path / name, [part], form), lyrics)
    assert found == pytest.approx([0.5, 3.1, 10.06, 15.24], abs=0.1)
    assert warnings == ""


@pytest.mark.slow
@pytest.mark.parametrize("quality", [0, 2, 4, 6, 9])
def test_mp3_files_of_variable_bit_rate(cli: Cli, tmp_path: Path, verse: np.ndarray, lyrics: str, quality: int) -> None:
    loud = np.random.default_rng(1).normal(0, 0.3 if quality % 4 else 1e-4, (6 * 44_100, 2)).astype(np.float32)
    form = Form("libmp3lame", options={"write_xing": "0", "id3v2_version": "0"}, quality=quality)
    path = write_container(tmp_path / "a.mp3", [Part(np.concatenate([loud, verse / 2]))], form)
    found, warnings = starts(cli, path, lyrics)
    assert found == pytest.approx([time_s + 6 for time_s in STARTS], abs=0.15)
    assert warnings == ""
