"""`lm build` and `lm tune` as users see them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.command_line import Cli, check_error
from helpers.files import DATA, EXAMPLES

HYMNS = DATA / "lm" / "hymns.txt"


def test_a_model_is_built_and_used(cli: Cli, tmp_path: Path, ctc_folder: Path) -> None:
    done = cli("lm", "build", HYMNS, "--estimator", "lyricsrec", "-o", "lm", "--weight", "2", "--min-count", "2")
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert "3-grams" in done.stdout.decode()
    settings = json.loads((tmp_path / "lm" / "lm.json").read_text())
    assert (settings["texts"], settings["min_count"]) == ([["hymns.txt", 2]], 2)
    song = EXAMPLES / "on_the_run_verse.flac"
    done = cli("transcribe", song, "--separator", "none", "--model", ctc_folder, "--lm", "lm", "-f", "json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert json.loads(done.stdout)["provenance"]["decoder"].startswith("lexicon beam 100 + lm (alpha 0.5")


@pytest.mark.parametrize(
    ("flags", "code", "message"),
    [
        ("missing.txt -o lm", 1, r"missing\.txt: no such file"),
        (f"{HYMNS} -o lm --weight 1 --weight 2", 2, "1 texts, but 2 weights"),
        (f"{HYMNS} -o lm --prune many", 2, "is not a list of whole numbers"),
        (f"{HYMNS} -o lm --order 9", 2, "--order must be less than or equal to 6, not 9"),
        (f"{HYMNS} -o lm --alphabet klingon", 2, "unknown alphabet"),
        (f"{HYMNS}", 2, "--output"),
        (f"{HYMNS} -o lm --words none.tsv", 1, r"none\.tsv: cannot be read"),
        (f"{HYMNS} -o lm --words none.tsv --estimator lmplz", 2, "lmplz cannot use a list of words"),
        (f"{HYMNS} -o lm --words none.tsv --words-share 2", 2, "--words-share"),
        (f"{HYMNS} -o lm --quantise 1", 2, "--quantise"),
    ],
)
def test_errors(cli: Cli, flags: str, code: int, message: str) -> None:
    check_error(cli("lm", "build", *flags.split()), code, message)


def test_a_folder_without_a_model(cli: Cli, tmp_path: Path, ctc_folder: Path) -> None:
    (tmp_path / "empty").mkdir()
    song = EXAMPLES / "on_the_run_verse.flac"
    done = cli("transcribe", song, "--separator", "none", "--model", ctc_folder, "--lm", "empty")
    check_error(done, 1, "empty: no language model in this folder")
    done = cli("transcribe", song, "--model", ctc_folder, "--lm", "empty", "--search", "deep")
    check_error(done, 2, "'deep' is not one of")


def decoder_of(cli: Cli, model: Path, *flags: str) -> tuple[str, str]:
    """The decoder that a transcript names, and the text on stderr."""
    song = EXAMPLES / "on_the_run_verse.flac"
    done = cli("transcribe", song, "--separator", "none", "--model", model, "--lm", "lm", "-f", "json", *flags)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["provenance"]["decoder"], done.stderr.decode()


def test_a_tuned_model_is_used_as_it_was_tuned(cli: Cli, tmp_path: Path, ctc_folder: Path) -> None:
    build = ("lm", "build", HYMNS, "-o", "lm", "-q")
    assert cli(*build).returncode == 0
    assert cli("import", "ultrastar", EXAMPLES, "-o", "data", "--ratios", "0,1,0", "-q").returncode == 0
    flags = ["--alpha", "0.25,2", "--beta", "-1,0", "--beam", "3,6", "--limit", "2", "--device", "cpu"]
    tune = ("lm", "tune", "lm", "--data", "data", "--model", ctc_folder, *flags)
    done = cli(*tune, "-v", COLUMNS="100")
    assert done.returncode == 0, done.stderr
    assert "0 of 2 emissions are cached" in done.stderr.decode()
    # The recogniser has random weights: nothing can help it.
    assert "this language model does not help" in " ".join(done.stderr.decode().split())
    for row in ("greedy", "lexicon only", "chosen"):
        assert row in done.stdout.decode()
    tuning = json.loads((tmp_path / "lm" / "lm.json").read_text())["tuning"]
    assert (tuning["model"], tuning["separator"], tuning["num_chunks"]) == (str(ctc_folder), "none", 2)
    assert (tmp_path / "lm" / "tuning.png").exists()
    again = cli(*tune, "-v", COLUMNS="100")
    assert (again.stdout, again.returncode) == (done.stdout, 0)
    assert "2 of 2 emissions are cached" in again.stderr.decode()
    weights = tuning["weights"]
    name = f"alpha {weights['alpha']:g}, beta {weights['beta']:g})"
    decoder, warning = decoder_of(cli, ctc_folder)
    assert decoder == f"lexicon beam {weights['beam_width']} + lm ({name}"
    assert "this language model did not reduce errors" in warning
    decoder, _ = decoder_of(cli, ctc_folder, "--alpha", "3", "--beam", "9", "--beta=-2")
    assert decoder == "lexicon beam 9 + lm (alpha 3, beta -2)"
    assert cli(*build).returncode == 0
    assert not (tmp_path / "lm" / "tuning.png").exists()
    assert json.loads((tmp_path / "lm" / "lm.json").read_text())["tuning"] is None


def test_tuning_errors(cli: Cli, tmp_path: Path) -> None:
    assert cli("lm", "build", HYMNS, "-o", "lm", "-q").returncode == 0
    assert cli("import", "ultrastar", EXAMPLES, "-o", "data", "--ratios", "0,1,0", "-q").returncode == 0
    (tmp_path / "data" / "test.jsonl").write_bytes((tmp_path / "data" / "validation.jsonl").read_bytes())
    for flags, code, message in [
        ("--model tiny.en", 2, "'tiny.en' is a Whisper model"),
        ("--model nothing", 1, "no model 'nothing'"),
        ("--model tiny.en --alpha much", 2, "--alpha 'much' is not a list of numbers"),
        ("--model tiny.en --beam 2.5", 2, "--beam '2.5' is not a list of whole numbers"),
        ("--model tiny.en --alpha=-1", 2, "--alpha must be greater than or equal to 0, not -1.0"),
        ("--model tiny.en --data data/test.jsonl", 1, "which no model may learn from"),
        ("--model tiny.en --data data/songs.jsonl", 1, "no chunks in it"),
    ]:
        check_error(cli("lm", "tune", "lm", "--data", "data", *flags.split()), code, message)
