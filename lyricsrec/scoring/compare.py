"""Two systems on the same songs: is one better, on which songs, and in which words."""

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
"""How many of the songs and words that changed most a comparison names."""


def compare_systems(first: SystemScore, second: SystemScore) -> Comparison:
    """Compare two systems on the songs that both have; those with other references are left out.

    Raises DataError when nothing is left to compare.
    """
    others = {song.song_id: song for song in second.songs}
    pairs = [(song, others[song.song_id]) for song in first.songs if song.song_id in others]
    same = [(a, b) for a, b in pairs if [word for word, _ in _readings(a)] == [word for word, _ in _readings(b)]]
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
    """A report with its first system compared with each of the others."""
    first, *others = report.systems
    return replace(report, comparisons=tuple(compare_systems(first, other) for other in others))


def join_reports(reports: Sequence[Report], sources: Sequence[str] = ()) -> Report:
    """The systems of several reports in one, with comparisons; those that are called alike are told apart.

    By `sources`, what the reports are called, where these are given; else, and where that is not enough, by number.

    Raises DataError when their protocols differ: such figures are not to be compared.
    """
    if len({report.protocol for report in reports}) > 1:
        raise DataError(
            "the reports are of two protocols, whose figures mean different things", "Score again under one --protocol."
        )
    systems = named_apart([system for report in _from_sources(reports, sources) for system in report.systems])
    references = ", ".join(dict.fromkeys(report.references for report in reports))
    return compared(replace(reports[0], references=references, systems=systems))


def _from_sources(reports: Sequence[Report], sources: Sequence[str]) -> Sequence[Report]:
    """The reports, their systems' names with the source's behind where another report has the same."""
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
    """Systems under names of their own: "x", then "x #2"."""
    named: dict[str, SystemScore] = {}
    for system in systems:
        names = chain([system.name], (f"{system.name} #{number}" for number in count(2)))
        name = next(name for name in names if name not in named)
        named[name] = replace(system, name=name)
    return tuple(named.values())


def _readings(song: SongScore) -> Iterator[tuple[str, bool]]:
    """The reference's words, and whether each was heard."""
    for line in song.lines:
        for chunk in line.chunks:
            for word in chunk.reference:
                yield word.lower(), chunk.kind == "equal"


def _changed_words(pairs: Sequence[tuple[SongScore, SongScore]]) -> tuple[Counter[str], Counter[str]]:
    gained: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for a, b in pairs:
        for (word, before), (_, after) in zip(_readings(a), _readings(b), strict=True):
            gained[word] += after and not before
            lost[word] += before and not after
    return gained, lost


def _words_that_changed(gained: Counter[str], lost: Counter[str]) -> tuple[WordChange, ...]:
    """Those with the largest balance, whichever way."""
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
