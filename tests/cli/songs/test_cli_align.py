"""`lyricsrec align` as users see it: with a recogniser whose emissions are given, and with small real models."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.command_line import Cli
from helpers.sounds import chord, write_song
from helpers.sung_verse import TEXT, TIMES, VERSE, sing, starts
from typer.testing import CliRunner, Result

from lyricsrec.base.progress import Report, ignore
from lyricsrec.cli import app
from lyricsrec.decoding.emission import Emission
from lyricsrec.lyrics.lines import LineConfig
from lyricsrec.lyrics.transcript import Provenance, Transcript
from lyricsrec.pipeline.pipeline import Pipeline
from lyricsrec.recognition.acoustic import to_recognizer
from lyricsrec.recognition.base import Piece, RecognizedPiece
from lyricsrec.separation.base import NoSeparator

SECONDS = 70.0
LATER_S = 50.0


class Planted:
    """A recogniser with a given emission: for each piece of the song, its part of it."""

    name = "planted"
    longest_s = 30.0

    def __init__(self, song: Emission) -> None:
        self.song = song

    def recognize(self, pieces: Sequence[Piece], report: Report = ignore) -> Iterator[Emission | RecognizedPiece]:
        for piece in pieces:
            first, stop = (round(t / self.song.frame_s) for t in (piece.voice.start_s, piece.voice.end_s))
            yield Emission(
                self.song.log_probs[first:stop], self.song.frame_s, piece.voice.start_s, vocabulary=self.song.vocabulary
            )
            report(piece.voice.end_s)


class WordsOnly(Planted):
    """A recogniser that gives words instead of an emission."""

    def recognize(self, pieces: Sequence[Piece], report: Report = ignore) -> Iterator[Emission | RecognizedPiece]:
        yield RecognizedPiece(())


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Callable[[Planted], None]:
    """Gives every pipeline that is loaded a planted recogniser."""

    def put(recognizer: Planted) -> None:
        provenance = Provenance("0", "none", "planted", decoder="none")
        planted = Pipeline(
            NoSeparator(),
            to_recognizer,
            lambda _: [],
            recognizer=recognizer,
            decoder=None,
            lines=LineConfig(),
            provenance=provenance,
        )
        monkeypatch.setattr("lyricsrec.pipeline.load.load_pipeline", lambda *_, **__: planted)

    return put


@pytest.fixture
def run(plant: Callable[[Planted], None], tmp_path: Path) -> Callable[..., Result]:
    """Aligns a text with a song in which the verse is sung twice, 50 s apart."""
    sung = [*VERSE, *((start_s + LATER_S, text) for start_s, text in VERSE)]
    plant(Planted(sing(sung, SECONDS)))
    song = write_song(tmp_path / "song.wav", chord(SECONDS, 8000), 8000)

    def align(text: str, *flags: str) -> Result:
        (tmp_path / "text.txt").write_text(text, "utf-8")
        arguments = ["align", str(song), str(tmp_path / "text.txt"), "--model", "facebook/wav2vec2-base-960h", *flags]
        return CliRunner().invoke(app, arguments)

    return align


BOTH = "\n".join([*TEXT, "", *TEXT]) + "\n"


def test_lrc_on_stdout(run: Callable[..., Result]) -> None:
    done = run(BOTH)
    rows = [row for row in done.stdout.splitlines() if row.startswith("[0") and not row.endswith("]")]
    times = ["00:02.00", "00:05.00", "00:09.00", "00:52.00", "00:55.00", "00:59.00"]
    assert rows == [f"[{time}]{text}" for time, text in zip(times, TEXT * 2, strict=True)]
    assert (done.exit_code, done.stderr) == (0, "")


def test_json_with_placements_across_pieces(run: Callable[..., Result]) -> None:
    transcript = Transcript.from_json(run(BOTH, "-f", "json").stdout)
    later = [[round(start_s + LATER_S, 3) for start_s in row] for row in TIMES]
    assert starts(transcript.lines) == [*TIMES, *later]
    assert [line.placement.band for line in transcript.lines if line.placement] == ["sure"] * 6
    assert (transcript.song, transcript.duration_s) == ("song", SECONDS)
    assert transcript.provenance.decoder == "given lyrics"


def test_files(run: Callable[..., Result], tmp_path: Path) -> None:
    assert run(BOTH, "-f", "srt", "-f", "textgrid", "-o", str(tmp_path / "out")).exit_code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"song.srt", "song.TextGrid"}
    assert run(BOTH, "-o", str(tmp_path / "one.ass")).stdout == ""
    assert (tmp_path / "one.ass").read_text("utf-8").startswith("[Script Info]")


def test_a_line_that_cannot_be_placed(run: Callable[..., Result]) -> None:
    text = BOTH + "nobody knows where my umbrella is\n"
    done = run(text)
    assert done.exit_code == 0
    assert "umbrella" not in done.stdout
    assert "1 of 7 lines could not be placed" in done.stderr
    assert run(text, "--strict").exit_code == 1
    assert run(BOTH, "--strict").exit_code == 0
    shown = " ".join(run(text, "--report").stderr.replace("│", " ").split())
    assert "7 - unplaced" in shown
    assert "not found in" in shown


def test_lyrics_of_another_song(run: Callable[..., Result]) -> None:
    done = run("xylophone quartz jumping\njazzy vexing foxes\n", "--report")
    assert done.exit_code == 0
    assert "none of the 2 lines was found in the recording; check that the lyrics belong to it" in done.stderr


@pytest.mark.parametrize("text", ["何度でも\n怪獣の花唄\n", "Не валяй дурака\n", "사랑해요\n"])
def test_lyrics_without_a_letter_that_the_model_knows(run: Callable[..., Result], text: str) -> None:
    done = run(text)
    assert done.exit_code == 1
    assert "planted knows no letter of these lyrics" in done.stderr
    assert "Name a CTC model of their language" in done.stderr
    assert not done.stdout


def test_a_recogniser_without_emissions_cannot_align(plant: Callable[[Planted], None], tmp_path: Path) -> None:
    plant(WordsOnly(sing([], 1)))
    (tmp_path / "a.txt").write_text("a\n")
    song = write_song(tmp_path / "song.wav", chord(1.0))
    done = CliRunner().invoke(app, ["align", str(song), str(tmp_path / "a.txt"), "--model", "x/y"])
    assert done.exit_code == 2
    assert "'planted' is not a CTC model; alignment needs one" in done.stderr


def test_a_real_model_and_lyrics_from_stdin(cli: Cli, ctc_folder: Path, tone: Path) -> None:
    done = cli("align", tone, "-", "-f", "json", "--model", ctc_folder, "--strict", stdin=b"la la\n")
    document = json.loads(done.stdout)
    assert done.returncode == (document["lines"][0]["placement"]["band"] == "unplaced")
    assert document["provenance"]["recognizer"] == str(ctc_folder)


@pytest.mark.parametrize(
    ("flags", "code", "message"),
    [
        (("-", "-"), 2, "cannot both be standard input"),
        (("{tone}", "none.txt"), 1, "none.txt: cannot be read"),
        (("none.wav", "{text}"), 1, "none.wav"),
        (("{tone}", "{empty}"), 1, "empty.txt: empty"),
        (("{tone}", "{text}", "--model", "tiny.en"), 2, "'tiny.en' is not a CTC model"),
        (("{tone}", "{text}", "-f", "doc"), 2, "unknown format 'doc'"),
        (("{tone}", "{text}", "-f", "srt", "-f", "lrc"), 2, "several formats cannot share"),
        (("{folder}", "{text}"), 2, "is a folder"),
        (("{tone}", "{text}", "--model", "none/at-all"), 1, "the hub cannot be reached"),
    ],
)
def test_errors(
    cli: Cli, ctc_folder: Path, tone: Path, tmp_path: Path, flags: Sequence[str], code: int, message: str
) -> None:
    files = SimpleNamespace(tone=tone, text=tmp_path / "text.txt", empty=tmp_path / "empty.txt", folder=tmp_path)
    files.text.write_text("la la\n")
    files.empty.write_text("\n")
    model = () if "--model" in flags else ("--model", ctc_folder)
    done = cli("align", *(flag.format(**vars(files)) for flag in flags), *model)
    stderr = " ".join(done.stderr.decode().split())
    assert (done.returncode, done.stdout) == (code, b""), stderr
    assert message in stderr
    assert "Traceback" not in stderr
