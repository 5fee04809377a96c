"""The time to read a row grows with its length, and no faster: expressions do not backtrack."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator

import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.formats.read import parse_lyrics
from lyricsrec.lyrics.normalise import PROFILES, tokenize
from lyricsrec.lyrics.numbers import digits_to_words

_UNITS = (
    *(" ", "a ", "(", "[", "{", "<", "x2 ", "1", "1:", "1.", "[1:", "<a", "- ", "'", "a."),
    *("\u266a", "[Chorus] ", "{a}", "歌", "\t"),
)
_AROUND = (
    *("hello a{}b", "[00:01.00]{}b", "{}", ": 0 4 0 {}", "{{\\k{}", "0.5\t1\t{}", "start,{},end,text\n1,a,2,b"),
    "1\n00:00:01,000 --> 00:00:02,000\n{}b\n",
)
_SIZES = (2_000, 8_000)
_QUADRATIC = 9.0
"""Four times the row in nine times the time or more; linear is 4, quadratic 16."""
_SHORTEST_S = 0.01


def _spent_s(work: Callable[[], object]) -> float:
    started = time.process_time()
    with contextlib.suppress(DataError):
        work()
    return time.process_time() - started


def _grows_too_fast(work: Callable[[str], object], text: Callable[[int], str], sizes: tuple[int, int] = _SIZES) -> bool:
    """Whether three measurements agree that time grows faster than the row."""
    long = text(sizes[1])
    for _ in range(3):
        whole_s = _spent_s(lambda: work(long))
        if whole_s < _SHORTEST_S:
            return False
        part_s = min(_spent_s(lambda: work(text(sizes[0]))) for _ in range(2))
        if whole_s < _QUADRATIC * part_s:
            return False
    return True


@pytest.fixture(autouse=True)
def _without_garbage_collection() -> Iterator[None]:
    """Its time depends on what other tests left in memory."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("around", _AROUND)
def test_readers_are_linear_in_the_length_of_a_row(around: str) -> None:
    slow = [
        unit
        for unit in _UNITS
        if _grows_too_fast(
            lambda text: parse_lyrics(text, "a.txt"), lambda size, unit=unit: around.format(unit * (size // len(unit)))
        )
    ]
    assert not slow


@pytest.mark.slow
@pytest.mark.parametrize("profile", PROFILES)
def test_normalisers_are_linear_in_the_length_of_a_row(profile: str) -> None:
    tokenize("so far 1", profile)  # type: ignore[arg-type]
    slow = [
        unit
        for unit in _UNITS
        if _grows_too_fast(
            lambda text: tokenize(text, profile),  # type: ignore[arg-type]
            lambda size, unit=unit: f"){unit * (size // len(unit))}b",
        )
    ]
    assert not slow


def test_numbers_are_linear_in_their_length() -> None:
    digits_to_words("1", "it")
    for unit in ("1", "1.111", "1,", "1.5 "):
        assert not _grows_too_fast(
            lambda text: digits_to_words(text, "it"), lambda size, unit=unit: unit * (size // len(unit))
        )


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["a ", " ", "[", "(a", "x2 ", "歌"])
def test_rows_of_a_megabyte(unit: str) -> None:
    assert not _grows_too_fast(
        lambda text: parse_lyrics(text, "a.txt"),
        lambda size: f"hello a{unit * (size // len(unit.encode()))}b",
        (250_000, 1_000_000),
    )
