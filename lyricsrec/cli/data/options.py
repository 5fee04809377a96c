"""The flags that `dali-prepare` and `import` share: the rules by which a data set is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.base.settings import checked
from lyricsrec.dataset.preparation.settings import Case as LetterCase
from lyricsrec.dataset.preparation.settings import ChunkMode, DatasetConfig, SplitMode, parse_languages
from lyricsrec.lyrics.languages import ALPHABETS

_Number = TypeVar("_Number", int, float)

Languages = Annotated[
    list[str] | None,
    typer.Option(
        "--language",
        help="A language to keep (english, en, de ...); may repeat; or all. Default: english of DALI, all of others.",
    ),
]
Exclude = Annotated[Path | None, typer.Option(help="A file of song ids to leave out, one a line.")]
Split = Annotated[SplitMode, typer.Option(help="How to split songs: ncc (by annotation quality) or random.")]
Ncc = Annotated[float, typer.Option(min=0, max=1, help="Lowest NCC of a song that is used; train begins here.")]
ValidationNcc = Annotated[float, typer.Option(min=0, max=1, help="Validation begins at this NCC (--split ncc).")]
TestNcc = Annotated[float, typer.Option(min=0, max=1, help="Test begins at this NCC (--split ncc).")]
Ratios = Annotated[str, typer.Option(help="Shares of train, validation and test songs (--split random).")]
Seed = Annotated[int, typer.Option(help="Fixes the random split.")]
SeparateArtists = Annotated[bool, typer.Option("--separate-artists", help="No artist in two splits.")]
Alphabet = Annotated[
    str,
    typer.Option(
        help="Letters that lyrics are spelled with: a language (english, german ...), auto (that of each song or "
        "text), or the letters themselves."
    ),
]
Case = Annotated[LetterCase, typer.Option(help="Capital or small letters.")]
Chunks = Annotated[
    ChunkMode,
    typer.Option(help="How to cut: words (whole words and lines) or fixed (windows, as the 2021 project)."),
]
ChunkS = Annotated[float, typer.Option(help="Longest chunk in seconds; 5 was the 2021 project's.")]
MaxGapS = Annotated[float, typer.Option(min=0, help="A pause longer than this many seconds ends a chunk (words).")]
PadS = Annotated[float, typer.Option(min=0, help="Most of a pause to keep around a chunk, in seconds (words).")]
Extract = Annotated[bool, typer.Option("--extract", help="Write the sound of every chunk as FLAC.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes that read songs. Default: one a core.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Do it all and write nothing: what would go where?")]


_FLAGS = {
    "lyrics.case": "--case",
    "chunk.mode": "--chunks",
    "chunk.chunk_s": "--chunk-s",
    "chunk.max_gap_s": "--max-gap-s",
    "chunk.pad_s": "--pad-s",
    "split": "--split",
    "split.mode": "--split",
    "split.ncc": "--ncc",
    "split.validation_ncc": "--validation-ncc",
    "split.test_ncc": "--test-ncc",
    "split.ratios": "--ratios",
}


@dataclass(frozen=True)
class Rules:
    """The flags as they were given."""

    languages: list[str]
    exclude: Path | None
    alphabet: str
    _: KW_ONLY
    case: LetterCase
    chunk: Mapping[str, Any]
    split: Mapping[str, Any]
    extract: bool

    def config(self) -> DatasetConfig:
        """The settings. Raises UsageError for invalid values."""
        given = {
            "languages": parse_languages(self.languages),
            "exclude": read_ids(self.exclude) if self.exclude else frozenset(),
            "lyrics": {"letters": letters_of(self.alphabet), "case": self.case},
            "chunk": self.chunk,
            "split": self.split,
            "extract": self.extract,
        }
        return checked(DatasetConfig, given, flags=_FLAGS)


def ratios_of(text: str) -> tuple[float, float, float]:
    """Three shares from "0.8,0.1,0.1". Raises UsageError."""
    try:
        train, validation, test = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"--ratios '{text}' are not three numbers", "Give them as 0.8,0.1,0.1.") from None
    return train, validation, test


def numbers_of(text: str, flag: str, kind: Callable[[str], _Number]) -> tuple[_Number, ...]:
    """The numbers of "0,0,1", each read by `kind`. Raises UsageError that names the flag."""
    try:
        return tuple(kind(part) for part in text.split(","))
    except ValueError:
        what = "whole numbers" if kind is int else "numbers"
        raise UsageError(f"{flag} '{text}' are no {what}", "Give them with commas, as 0,0,1.") from None


def letters_of(alphabet: str) -> str | None:
    """The capital letters that `--alphabet` means, None for each song's own. Raises UsageError."""
    if alphabet.lower() == "auto":
        return None
    if alphabet.lower() in ALPHABETS:
        return ALPHABETS[alphabet.lower()]
    letters = "".join(dict.fromkeys(c for c in alphabet.upper() if c.isalpha()))
    if len(letters) < 5 or len(letters) < len(set(alphabet.upper())) / 2 or alphabet.islower():
        raise UsageError(
            f"no alphabet is called '{alphabet}'",
            f"Known are auto, {', '.join(ALPHABETS)}; or write out the letters, in capitals.",
        )
    return letters


def read_ids(path: Path) -> frozenset[str]:
    """Song ids from a file, one a line; what follows a # is a remark. Raises UsageError."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--exclude {path} cannot be read ({getattr(error, 'strerror', None) or error})") from None
    return frozenset(name for line in lines if (name := line.split("#")[0].strip()))
