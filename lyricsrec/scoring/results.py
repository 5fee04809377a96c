"""The values of a score report.

Shares are between 0 and 1 (error rates may exceed 1); None means that a figure is not defined. Field names are the keys
of reports in JSON, except where an alias gives another key.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Annotated, Literal

from pydantic import Field

Protocol = Literal["short", "long"]
"""How texts become words: "short" after Ou et al. (2022), "long" after Jam-ALT. Never compare figures across them."""

Kind = Literal["equal", "substitute", "delete", "insert"]

WITHIN_S = 0.3
"""Tolerance of the literature: a word whose start is at most so far off (seconds) counts as correctly timed."""

FAR_S = 1.0
"""A word further off than this (seconds) was usually aligned with another repetition of the same words."""

HALLUCINATION_RUN = 10
"""So many insertions in a row, or more, count as a hallucination."""


@dataclass(frozen=True)
class Interval:
    """A 95 % confidence interval."""

    low: float
    high: float


@dataclass(frozen=True)
class WordFigures:
    """Word and character errors, summed over one or many texts, and the rates from these sums.

    `num_words` and `num_characters` count the reference. `num_hallucinated` counts words in runs of
    `HALLUCINATION_RUN` insertions or more; `hallucinated` is their share of the hypothesis' words. The rates are None
    for a reference without words.
    """

    num_words: int
    num_hypothesis_words: Annotated[int, Field(alias="num_heard")]
    hits: int
    _: KW_ONLY
    substitutions: int
    deletions: int
    insertions: int
    num_hallucinated: Annotated[int, Field(alias="num_invented")]
    num_characters: int
    character_errors: int
    wer: float | None
    cer: float | None
    hallucinated: Annotated[float | None, Field(alias="invented")]

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
    """Case, punctuation, parentheses and breaks, by alt-eval; None where references or hypotheses have none.

    `case_errors` is the share of reference words that are right except for their case.
    """

    case_errors: float | None
    punctuation: SymbolFigures | None
    parentheses: SymbolFigures | None
    _: KW_ONLY
    line_breaks: SymbolFigures | None
    section_breaks: SymbolFigures | None


@dataclass(frozen=True)
class TimingFigures:
    """Alignment metrics of the starts of matched words (seconds), as mir_eval.alignment defines them.

    They cover the `num_pairs` matched words of the `num_timed` words that have times in the reference. `within` is the
    share of errors up to `WITHIN_S`, `far` the share beyond `FAR_S`. `correct_segments` is None where times are not in
    order; over many songs it is weighted by the time from a song's first word to its last.
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
    """Alignment metrics averaged over songs, as in JamendoLyrics' script Evaluate.py: `within` is strictly below.

    `correct_segments` covers whole songs, from 0 s to their end; None where a duration is unknown.
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
    """SDR and SI-SDR of separated vocals against true stems, in decibels, and of the mix for comparison.

    SDR as in BSS Eval v3 (distortions by a filter of 512 taps are allowed), SI-SDR after Le Roux et al. (2019). For
    many songs, the mean over songs.
    """

    si_sdr: float | None
    sdr: float | None
    mix_si_sdr: float | None
    _: KW_ONLY
    mix_sdr: float | None


@dataclass(frozen=True)
class Chunk:
    """Aligned words of reference and hypothesis, as written."""

    kind: Kind
    reference: tuple[str, ...]
    hypothesis: tuple[str, ...]


@dataclass(frozen=True)
class LineScore:
    """A line of the reference, aligned with the hypothesis; insertions between two lines belong to the first.

    Times are the reference's; `loudness_db` is the RMS of the audio between them (dB, full scale: 0).
    """

    chunks: tuple[Chunk, ...]
    start_s: float | None = None
    end_s: float | None = None
    _: KW_ONLY
    loudness_db: float | None = None


@dataclass(frozen=True)
class Deviation:
    """A matched word: its start in the reference, and how much later it starts in the hypothesis (seconds)."""

    at_s: float
    late_s: float


@dataclass(frozen=True)
class RunFigures:
    """Time and memory of recognition: seconds of audio and of work, and peak memory in GiB (process and GPU).

    `real_time_factor` is seconds of work for each second of audio.
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
    """The scores of one system on one song; `problem` says why a hypothesis is missing (its words count as deleted)."""

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
    """The scores of one system on all songs, pooled: sums first, then the division.

    `median_wer` is the median over songs. `unmatched` names hypotheses without a reference; they are not scored.
    `learned` has the ids of songs that the system's models were trained or validated on: figures that include them do
    not show how it does on new songs, which `warnings` say.
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
    learned: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class WordChange:
    """How often a reference word is right in the second system only (`gained`) and in the first only (`lost`)."""

    word: str
    gained: int
    lost: int


@dataclass(frozen=True)
class SongChange:
    """The WER of both systems on a song, and how many errors more the second has."""

    song_id: str
    title: str
    first_wer: float | None
    _: KW_ONLY
    second_wer: float | None
    more_errors: int


@dataclass(frozen=True)
class Comparison:
    """Two systems, compared on the songs that both have with the same references.

    `difference` is the second's WER minus the first's; `interval` and the two-sided `p_value` come from a paired
    bootstrap over songs. `gained` and `lost` count reference words that only the second or only the first has right.
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
    """The result of one run of `score`. `references` names the data; others are compared with the first system."""

    schema: int
    lyricsrec: str
    protocol: Protocol
    _: KW_ONLY
    references: str
    systems: tuple[SystemScore, ...]
    comparisons: tuple[Comparison, ...] = ()
