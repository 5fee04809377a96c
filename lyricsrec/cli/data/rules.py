"""The rules by which data sets are made: options that `dali-prepare`, `import` and `dataset prepare` share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.base.reading.input_files import read_text
from lyricsrec.base.settings import checked
from lyricsrec.cli import options
from lyricsrec.cli.command import Options
from lyricsrec.dataset.preparation.settings import Case as CaseName
from lyricsrec.dataset.preparation.settings import (
    ChunkConfig,
    ChunkMode,
    DatasetConfig,
    SplitConfig,
    SplitMode,
    parse_languages,
)

Case = Annotated[CaseName, typer.Option(help="Case of the letters.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Output folder for manifests, report and picture.")]

_CHUNK, _SPLIT = ChunkConfig(), SplitConfig()
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


@dataclass(frozen=True, kw_only=True)
class NccSplit(Options):
    """How DALI's songs are split by the quality of their annotations."""

    split: Annotated[SplitMode, typer.Option(help="How to split songs: by annotation quality (NCC), or at random.")] = (
        "ncc"
    )
    ncc: Annotated[
        float, typer.Option(min=0, max=1, help="Lowest NCC of a song that is used; the training split starts here.")
    ] = _SPLIT.ncc
    validation_ncc: Annotated[
        float, typer.Option(min=0, max=1, help="NCC at which the validation split starts (--split ncc).")
    ] = _SPLIT.validation_ncc
    test_ncc: Annotated[float, typer.Option(min=0, max=1, help="NCC at which the test split starts (--split ncc).")] = (
        _SPLIT.test_ncc
    )


@dataclass(frozen=True, kw_only=True)
class Rules(Options):
    """Which songs and words are kept, how they are split, normalised and cut."""

    language: Annotated[
        list[str] | None,
        typer.Option(help="Language to keep (english, en, de ...), or all; may be repeated. Default: english for DALI, "
                          "all for others."),
    ] = None  # fmt: skip
    exclude: Annotated[Path | None, typer.Option(help="File of song ids to leave out, one per line.")] = None
    ratios: Annotated[str, typer.Option(help="Shares of training, validation and test songs in a random split.")] = (
        ",".join(f"{share:g}" for share in _SPLIT.ratios)
    )
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Random seed of the split.")] = _SPLIT.seed
    separate_artists: Annotated[
        bool, typer.Option("--separate-artists", help="Keep all songs of an artist in one split.")
    ] = False
    alphabet: options.Alphabet = "auto"
    case: Case = "upper"
    chunks: Annotated[
        ChunkMode,
        typer.Option(help="How to cut: at word and line boundaries, or fixed windows (as in the 2021 project)."),
    ] = "words"
    chunk_s: Annotated[float, typer.Option(help="Maximum length of a chunk in seconds (5 in the 2021 project).")] = (
        _CHUNK.chunk_s
    )
    max_gap_s: Annotated[
        float, typer.Option(min=0, help="A longer pause than this, in seconds, ends a chunk (--chunks words).")
    ] = _CHUNK.max_gap_s
    pad_s: Annotated[
        float, typer.Option(min=0, help="Maximum pause kept around a chunk, in seconds (--chunks words).")
    ] = _CHUNK.pad_s
    extract: Annotated[bool, typer.Option("--extract", help="Also write the audio of every chunk as FLAC.")] = False

    def config(self, languages: tuple[str, ...], split: NccSplit) -> DatasetConfig:
        """The settings of a data set; `languages` are kept unless others are named. Raises UsageError."""
        given = {
            "languages": parse_languages(self.language) if self.language else languages,
            "exclude": _read_ids(self.exclude) if self.exclude else frozenset(),
            "lyrics": {"letters": options.letters_of(self.alphabet), "case": self.case},
            "chunk": {
                "mode": self.chunks,
                "chunk_s": self.chunk_s,
                "max_gap_s": self.max_gap_s,
                "pad_s": self.pad_s,
            },
            "split": {
                "mode": split.split,
                "ncc": split.ncc,
                "validation_ncc": split.validation_ncc,
                "test_ncc": split.test_ncc,
                "ratios": _ratios_of(self.ratios),
                "seed": self.seed,
                "separate_artists": self.separate_artists,
            },
            "extract": self.extract,
        }
        return checked(DatasetConfig, given, flags=_FLAGS)


@dataclass(frozen=True, kw_only=True)
class Work(Options):
    """How the work is done."""

    workers: options.Workers = None
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show how songs would be split and words kept; write nothing.")
    ] = False


def _ratios_of(text: str) -> tuple[float, float, float]:
    """Three shares from "0.8,0.1,0.1". Raises UsageError."""
    try:
        train, validation, test = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"--ratios '{text}' is not three numbers", "Write them as 0.8,0.1,0.1.") from None
    return train, validation, test


def _read_ids(path: Path) -> frozenset[str]:
    """Song ids from a file, one per line; the rest of a line after # is a comment. Raises UsageError."""
    try:
        lines = read_text(path, encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--exclude {path} cannot be read ({getattr(error, 'strerror', None) or error})") from None
    return frozenset(name for line in lines if (name := line.split("#")[0].strip()))
