"""`lyricsrec plot` as users see it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from helpers.command_line import Cli
from helpers.files import EXAMPLES
from PIL import Image

from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word

VERSE = Transcript(
    "verse",
    13.0,
    (
        Line((Word("so", 0.4, 0.8, confidence=0.9), Word("far", 0.9, 1.4, confidence=0.3))),
        Line((Word("away", None, None),)),
    ),
    provenance=Provenance("1", "none", "whisper", decoder="beam"),
).to_json()


def test_a_picture_from_a_pipe(cli: Cli, tone: Path) -> None:
    done = cli("plot", tone, "-", "-o", "out/song.png", "-v", stdin=VERSE.encode())
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    assert done.stderr == b"wrote out/song.png\n"
    with Image.open(tone.parent / "out" / "song.png") as image:
        assert image.format == "PNG"
        assert image.size[0] == 1795
    assert [path.name for path in (tone.parent / "out").iterdir()] == ["song.png"]


def test_a_page_of_a_song_from_a_pipe_asks_for_the_song(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "verse.json").write_text(VERSE)
    song = (EXAMPLES / "on_the_run_verse.flac").read_bytes()
    done = cli("plot", "-", "verse.json", "-o", "verse.html", "--background", "waveform", "-q", stdin=song)
    assert (done.returncode, done.stderr) == (0, b"")
    page = (tmp_path / "verse.html").read_text("utf-8")
    assert '<audio controls preload="auto" hidden>' in page
    assert "<title>stdin</title>" in page


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("tone.wav", "verse.json", "-o", "song.bmp"), 2, "unknown format of --output 'song.bmp'"),
        (
            ("tone.wav", "verse.json", "-o", "song.png", "--background", "sky"),
            2,
            "'sky' is not one of",
        ),
        (("tone.wav", "verse.json", "-o", "song.png", "--from", "9"), 2, "--from 9 is after the end of the song"),
        (("-", "-", "-o", "song.png"), 2, "cannot both be standard input"),
        ((".", "verse.json", "-o", "song.png"), 2, ". is a folder"),
        (("none.wav", "verse.json", "-o", "song.png"), 1, "none.wav: no such file"),
        (("tone.wav", "none.json", "-o", "song.png"), 1, "none.json: cannot be read"),
        (("tone.wav", "tone.wav", "-o", "song.png"), 1, "tone.wav: not a text file"),
        (("tone.wav", "verse.json"), 2, "Missing option '--output'"),
    ],
)
def test_errors(cli: Cli, tone: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    (tone.parent / "verse.json").write_text(VERSE)
    done = cli("plot", *arguments)
    stderr = " ".join(done.stderr.decode().split())
    assert done.returncode == code, stderr
    assert message in stderr
    assert "Traceback" not in stderr
    assert not (tone.parent / "song.png").exists()


def test_help_is_light_and_shows_examples() -> None:
    code = "import sys; sys.argv = ['lyricsrec', 'plot', '--help']\nfrom lyricsrec.cli import main\ntry:\n    main()\n"
    code += "except SystemExit as e:\n    assert not e.code\n"
    code += "assert not {'torch', 'matplotlib', 'numpy', 'PIL', 'soundfile'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, cwd=EXAMPLES.parent)
    assert done.returncode == 0, done.stderr
    assert b"transcribe song.mp3 -f json" in done.stdout
