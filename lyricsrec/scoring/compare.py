"""Comparisons of two systems on the same songs: which has the lower WER, on which songs and in which words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, count

from lyricsrec.base.errors import DataError
from lyricsrec.scoring.metrics.bootstrap import rate_difference
from lyricsrec.scoring.metrics.words import pool
from lyricsrec.scoring.results import Comparison, Report, SongChange, SongScore, SystemScore, WordChange

NUM_SONGS, NUM_WORDS = 10, 40
"""How many songs and words a comparison lists, those that changed most first."""


def compare_systems(first: SystemScore, second: SystemScore) -> Comparison:
    """Compare two systems on the songs that both have; songs whose references differ are left out.

    Raises DataError if no song is left.
    """
    others = {song.song_id: song for song in second.songs}
    pairs = [(song, others[song.song_id]) for song in first.songs if song.song_id in others]
    same = [
        (a, b)
        for a, b in pairs
        if [word for word, _ in _reference_words(a)] == [word for word, _ in _reference_words(b)]
    ]
    left_out = {song.song_id for song in (*first.songs, *second.songs)} - {song.song_id for song, _ in same}
    one, two = pool(a.words for a, _ in same), pool(b.words for _, b in same)
    if one.wer is None or two.wer is None:
        raise DataError(
            f"'{first.name}' and '{second.name}' have no song in common with the same reference",
            "Score both against the same references, under the same protocol.",
        )
    difference = rate_difference(
        [a.words.num_errors for a, _ in same],
        [b.words.num_errors for _, b in same],
        [a.words.num_words for a, _ in same],
    )
    gained, lost = _changed_words(same)
    return Comparison(
        first.name,
        second.name,
        len(same),
        first_wer=one.wer,
        second_wer=two.wer,
        difference=two.wer - one.wer,
        interval=difference.interval if difference else None,
        p_value=difference.p_value if difference else None,
        gained=gained.total(),
        lost=lost.total(),
        words=_words_that_changed(gained, lost),
        songs=_songs_that_changed(same),
        left_out=tuple(sorted(left_out)),
    )


def compared(report: Report) -> Report:
    """The report with comparisons of its first system with each other system."""
    first, *others = report.systems
    return replace(report, comparisons=tuple(compare_systems(first, other) for other in others))


def join_reports(reports: Sequence[Report], sources: Sequence[str] = ()) -> Report:
    """One report with the systems of several reports, and comparisons of the first with each other.

    Equal names get the report's name from `sources` added, or a number where that is not enough. Raises DataError if
    the protocols differ.
    """
    if len({report.protocol for report in reports}) > 1:
        raise DataError(
            "the reports use different protocols, whose figures cannot be compared", "Score again with one --protocol."
        )
    systems = named_apart([system for report in _from_sources(reports, sources) for system in report.systems])
    references = ", ".join(dict.fromkeys(report.references for report in reports))
    return compared(replace(reports[0], references=references, systems=systems))


def _from_sources(reports: Sequence[Report], sources: Sequence[str]) -> Sequence[Report]:
    """The reports; system names that occur in several of them get the source added."""
    if not sources:
        return reports
    seen = Counter(name for report in reports for name in {system.name for system in report.systems})
    return [
        replace(report, systems=tuple(_from(system, source, seen) for system in report.systems))
        for report, source in zip(reports, sources, strict=True)
    ]


def _from(system: SystemScore, source: str, seen: Counter[str]) -> SystemScore:
    return replace(system, name=f"{system.name} ({source})") if seen[system.name] > 1 else system


def named_apart(systems: Sequence[SystemScore]) -> tuple[SystemScore, ...]:
    """Systems with unique names: "x", then "x #2"."""
    named: dict[str, SystemScore] = {}
    for system in systems:
        names = chain([system.name], (f"{system.name} #{number}" for number in count(2)))
        name = next(name for name in names if name not in named)
        named[name] = replace(system, name=name)
    return tuple(named.values())


def _reference_words(song: SongScore) -> Iterator[tuple[str, bool]]:
    """The words of the reference, and whether the hypothesis has each right."""
    for line in song.lines:
        for chunk in line.chunks:
            for word in chunk.reference:
                yield word.lower(), chunk.kind == "equal"


def _changed_words(pairs: Sequence[tuple[SongScore, SongScore]]) -> tuple[Counter[str], Counter[str]]:
    gained: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for a, b in pairs:
        for (word, before), (_, after) in zip(_reference_words(a), _reference_words(b), strict=True):
            gained[word] += after and not before
            lost[word] += before and not after
    return gained, lost


def _words_that_changed(gained: Counter[str], lost: Counter[str]) -> tuple[WordChange, ...]:
    """The words with the largest difference between gained and lost."""
    words = sorted(gained.keys() | lost.keys(), key=lambda word: (-abs(gained[word] - lost[word]), word))
    changes = (WordChange(word, gained[word], lost[word]) for word in words if gained[word] != lost[word])
    return tuple(changes)[:NUM_WORDS]


def _songs_that_changed(pairs: Sequence[tuple[SongScore, SongScore]]) -> tuple[SongChange, ...]:
    changes = [
        SongChange(
            a.song_id, a.title, a.words.wer, second_wer=b.words.wer, more_errors=b.words.num_errors - a.words.num_errors
        )
        for a, b in pairs
    ]
    most = sorted(changes, key=lambda change: (-abs(change.more_errors), change.song_id))
    return tuple(change for change in most if change.more_errors)[:NUM_SONGS]
