"""What scoring finds, as values. Shares are between 0 and 1 (error rates may exceed it); None is "not defined here"."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

Protocol = Literal["short", "long"]
"""How texts become words: "short" as Ou et al. (2022) do, "long" as Jam-ALT does. Figures of two are not compared."""

Kind = Literal["equal", "substitute", "delete", "insert"]

WITHIN_S = 0.3
"""The tolerance, in seconds, within which the literature counts a word's start as right."""

FAR_S = 1.0
"""Beyond so many seconds a word is lost: usually in another repetition of the same words."""

INVENTED_RUN = 10
"""So many insertions in a row are text that nobody sang, rather than misheard words."""


@dataclass(frozen=True)
class Interval:
    """A 95 % confidence interval."""

    low: float
    high: float


@dataclass(frozen=True)
class WordFigures:
    """Errors of words and characters, as sums over a text or over many, and the rates they give.

    `num_words` and `num_characters` are those of the reference; `num_heard` counts the words of the hypothesis.
    `num_invented` are those in runs of `INVENTED_RUN` insertions or more, `invented` their share of the words heard.
    Without reference words the rates are None.
    """

    num_words: int
    num_heard: int
    hits: int
    _: KW_ONLY
    substitutions: int
    deletions: int
    insertions: int
    num_invented: int
    num_characters: int
    character_errors: int
    wer: float | None
    cer: float | None
    invented: float | None

    @property
    def num_errors(self) -> int:
        """Substitutions, deletions and insertions."""
        return self.substitutions + self.deletions + self.insertions


@dataclass(frozen=True)
class SymbolFigures:
    """Precision, recall and F1 of one kind of symbol, as alt-eval defines them."""

    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class LayoutFigures:
    """What written lyrics have beside words, by alt-eval; None where reference or hypotheses have nothing of the kind.

    `case_errors` is the share of reference words that are right but for their case.
    """

    case_errors: float | None
    punctuation: SymbolFigures | None
    parentheses: SymbolFigures | None
    _: KW_ONLY
    line_breaks: SymbolFigures | None
    section_breaks: SymbolFigures | None


@dataclass(frozen=True)
class TimingFigures:
    """How well words that both texts have are timed, by their starts (seconds), as mir_eval.alignment defines it.

    Over `num_pairs` words of the `num_timed` that the reference has times of. `within` counts errors of up to
    `WITHIN_S`, `far` those beyond `FAR_S`. `correct_segments` is None where times run backwards; that of many songs is
    weighted by the time from a song's first word to its last.
    """

    num_pairs: int
    num_timed: int
    median_s: float
    _: KW_ONLY
    mean_s: float
    within: float
    far: float
    correct_segments: float | None
    perceptual: float


@dataclass(frozen=True)
class SongTimingFigures:
    """The same, averaged over songs, as the script of JamendoLyrics (Evaluate.py) does it: `within` is strictly below.

    `correct_segments` is over whole songs, from 0 s to their end; None where no duration is known.
    """

    num_songs: int
    mean_s: float
    median_s: float
    _: KW_ONLY
    within: float
    correct_segments: float | None
    perceptual: float


@dataclass(frozen=True)
class SeparationFigures:
    """How near separated parts are to the true stems, in decibels; the mix itself for comparison.

    SDR as BSS Eval v3 has it (a filter of 512 taps is forgiven), SI-SDR after Le Roux et al. (2019).
    Of many songs they are means over songs, in decibels.
    """

    si_sdr: float | None
    sdr: float | None
    mix_si_sdr: float | None
    _: KW_ONLY
    mix_sdr: float | None


@dataclass(frozen=True)
class Chunk:
    """Words of reference and hypothesis that belong together, as they are written."""

    kind: Kind
    reference: tuple[str, ...]
    hypothesis: tuple[str, ...]


@dataclass(frozen=True)
class LineScore:
    """A line of the reference beside what was heard; words heard between two lines belong to the one before.

    Times are the reference's; `loudness_db` is the sound's RMS (full scale: 0) between them.
    """

    chunks: tuple[Chunk, ...]
    start_s: float | None = None
    end_s: float | None = None
    _: KW_ONLY
    loudness_db: float | None = None


@dataclass(frozen=True)
class Deviation:
    """A word both texts have: where it starts by the reference, and how much later by the hypothesis (seconds)."""

    at_s: float
    late_s: float


@dataclass(frozen=True)
class RunFigures:
    """What it took: seconds of sound and of work, and the highest memory in GiB (of the process; of the GPU).

    `real_time_factor` is seconds of work for a second of sound.
    """

    audio_s: float
    work_s: float
    real_time_factor: float | None
    _: KW_ONLY
    memory_gib: float | None
    gpu_memory_gib: float | None
    device: str


@dataclass(frozen=True)
class SongScore:
    """One song (or utterance) by one system. `problem` says why there is nothing to score: all is deleted then."""

    song_id: str
    title: str
    language: str
    _: KW_ONLY
    words: WordFigures
    interval: Interval | None
    lines: tuple[LineScore, ...]
    layout: LayoutFigures | None = None
    timing: TimingFigures | None = None
    deviations: tuple[Deviation, ...] = ()
    separation: SeparationFigures | None = None
    run: RunFigures | None = None
    duration_s: float | None = None
    problem: str | None = None


@dataclass(frozen=True)
class SystemScore:
    """All songs by one system; figures are pooled: sums first, then the division.

    `median_wer` is that over songs. `unmatched` names hypotheses that no reference has; they do not count.
    """

    name: str
    words: WordFigures
    interval: Interval | None
    _: KW_ONLY
    median_wer: float | None
    songs: tuple[SongScore, ...]
    layout: LayoutFigures | None = None
    timing: TimingFigures | None = None
    timing_by_song: SongTimingFigures | None = None
    separation: SeparationFigures | None = None
    run: RunFigures | None = None
    languages: dict[str, WordFigures] | None = None
    settings: dict[str, str] | None = None
    unmatched: tuple[str, ...] = ()


@dataclass(frozen=True)
class WordChange:
    """How often a word of the references is right by the second system only, and by the first only."""

    word: str
    gained: int
    lost: int


@dataclass(frozen=True)
class SongChange:
    """A song's WER by both systems, and the difference in errors."""

    song_id: str
    title: str
    first_wer: float | None
    _: KW_ONLY
    second_wer: float | None
    more_errors: int


@dataclass(frozen=True)
class Comparison:
    """Two systems on the songs that both have, with the same references.

    `difference` is the second's WER minus the first's, `interval` and `p_value` (two-sided) by a bootstrap over
    songs, paired. `gained` and `lost` count words of the references that only the second, only the first has right.
    """

    first: str
    second: str
    num_songs: int
    _: KW_ONLY
    first_wer: float
    second_wer: float
    difference: float
    interval: Interval | None
    p_value: float | None
    gained: int
    lost: int
    words: tuple[WordChange, ...]
    songs: tuple[SongChange, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """All that one scoring found. `references` says of what; the first system is the one others are compared with."""

    schema: int
    lyricsrec: str
    protocol: Protocol
    _: KW_ONLY
    references: str
    systems: tuple[SystemScore, ...]
    comparisons: tuple[Comparison, ...] = ()
