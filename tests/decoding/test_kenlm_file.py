"""KenLM files of unknown origin: damaged headers and bodies end in an error, never in a crash."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from lyricsrec.base.errors import ModelError
from lyricsrec.decoding.kenlm_file import check_kenlm_file
from lyricsrec.decoding.lm_folder import BINARY
from lyricsrec.models.resolve import find_language_model

SHIPPED = find_language_model("lyrics") / BINARY
ARPA = """\\data\\
ngram 1=5
ngram 2=2

\\1-grams:
-1.0\t<unk>
-99\t<s>\t-0.3
-1.0\t</s>
-0.5\tHELLO\t-0.2
-0.6\tYOU\t-0.1

\\2-grams:
-0.2\t<s> HELLO
-0.3\tHELLO YOU

\\end\\
"""


def refused(path: Path) -> bool:
    message = ""
    try:
        check_kenlm_file(path)
    except ModelError as error:
        message = str(error)
    assert message in ("", f"{path}: not a language model that KenLM can read")
    return bool(message)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1=5", "1=-5"),
        ("1=5", "1=99999999999999"),
        ("1=5", "1=5555555555555555555555"),
        ("1=5", "1=0"),
        ("1=5", "1=6"),
        ("1=5", "1=x"),
        ("ngram 1=5\n", ""),
        ("\\data\\", ""),
        ("-0.5\tHELLO", "hello"),
        ("-0.5", "nan nan"),
        ("\\2-grams:", "\\3-grams:"),
        ("\\end\\\n", ""),
    ],
)
def test_a_damaged_arpa_file_is_refused(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "lm.arpa"
    path.write_text(ARPA)
    assert not refused(path)
    path.write_text(ARPA.replace(old, new, 1))
    assert refused(path)


@pytest.mark.parametrize("size", [0, 10, 51, 90, 110, 1000, 1 << 20])
def test_a_binary_that_was_cut_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "lm.binary"
    path.write_bytes(SHIPPED.read_bytes()[:size])
    assert refused(path)


def test_a_header_with_impossible_counts_is_refused_before_kenlm_sees_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subprocess.run", None)
    data = bytearray(SHIPPED.read_bytes())
    for at, value in ((88, 200), (88, 0), (114, 255)):
        path = tmp_path / f"{at}-{value}.binary"
        path.write_bytes(data[:at] + bytes([value]) + data[at + 1 :])
        assert refused(path)


def test_damage_anywhere_in_the_header_is_survived(tmp_path: Path) -> None:
    random_number = random.Random(0)
    data = SHIPPED.read_bytes()
    for trial in range(6):
        damaged = bytearray(data)
        for _ in range(4):
            damaged[random_number.randrange(52, 400)] = random_number.randrange(256)
        path = tmp_path / f"{trial}.binary"
        path.write_bytes(damaged)
        refused(path)


def test_what_is_not_a_file_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path)
    assert refused(tmp_path / "missing")
    assert refused(Path("/dev/zero"))
