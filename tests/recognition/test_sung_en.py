"""The built-in CTC model on real singing."""

import json
import statistics
from pathlib import Path

import pytest
from helpers.command_line import Cli
from helpers.files import EXAMPLES

from lyricsrec import load_pipeline
from lyricsrec.formats.read import read_lyrics
from lyricsrec.lyrics.wer import count_edits

VERSES = ["on_the_run_verse", "on_the_run_second_verse", "on_the_run_third_verse"]


def test_the_authors_of_its_training_data_are_credited() -> None:
    folder = EXAMPLES.parent / "lyricsrec" / "data" / "sung-en"
    notice = (EXAMPLES.parent / "NOTICE").read_text("utf-8")
    card = (folder / "README.md").read_text("utf-8")
    assert "lyricsrec/data/sung-en" in notice
    assert "OpenAI" in notice
    for text in (notice, card):
        assert "CC BY-SA 4.0" in text
    for author in ("Allison Smith", "Macroform", "Manolo Camp", "Reno Project", "Kokoro", "Robyn Speer"):
        assert author in card


def test_the_builtin_preset_transcribes_singing() -> None:
    pipeline = load_pipeline("builtin", offline=True)
    assert "lyrics-lm" in pipeline.provenance.decoder
    read = [pipeline.transcribe(EXAMPLES / f"{verse}.flac").text for verse in VERSES]
    edits = count_edits([(EXAMPLES / f"{verse}.txt").read_text("utf-8") for verse in VERSES], read, "plain")
    assert edits.wer <= 0.75
    assert edits.hits >= 20


@pytest.mark.parametrize(("model", "verse"), [*(("sung.en", verse) for verse in VERSES), ("sung", VERSES[0])])
def test_known_lyrics_are_aligned(model: str, verse: str, tmp_path: Path, cli: Cli) -> None:
    karaoke = EXAMPLES / "karaoke" / f"{verse}.txt"
    given = tmp_path / "lyrics.txt"
    lines = read_lyrics(karaoke).lines
    given.write_text("\n".join(line.text for line in lines), encoding="utf-8")
    done = cli("align", EXAMPLES / f"{verse}.flac", given, "-f", "json", "--strict", "--model", model)
    assert done.returncode == 0, done.stderr
    timed = [word["start_s"] for line in json.loads(done.stdout)["lines"] for word in line["words"]]
    errors = [
        abs(start_s - word.start_s)
        for start_s, word in zip(timed, (word for line in lines for word in line.words), strict=True)
    ]
    assert statistics.median(errors) <= 0.08
    assert max(errors) <= 0.5
