"""One song by one system: its lines beside what was heard, and the figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lyricsrec.scoring.bootstrap import rate_interval
from lyricsrec.scoring.figures import Chunk, Deviation, Interval, LineScore, Protocol, SongScore
from lyricsrec.scoring.layout import layout_figures
from lyricsrec.scoring.protocol import Token, words_of
from lyricsrec.scoring.sung import SungText
from lyricsrec.scoring.timing import timing_figures
from lyricsrec.scoring.words import Step, align_words, count_words
from lyricsrec.text import plain_words
from lyricsrec.transcript import Line, Word


def score_song(
    song_id: str, reference: SungText, hypothesis: SungText, protocol: Protocol, language: str, problem: str | None = None
) -> SongScore:
    """Compare what was heard with what is sung. `language` is a two-letter code, `problem` why nothing was heard."""
    sung = words_of(reference.text, protocol, language)
    heard = words_of(hypothesis.text, protocol, language)
    right, read = [token.key for token in sung], [token.key for token in heard]
    steps = align_words(right, read)
    lines = _lines(reference.lines, sung, heard, steps)
    deviations, num_timed = _deviations(reference, hypothesis)
    return SongScore(
        song_id,
        reference.title or song_id,
        language,
        count_words(right, read, steps),
        _interval(lines),
        lines,
        layout=layout_figures([reference.text], [hypothesis.text], [language]) if protocol == "long" else None,
        timing=timing_figures(deviations, num_timed),
        deviations=deviations,
        duration_s=reference.duration_s or hypothesis.duration_s,
        problem=problem,
    )


def num_errors(line: LineScore) -> int:
    """Substitutions, deletions and insertions of a line."""
    return sum(max(len(c.reference), len(c.hypothesis)) for c in line.chunks if c.kind != "equal")


def num_words(line: LineScore) -> int:
    """Words of the reference in a line."""
    return sum(len(chunk.reference) for chunk in line.chunks)


def _interval(lines: Sequence[LineScore]) -> Interval | None:
    return rate_interval([num_errors(line) for line in lines], [num_words(line) for line in lines])


def _lines(
    lines: Sequence[Line], sung: Sequence[Token], heard: Sequence[Token], steps: Sequence[Step]
) -> tuple[LineScore, ...]:
    """The chunks of every line of the reference; a text that has no words is one line of insertions."""
    chunks: dict[int, list[Chunk]] = {}
    row = sung[0].row if sung else 0
    for step in steps:
        if step.kind == "insert":
            chunks.setdefault(row, []).append(_chunk(step, sung, heard))
            continue
        for part in _by_row(step, sung):
            row = sung[part.reference[0]].row
            chunks.setdefault(row, []).append(_chunk(part, sung, heard))
    return tuple(
        LineScore(tuple(parts), *((lines[row].start_s, lines[row].end_s) if row < len(lines) else ()))
        for row, parts in sorted(chunks.items())
    )


def _by_row(step: Step, sung: Sequence[Token]) -> Iterator[Step]:
    """A step in parts that lie in one row of the reference each."""
    begin = 0
    for i in range(1, len(step.reference) + 1):
        if i == len(step.reference) or sung[step.reference[i]].row != sung[step.reference[begin]].row:
            yield replace(step, reference=step.reference[begin:i], hypothesis=step.hypothesis[begin:i])
            begin = i


def _chunk(step: Step, sung: Sequence[Token], heard: Sequence[Token]) -> Chunk:
    return Chunk(
        step.kind, tuple(sung[i].text for i in step.reference), tuple(heard[i].text for i in step.hypothesis)
    )


def _deviations(reference: SungText, hypothesis: SungText) -> tuple[tuple[Deviation, ...], int]:
    """The words that both texts have and have times of, matched in order; and how many the reference has times of.

    Matched as `plain_words`, whatever the protocol: a word of the file with its time stays one word.
    """
    sung, heard = _timed(reference), _timed(hypothesis)
    if not any(word.start_s is not None for _, word in sung):
        return (), 0
    num_timed = sum(word.start_s is not None for _, word in sung)
    steps = align_words([key for key, _ in sung], [key for key, _ in heard])
    pairs = (
        (sung[i][1].start_s, heard[j][1].start_s)
        for step in steps
        if step.kind == "equal"
        for i, j in zip(step.reference, step.hypothesis, strict=True)
    )
    found = (Deviation(round(a, 3), round(b - a, 6)) for a, b in pairs if a is not None and b is not None)
    return tuple(found), num_timed


def _timed(text: SungText) -> list[tuple[str, Word]]:
    return [(key, word) for line in text.lines for word in line.words if (key := " ".join(plain_words(word.text)))]
