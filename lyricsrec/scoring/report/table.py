"""A report as rows of figures: for the terminal, for papers (Markdown) and for other programs (CSV)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lyricsrec.lyrics.normalise import PROFILES
from lyricsrec.scoring.results import Comparison, Interval, Report, SongScore, SystemScore

NOTHING = "–"

LEGEND = (
    "95 %: bootstrap interval over songs; median: WER over songs; S, D, I: substitutions, deletions, insertions of the "
    "reference's words; inv.: share of the words heard in runs of 10 insertions or more; segm.: correct segments; "
    "perc.: perceptual."
)


@dataclass(frozen=True)
class Column:
    """A figure of a system: its heading, and how it is shown; None where it is not defined."""

    heading: str
    show: Callable[[SystemScore], str | None]


def percent(value: float | None, digits: int = 1) -> str | None:
    """A share in percent, without the sign."""
    return None if value is None else f"{100 * value:.{digits}f}"


def interval_text(interval: Interval | None) -> str:
    """An interval of shares in percent."""
    return "" if interval is None else f"{percent(interval.low)}–{percent(interval.high)}"


def _per_word(name: str) -> Callable[[SystemScore], str | None]:
    return lambda system: percent(
        getattr(system.words, name) / system.words.num_words if system.words.num_words else None
    )


def _of(part: str, name: str, show: Callable[[Any], str | None]) -> Callable[[SystemScore], str | None]:
    def shown(system: SystemScore) -> str | None:
        figures = getattr(system, part)
        value = None if figures is None else getattr(figures, name)
        return None if value is None else show(value)

    return shown


def _f1(name: str) -> Callable[[SystemScore], str | None]:
    return _of("layout", name, lambda symbol: percent(symbol.f1))


def _matched(system: SystemScore) -> str | None:
    timing = system.timing
    return None if timing is None else f"{timing.num_pairs:,} of {timing.num_timed:,}"


def _milliseconds(value: float) -> str:
    return f"{1000 * value:.0f}"


WORDS = (
    Column("WER %", lambda system: percent(system.words.wer)),
    Column("95 %", lambda system: interval_text(system.interval) or None),
    Column("median", lambda system: percent(system.median_wer)),
    Column("CER %", lambda system: percent(system.words.cer)),
    Column("S %", _per_word("substitutions")),
    Column("D %", _per_word("deletions")),
    Column("I %", _per_word("insertions")),
    Column("inv. %", lambda system: percent(system.words.invented)),
)
LAYOUT = (
    Column("case errors %", _of("layout", "case_errors", percent)),
    Column("punctuation F1", _f1("punctuation")),
    Column("parentheses F1", _f1("parentheses")),
    Column("lines F1", _f1("line_breaks")),
    Column("sections F1", _f1("section_breaks")),
)
TIMING = (
    Column("words", _matched),
    Column("median ms", _of("timing", "median_s", _milliseconds)),
    Column("mean ms", _of("timing", "mean_s", _milliseconds)),
    Column("≤0.3s %", _of("timing", "within", percent)),
    Column(">1s %", _of("timing", "far", percent)),
    Column("segm. %", _of("timing", "correct_segments", percent)),
    Column("perc.", _of("timing", "perceptual", lambda value: f"{value:.3f}")),
)
TIMING_BY_SONG = (
    Column("mean ms", _of("timing_by_song", "mean_s", _milliseconds)),
    Column("median ms", _of("timing_by_song", "median_s", _milliseconds)),
    Column("<0.3s %", _of("timing_by_song", "within", percent)),
    Column("segm. %", _of("timing_by_song", "correct_segments", percent)),
    Column("perc.", _of("timing_by_song", "perceptual", lambda value: f"{value:.3f}")),
)
SEPARATION = (
    Column("SI-SDR dB", _of("separation", "si_sdr", lambda value: f"{value:.2f}")),
    Column("SDR dB", _of("separation", "sdr", lambda value: f"{value:.2f}")),
    Column("SI-SDR of the mix", _of("separation", "mix_si_sdr", lambda value: f"{value:.2f}")),
    Column("SDR of the mix", _of("separation", "mix_sdr", lambda value: f"{value:.2f}")),
)
RUN = (
    Column("real-time factor", _of("run", "real_time_factor", lambda value: f"{value:.3f}")),
    Column("memory GiB", _of("run", "memory_gib", lambda value: f"{value:.2f}")),
    Column("GPU memory GiB", _of("run", "gpu_memory_gib", lambda value: f"{value:.2f}")),
    Column("device", _of("run", "device", str)),
)


@dataclass(frozen=True)
class Table:
    """Figures that belong together: a title, headings and a row for each system."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(report: Report) -> Iterator[Table]:
    """The figures of a report's systems. Columns that no system has are left out, and so are tables without columns."""
    size = size_of(report)
    protocol = f"protocol {report.protocol}"
    kinds = (
        (f"Words: {report.references}, {size}, {protocol}: {PROFILES[report.protocol].description}", WORDS),
        (f"Layout (alt-eval), {protocol}", LAYOUT),
        (f"Times of matched words, pooled (mir_eval), {protocol}", TIMING),
        (f"Times of matched words, averaged over songs (as JamendoLyrics' Evaluate.py), {protocol}", TIMING_BY_SONG),
        (f"Separated voice, mean over songs, {protocol}", SEPARATION),
        ("Run", RUN),
    )
    for title, columns in kinds:
        shown = [[column.show(system) for column in columns] for system in report.systems]
        kept = [i for i in range(len(columns)) if any(row[i] is not None for row in shown)]
        if kept:
            rows = tuple(
                (system.name, *(row[i] or NOTHING for i in kept))
                for system, row in zip(report.systems, shown, strict=True)
            )
            yield Table(title, ("system", *(columns[i].heading for i in kept)), rows)


def size_of(report: Report) -> str:
    """How much was scored. Systems may have different songs: what each has then counts for it alone."""
    songs = sorted(len(system.songs) for system in report.systems) or [0]
    words = sorted(system.words.num_words for system in report.systems) or [0]
    if len({tuple(song.song_id for song in system.songs) for system in report.systems}) < 2:
        return f"{_songs(songs[0])}, {words[0]:,} words"
    return f"{_span(songs)} songs, {_span(words)} words, not the same for all systems"


def _span(numbers: Sequence[int]) -> str:
    low, high = numbers[0], numbers[-1]
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _songs(number: int) -> str:
    return f"{number:,} song" + ("s" if number != 1 else "")


def to_markdown(report: Report) -> str:
    """Tables for papers and notes, each under its title."""
    return "\n".join(_markdown(table) for table in tables(report)) + _comparisons(report)


def _markdown(table: Table) -> str:
    rows = [table.headings, ("---", *("---:" for _ in table.headings[1:])), *table.rows]
    lines = ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
    return f"{table.title}\n\n" + "\n".join(lines) + "\n"


def _comparisons(report: Report) -> str:
    return "".join(f"\n{in_words(comparison)}\n" for comparison in report.comparisons)


def in_words(comparison: Comparison) -> str:
    """A comparison in two sentences."""
    rates = (
        f"{percent(comparison.second_wer)} against {percent(comparison.first_wer)} % on {_songs(comparison.num_songs)}"
    )
    return f"{verdict(comparison)} {rates}; {comparison.gained:,} words gained, {comparison.lost:,} lost."


def verdict(comparison: Comparison) -> str:
    """Which of two systems has the lower WER, and how sure that is; sure is what excludes 0 with p below 0.05."""
    points, interval, p_value = 100 * comparison.difference, comparison.interval, comparison.p_value
    sureness, lead = " (too few songs to say how sure that is)", "The"
    if interval is not None and p_value is not None:
        sign = -100 if points < 0 else 100
        low, high = sorted((sign * interval.low, sign * interval.high))
        p = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
        sureness = f" (95 %: {low:.1f} to {high:.1f}; {p})"
        if low <= 0:
            lead = "No clear difference: the"
        elif p_value >= 0.05:
            lead = "Too few songs to be sure: the"
    if points == 0:
        return f"{comparison.second} and {comparison.first} have the same WER{sureness}."
    way = "lower" if points < 0 else "higher"
    by = f"{abs(points):.1f} points {way}"
    return f"{lead} WER of {comparison.second} is {by} than that of {comparison.first}{sureness}."


def to_csv(report: Report) -> str:
    """A row for each song of each system, with all its figures; scope "all" marks the pooled ones."""
    rows = [row for system in report.systems for row in _csv_rows(system, report.protocol)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    file = io.StringIO()
    writer = csv.DictWriter(file, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _csv_rows(system: SystemScore, protocol: str) -> Iterator[dict[str, object]]:
    start = {"system": system.name, "protocol": protocol}
    for song in system.songs:
        named = {"scope": "song", "song_id": song.song_id, "title": song.title, "language": song.language}
        yield {**start, **named, **_flat(song), "problem": song.problem or ""}
    yield {**start, "scope": "all", **_flat(system)}


def _flat(scored: SongScore | SystemScore) -> dict[str, object]:
    """All figures of a song or system by name, None as nothing."""
    parts: list[tuple[str, Any]] = [("", scored.words), ("wer_", scored.interval)]
    names = ("layout", "timing", "timing_by_song", "separation", "run")
    parts += [(f"{name}_", getattr(scored, name, None)) for name in names]
    return {
        f"{prefix}{name}": "" if value is None else value
        for prefix, part in parts
        if part is not None
        for name, value in _leaves(asdict(part))
    }


def _leaves(fields: dict[str, Any], before: str = "") -> Iterator[tuple[str, object]]:
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{before}{name}_")
        else:
            yield f"{before}{name}", value
