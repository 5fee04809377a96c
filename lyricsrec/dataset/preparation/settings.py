"""How annotations and audio become a data set: every setting and its default."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

from lyricsrec.base.errors import UsageError
from lyricsrec.lyrics.languages import LATIN


@dataclass(frozen=True)
class LyricsConfig:
    """Which words of an annotation are kept, and how they are spelled.

    `letters` are the capital letters of the recogniser's alphabet, or None for those of each song's own language;
    `case` is "upper" or "lower".
    """

    letters: str | None = LATIN
    case: str = "upper"


@dataclass(frozen=True)
class ChunkConfig:
    """How songs are cut into training chunks.

    `mode` "words" packs whole words and lines, up to `chunk_s`; a pause of more than `max_gap_s` ends a chunk, and up
    to `pad_s` (never more than half the pause) is kept around it. "fixed" lays windows of `chunk_s` over the song as
    the project of 2021 did, drops words that lie in two of them and mutes what is dropped. Longer chunks give a
    recogniser more context and cost memory.
    """

    mode: str = "words"
    chunk_s: float = 15.0
    max_gap_s: float = 2.0
    _: KW_ONLY
    pad_s: float = 0.2


@dataclass(frozen=True)
class SplitConfig:
    """Which song goes into which split; a song, and all entries of the same artist and title, into one only.

    `mode` "ncc": by annotation quality, train from `ncc`, validation from `validation_ncc`, test from `test_ncc` (up
    to 1); where entries belong together the lowest decides, so that the test split holds nothing doubtful. "random":
    in `ratios` (train, validation, test), by `seed`, among songs of at least `ncc`; a song nobody measured counts as
    0. `separate_artists` keeps all songs of an artist together.
    """

    mode: str = "ncc"
    ncc: float = 0.8
    validation_ncc: float = 0.925
    _: KW_ONLY
    test_ncc: float = 0.94
    ratios: tuple[float, float, float] = (0.8, 0.1, 0.1)
    seed: int = 0
    separate_artists: bool = False


@dataclass(frozen=True)
class DatasetConfig:
    """How annotations and audio become a data set.

    `languages` are English names in lower case (empty: all); `exclude` are ids of songs to leave out; `extract`
    writes each chunk's sound as FLAC, which takes space and makes training read faster from slow disks.
    """

    languages: tuple[str, ...] = ("english",)
    exclude: frozenset[str] = frozenset()
    lyrics: LyricsConfig = field(default_factory=LyricsConfig)
    _: KW_ONLY
    chunk: ChunkConfig = field(default_factory=ChunkConfig)
    split: SplitConfig = field(default_factory=SplitConfig)
    extract: bool = False

    def check(self) -> None:
        """Raise UsageError for values that mean nothing, before any work is done."""
        split, chunk = self.split, self.chunk
        if chunk.mode not in ("words", "fixed"):
            raise UsageError(f"no way of cutting chunks is called '{chunk.mode}'", "--chunks takes words or fixed.")
        if not chunk.chunk_s >= 1:
            raise UsageError(f"--chunk-s {chunk.chunk_s:g} is too short", "Give at least 1 second.")
        if not (chunk.max_gap_s >= 0 and chunk.pad_s >= 0):
            raise UsageError("--max-gap-s and --pad-s must be 0 or more")
        if split.mode not in ("ncc", "random"):
            raise UsageError(f"no way of splitting is called '{split.mode}'", "--split takes ncc or random.")
        if split.mode == "ncc" and not split.ncc <= split.validation_ncc <= split.test_ncc:
            raise UsageError(
                "the NCC borders are out of order", "They must rise: --ncc, then --validation-ncc, then --test-ncc."
            )
        if min(split.ratios) < 0 or sum(split.ratios) <= 0:
            raise UsageError("--ratios must be positive", "Give three shares, such as 0.8,0.1,0.1.")
        if self.lyrics.case not in ("upper", "lower"):
            raise UsageError(f"no case is called '{self.lyrics.case}'", "--case takes upper or lower.")
