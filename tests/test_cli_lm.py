"""`lm build` as its users meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import DATA, EXAMPLES
from test_cli import Cli, check_error

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
        (f"{HYMNS} -o lm --prune many", 2, "are no numbers"),
        (f"{HYMNS} -o lm --order 9", 2, "not between 2 and 6"),
        (f"{HYMNS} -o lm --alphabet klingon", 2, "no alphabet is called"),
        (f"{HYMNS}", 2, "--output"),
        (f"{HYMNS} -o lm --words none.tsv", 1, r"none\.tsv: cannot be read"),
        (f"{HYMNS} -o lm --words none.tsv --estimator lmplz", 2, "lmplz takes no list of words"),
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
    check_error(done, 2, "no search is called 'deep'")
