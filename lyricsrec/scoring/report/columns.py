"""The columns of score tables: heading, format, meaning, and which direction is better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

from lyricsrec.scoring.results import FAR_S, HALLUCINATION_RUN, WITHIN_S, Interval, SystemScore

Show = Callable[[SystemScore], str | None]
Better = Literal["low", "high", ""]


@dataclass(frozen=True)
class Column:
    """A figure of a system: `show` formats it, or returns None where it is not defined.

    `meaning` explains it in a line, `better` says whether low or high values are better, if either is.
    """

    heading: str
    show: Show
    meaning: str
    _: KW_ONLY
    better: Better = ""


_ENOUGH_SONGS = 10
"""With fewer songs, a bootstrap's interval is too narrow."""


def percent(value: float | None, digits: int = 1) -> str | None:
    """A share in percent, without the sign."""
    return None if value is None else f"{100 * value:.{digits}f}"


def interval_text(interval: Interval | None, num_songs: int = _ENOUGH_SONGS) -> str:
    """An interval of shares in percent, with the number of songs where those are few; empty without one."""
    if interval is None:
        return ""
    few = f" (only {num_songs} songs)" if num_songs < _ENOUGH_SONGS else ""
    return f"{percent(interval.low)}–{percent(interval.high)}{few}"


def _per_word(name: str) -> Show:
    def show(system: SystemScore) -> str | None:
        words = system.words
        return percent(getattr(words, name) / words.num_words) if words.num_words else None

    return show


def _of(part: str, name: str, show: Callable[[Any], str | None]) -> Show:
    """Show a field of a part of a system's scores, such as the `median_s` of its `timing`."""

    def shown(system: SystemScore) -> str | None:
        figures = getattr(system, part)
        value = None if figures is None else getattr(figures, name)
        return None if value is None else show(value)

    return shown


def _f1(name: str) -> Show:
    return _of("layout", name, lambda symbol: percent(symbol.f1))


def _matched(system: SystemScore) -> str | None:
    timing = system.timing
    return None if timing is None else f"{timing.num_pairs:,} of {timing.num_timed:,}"


def _milliseconds(value: float) -> str:
    return f"{1000 * value:.0f}"


def _decimals(digits: int) -> Callable[[float], str]:
    return lambda value: f"{value:.{digits}f}"


def _setting(name: str) -> Show:
    """Show a setting of a system, of a path the last two parts."""

    def show(system: SystemScore) -> str | None:
        value = (system.settings or {}).get(name)
        return None if value is None else "/".join(value.split("/")[-2:])

    return show


_WER = "word error rate: substitutions, deletions and insertions per 100 words of the reference"
_SEGMENTS = "correct segments: share of the time in which the right word is shown"
_PERCEPTUAL = "perceptual: how well listeners would rate the timing, from 0 to 1 (Lizé Masclef et al., 2021)"
_MEDIAN_ERROR = "median error of the start of a word"
_MEAN_ERROR = "mean error of the start of a word; a few large errors dominate it"
_MIX = "the same metric for the song itself, before separation"

WORDS = (
    Column("WER %", lambda system: percent(system.words.wer), _WER, better="low"),
    Column(
        "95 %",
        lambda system: interval_text(system.interval, len(system.songs)) or None,
        "confidence interval of the WER, by a bootstrap over songs",
    ),
    Column("median", lambda system: percent(system.median_wer), "the median WER over songs", better="low"),
    Column(
        "CER %",
        lambda system: percent(system.words.cer),
        "character error rate: the same for characters, including spaces",
        better="low",
    ),
    Column("S %", _per_word("substitutions"), "substitutions per 100 words of the reference", better="low"),
    Column("D %", _per_word("deletions"), "deletions per 100 words of the reference", better="low"),
    Column("I %", _per_word("insertions"), "insertions per 100 words of the reference", better="low"),
    Column(
        "hall. %",
        lambda system: percent(system.words.hallucinated),
        f"hallucinated: share of the hypothesis' words in runs of {HALLUCINATION_RUN} insertions or more",
        better="low",
    ),
)
LAYOUT = (
    Column(
        "case errors %",
        _of("layout", "case_errors", percent),
        "words that are right except for lower and upper case",
        better="low",
    ),
    Column("punctuation F1", _f1("punctuation"), "punctuation marks in the right places (%)", better="high"),
    Column(
        "parentheses F1",
        _f1("parentheses"),
        "parentheses, as around backing vocals, in the right places (%)",
        better="high",
    ),
    Column("lines F1", _f1("line_breaks"), "line breaks in the right places (%)", better="high"),
    Column("sections F1", _f1("section_breaks"), "blank lines between sections in the right places (%)", better="high"),
)
TIMING = (
    Column("words", _matched, "matched words with times on both sides, of the words with times in the reference"),
    Column("median ms", _of("timing", "median_s", _milliseconds), _MEDIAN_ERROR, better="low"),
    Column("mean ms", _of("timing", "mean_s", _milliseconds), _MEAN_ERROR, better="low"),
    Column(
        f"≤{WITHIN_S}s %",
        _of("timing", "within", percent),
        f"words that start within {WITHIN_S} s of the reference",
        better="high",
    ),
    Column(
        f">{FAR_S:.0f}s %",
        _of("timing", "far", percent),
        f"words that are more than {FAR_S:.0f} s off, usually at another repetition of the same text",
        better="low",
    ),
    Column("segm. %", _of("timing", "correct_segments", percent), _SEGMENTS, better="high"),
    Column("perc.", _of("timing", "perceptual", _decimals(3)), _PERCEPTUAL, better="high"),
)
TIMING_BY_SONG = (
    Column("mean ms", _of("timing_by_song", "mean_s", _milliseconds), _MEAN_ERROR, better="low"),
    Column("median ms", _of("timing_by_song", "median_s", _milliseconds), _MEDIAN_ERROR, better="low"),
    Column(
        f"<{WITHIN_S}s %",
        _of("timing_by_song", "within", percent),
        f"words that start less than {WITHIN_S} s from the reference",
        better="high",
    ),
    Column("segm. %", _of("timing_by_song", "correct_segments", percent), _SEGMENTS, better="high"),
    Column("perc.", _of("timing_by_song", "perceptual", _decimals(3)), _PERCEPTUAL, better="high"),
)
SEPARATION = (
    Column(
        "SI-SDR dB",
        _of("separation", "si_sdr", _decimals(2)),
        "scale-invariant ratio of the true vocals to everything else in the separated vocals",
        better="high",
    ),
    Column(
        "SDR dB",
        _of("separation", "sdr", _decimals(2)),
        "the same by BSS Eval v3, which allows distortions that a filter can undo",
        better="high",
    ),
    Column("SI-SDR of the mix", _of("separation", "mix_si_sdr", _decimals(2)), _MIX),
    Column("SDR of the mix", _of("separation", "mix_sdr", _decimals(2)), _MIX),
)
RUN = (
    Column("separator", _setting("separator"), "what the song went through before the recogniser"),
    Column("recogniser", _setting("recognizer"), "the model that recognised it"),
    Column(
        "real-time factor",
        _of("run", "real_time_factor", _decimals(3)),
        "seconds of work for each second of audio",
        better="low",
    ),
    Column(
        "memory GiB",
        _of("run", "memory_gib", _decimals(2)),
        "peak memory of the process, including what earlier systems left there",
    ),
    Column("GPU memory GiB", _of("run", "gpu_memory_gib", _decimals(2)), "peak memory on the GPU", better="low"),
    Column("device", _of("run", "device", str), "the device it ran on"),
)
