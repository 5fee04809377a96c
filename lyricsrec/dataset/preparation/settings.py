"""Settings of the preparation of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge

from lyricsrec.base.settings import AtLeastZero, Seed, Settings, Share
from lyricsrec.lyrics.languages import LATIN, language_name

Case = Literal["upper", "lower"]
ChunkMode = Literal["words", "fixed"]
SplitMode = Literal["ncc", "random"]


@dataclass(frozen=True)
class LyricsConfig(Settings):
    """The alphabet that lyrics are written in.

    `letters` are the capital letters of the recogniser's alphabet, None for those of each song's own language.
    """

    letters: str | None = LATIN
    case: Case = "upper"


@dataclass(frozen=True)
class ChunkConfig(Settings):
    """How songs are cut into training chunks.

    `mode` "words" packs whole words and lines, up to `chunk_s`; a pause longer than `max_gap_s` ends a chunk, and up to
    `pad_s` (at most half the pause) is kept around it. "fixed" cuts windows of `chunk_s` as the 2021 project did, drops
    words that lie in two of them, and mutes what is dropped. Longer chunks give a recogniser more context and take more
    memory.
    """

    mode: ChunkMode = "words"
    chunk_s: Annotated[float, Ge(1)] = 15.0
    max_gap_s: AtLeastZero = 2.0
    _: KW_ONLY
    pad_s: AtLeastZero = 0.2


@dataclass(frozen=True)
class SplitConfig(Settings):
    """How songs are split. All entries with the same artist and title go into the same split.

    `mode` "ncc" goes by annotation quality: train from `ncc`, validation from `validation_ncc`, test from `test_ncc`;
    the lowest NCC of entries that belong together decides, so that the test split holds nothing doubtful. "random" goes
    by `ratios` (train, validation, test) and `seed`, among songs of at least `ncc`; an unknown NCC counts as 0.
    `separate_artists` keeps all songs of an artist in the same split.
    """

    mode: SplitMode = "ncc"
    ncc: Share = 0.8
    validation_ncc: Share = 0.925
    _: KW_ONLY
    test_ncc: Share = 0.94
    ratios: tuple[AtLeastZero, AtLeastZero, AtLeastZero] = (0.8, 0.1, 0.1)
    seed: Seed = 0
    separate_artists: bool = False

    def __post_init__(self) -> None:
        borders = (self.ncc, self.validation_ncc, self.test_ncc)
        if self.mode == "ncc" and list(borders) != sorted(borders):
            shown = ", ".join(f"{border:g}" for border in borders)
            raise ValueError(
                f"the NCC borders of train, validation and test are out of order ({shown}): they must rise"
            )
        if sum(self.ratios) == 0:
            raise ValueError("the ratios of train, validation and test are all 0; give shares such as 0.8,0.1,0.1")


@dataclass(frozen=True)
class DatasetConfig(Settings):
    """How annotations and audio become a data set.

    `languages` are English names in lower case (empty: all); `exclude` are the ids of songs to leave out; `extract`
    writes the audio of each chunk as FLAC, which takes space and speeds up training from slow disks.
    """

    languages: tuple[str, ...] = ("english",)
    exclude: frozenset[str] = frozenset()
    lyrics: LyricsConfig = field(default_factory=LyricsConfig)
    _: KW_ONLY
    chunk: ChunkConfig = field(default_factory=ChunkConfig)
    split: SplitConfig = field(default_factory=SplitConfig)
    extract: bool = False


def parse_languages(names: Sequence[str]) -> tuple[str, ...]:
    """English names, in lower case, of languages given as names or codes; empty, which stands for all, for "all"."""
    if any(name.lower() == "all" for name in names):
        return ()
    return tuple(dict.fromkeys(language_name(name) or name for name in names))
