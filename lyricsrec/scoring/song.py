"""One song by one system: its lines beside what was heard, and the figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import chain

from lyricsrec.lyrics.normalise import Token, normalized_words, tokenize
from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.scoring.loudness import with_loudness
from lyricsrec.scoring.metrics.bootstrap import rate_interval
from lyricsrec.scoring.metrics.timing import label_deviations, label_figures, pair_labels, timing_figures
from lyricsrec.scoring.metrics.words import Step, align_words, count_words, pool
from lyricsrec.scoring.results import (
    Chunk,
    Deviation,
    Interval,
    LineScore,
    Protocol,
    RunFigures,
    SeparationFigures,
    SongScore,
    TimingFigures,
    WordFigures,
)
from lyricsrec.scoring.texts.text import SungText


@dataclass(frozen=True)
class Utterance:
    """What is compared by itself: a whole song, or a part of one from `start_s`; times count from there.

    `power` is how loud it is, as `power_of` has it; `problem` says why nothing was heard.
    """

    reference: SungText
    hypothesis: SungText
    start_s: float = 0.0
    _: KW_ONLY
    power: tuple[float, ...] = ()
    problem: str | None = None
    run: RunFigures | None = None
    separation: SeparationFigures | None = None


@dataclass(frozen=True)
class Performance:
    """A song as one system heard it: its utterances; `language` is a two-letter code."""

    song_id: str
    language: str
    utterances: tuple[Utterance, ...]

    @property
    def problem(self) -> str | None:
        """Why something of it was not heard."""
        problems = [utterance.problem for utterance in self.utterances if utterance.problem]
        if not problems:
            return None
        whole = len(self.utterances)
        return problems[0] if whole == 1 else f"{len(problems)} of {whole} utterances: {problems[0]}"


@dataclass(frozen=True)
class _Scored:
    words: WordFigures
    lines: tuple[LineScore, ...]
    deviations: tuple[Deviation, ...]
    _: KW_ONLY
    num_timed: int
    rows: TimingFigures | None


def score_song(song: Performance, protocol: Protocol) -> SongScore:
    """Compare what was heard with what is sung. What else there is to say of a song is left to `score_system`."""
    scored = [_score(utterance, protocol, song.language) for utterance in song.utterances]
    lines = tuple(chain.from_iterable(part.lines for part in scored))
    deviations = tuple(chain.from_iterable(part.deviations for part in scored))
    first = song.utterances[0]
    return SongScore(
        song.song_id,
        first.reference.title or song.song_id,
        song.language,
        words=pool(part.words for part in scored),
        interval=_interval(lines),
        lines=lines,
        timing=scored[0].rows or timing_figures(deviations, sum(part.num_timed for part in scored)),
        deviations=deviations,
        duration_s=_duration_s(song.utterances),
        problem=song.problem,
    )


def num_errors(line: LineScore) -> int:
    """Substitutions, deletions and insertions of a line."""
    return sum(max(len(c.reference), len(c.hypothesis)) for c in line.chunks if c.kind != "equal")


def num_words(line: LineScore) -> int:
    """Words of the reference in a line."""
    return sum(len(chunk.reference) for chunk in line.chunks)


def _score(utterance: Utterance, protocol: Protocol, language: str) -> _Scored:
    sung = tokenize(utterance.reference.text, protocol, language)
    heard = tokenize(utterance.hypothesis.text, protocol, language)
    right, read = [token.key for token in sung], [token.key for token in heard]
    steps = align_words(right, read)
    lines = with_loudness(_lines(utterance.reference.lines, sung, heard, steps), utterance.power)
    rows = pair_labels(utterance.reference.labels, utterance.hypothesis.labels)
    if rows:
        deviations, num_timed = label_deviations(rows), len(rows)
    else:
        deviations, num_timed = _deviations(utterance.reference, utterance.hypothesis)
    start_s = utterance.start_s
    return _Scored(
        count_words(right, read, steps),
        tuple(
            replace(line, start_s=_later(line.start_s, start_s), end_s=_later(line.end_s, start_s)) for line in lines
        ),
        tuple(replace(pair, at_s=round(pair.at_s + start_s, 3)) for pair in deviations),
        num_timed=num_timed,
        rows=label_figures(rows),
    )


def _later(time_s: float | None, by_s: float) -> float | None:
    return None if time_s is None else round(time_s + by_s, 3)


def _duration_s(utterances: Sequence[Utterance]) -> float | None:
    """The length of a whole song; that of parts does not say where the song ends."""
    (first, *others) = utterances
    return None if others else first.reference.duration_s or first.hypothesis.duration_s


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
    return Chunk(step.kind, tuple(sung[i].text for i in step.reference), tuple(heard[i].text for i in step.hypothesis))


def _deviations(reference: SungText, hypothesis: SungText) -> tuple[tuple[Deviation, ...], int]:
    """The words that both texts have and have times of, matched in order; and how many the reference has times of.

    Matched under the profile `plain`, whatever the protocol: a word of the file with its time stays one word.
    """
    sung, heard = _timed(reference), _timed(hypothesis)
    num_timed = sum(word.start_s is not None for _, word in sung)
    if not num_timed:
        return (), 0
    steps = align_words([key for key, _ in sung], [key for key, _ in heard])
    pairs = (
        (sung[i][1].start_s, heard[j][1].start_s)
        for step in steps
        if step.kind == "equal"
        for i, j in zip(step.reference, step.hypothesis, strict=True)
    )
    found = (Deviation(a, round(b - a, 6)) for a, b in pairs if a is not None and b is not None)
    return tuple(found), num_timed


def _timed(text: SungText) -> list[tuple[str, Word]]:
    # An ad-lib in parentheses is sung, and no remark.
    words = (
        (" ".join(normalized_words(word.text.strip("()"), "plain")), word) for line in text.lines for word in line.words
    )
    return [(key, word) for key, word in words if key]
