"""The scores of one system on one song: aligned lines, word errors and timing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import chain

from lyricsrec.lyrics.normalise import Token, normalized_words, tokenize
from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.scoring.measure import with_loudness
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
from lyricsrec.scoring.texts.text import ScoredText


@dataclass(frozen=True)
class Utterance:
    """A reference and a hypothesis of a whole song, or of a part from `start_s`, from which its times count.

    `power` is the output of `power_of`; `problem` says why the hypothesis is missing.
    """

    reference: ScoredText
    hypothesis: ScoredText
    start_s: float = 0.0
    _: KW_ONLY
    power: tuple[float, ...] = ()
    problem: str | None = None
    run: RunFigures | None = None
    separation: SeparationFigures | None = None


@dataclass(frozen=True)
class SongTexts:
    """A song with the hypotheses of one system, in one or more utterances; `language` is a two-letter code."""

    song_id: str
    language: str
    utterances: tuple[Utterance, ...]

    @property
    def problem(self) -> str | None:
        """Why hypotheses are missing, None if all are there."""
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


def score_song(song: SongTexts, protocol: Protocol) -> SongScore:
    """Compare hypothesis and reference of a song; `score_system` adds formatting, separation and run figures."""
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
    texts = utterance.reference, utterance.hypothesis
    reference, hypothesis = (tokenize(text.text, protocol, language) for text in texts)
    reference_keys, hypothesis_keys = [token.key for token in reference], [token.key for token in hypothesis]
    steps = align_words(reference_keys, hypothesis_keys)
    lines = with_loudness(_lines(utterance.reference.lines, reference, hypothesis, steps), utterance.power)
    rows = pair_labels(utterance.reference.labels, utterance.hypothesis.labels)
    deviations, num_timed = (label_deviations(rows), len(rows)) if rows else _deviations(*texts)
    shift_s = utterance.start_s
    return _Scored(
        count_words(reference_keys, hypothesis_keys, steps),
        tuple(
            replace(line, start_s=_later(line.start_s, shift_s), end_s=_later(line.end_s, shift_s)) for line in lines
        ),
        tuple(replace(pair, at_s=round(pair.at_s + shift_s, 3)) for pair in deviations),
        num_timed=num_timed,
        rows=label_figures(rows),
    )


def _later(time_s: float | None, by_s: float) -> float | None:
    return None if time_s is None else round(time_s + by_s, 3)


def _duration_s(utterances: Sequence[Utterance]) -> float | None:
    """The duration of a whole song; None for parts, which do not show where the song ends."""
    (first, *others) = utterances
    return None if others else first.reference.duration_s or first.hypothesis.duration_s


def _interval(lines: Sequence[LineScore]) -> Interval | None:
    return rate_interval([num_errors(line) for line in lines], [num_words(line) for line in lines])


def _lines(
    lines: Sequence[Line], reference_tokens: Sequence[Token], hypothesis_tokens: Sequence[Token], steps: Sequence[Step]
) -> tuple[LineScore, ...]:
    """The chunks of each line of the reference; insertions into an empty reference make one line."""
    chunks: dict[int, list[Chunk]] = {}
    row = reference_tokens[0].row if reference_tokens else 0
    for step in steps:
        if step.kind == "insert":
            chunks.setdefault(row, []).append(_chunk(step, reference_tokens, hypothesis_tokens))
            continue
        for part in _by_row(step, reference_tokens):
            row = reference_tokens[part.reference[0]].row
            chunks.setdefault(row, []).append(_chunk(part, reference_tokens, hypothesis_tokens))
    return tuple(
        LineScore(tuple(parts), *((lines[row].start_s, lines[row].end_s) if row < len(lines) else ()))
        for row, parts in sorted(chunks.items())
    )


def _by_row(step: Step, reference_tokens: Sequence[Token]) -> Iterator[Step]:
    """A step, split at the row borders of the reference."""
    begin = 0
    for i in range(1, len(step.reference) + 1):
        if (
            i == len(step.reference)
            or reference_tokens[step.reference[i]].row != reference_tokens[step.reference[begin]].row
        ):
            yield replace(step, reference=step.reference[begin:i], hypothesis=step.hypothesis[begin:i])
            begin = i


def _chunk(step: Step, reference_tokens: Sequence[Token], hypothesis_tokens: Sequence[Token]) -> Chunk:
    return Chunk(
        step.kind,
        tuple(reference_tokens[i].text for i in step.reference),
        tuple(hypothesis_tokens[i].text for i in step.hypothesis),
    )


def _deviations(reference: ScoredText, hypothesis: ScoredText) -> tuple[tuple[Deviation, ...], int]:
    """The matched words that have times in both texts, and how many words have times in the reference.

    Matched under the profile `plain`, whatever the protocol: a word of the file with its time stays one word.
    """
    reference_tokens, hypothesis_tokens = _timed(reference), _timed(hypothesis)
    num_timed = sum(word.start_s is not None for _, word in reference_tokens)
    if not num_timed:
        return (), 0
    steps = align_words([key for key, _ in reference_tokens], [key for key, _ in hypothesis_tokens])
    pairs = (
        (reference_tokens[i][1].start_s, hypothesis_tokens[j][1].start_s)
        for step in steps
        if step.kind == "equal"
        for i, j in zip(step.reference, step.hypothesis, strict=True)
    )
    found = (Deviation(a, round(b - a, 6)) for a, b in pairs if a is not None and b is not None)
    return tuple(found), num_timed


def _timed(text: ScoredText) -> list[tuple[str, Word]]:
    # Unlike in the plain profile, parentheses mark backing vocals here, which are reference_tokens.
    words = (
        (" ".join(normalized_words(word.text.strip("()"), "plain")), word) for line in text.lines for word in line.words
    )
    return [(key, word) for key, word in words if key]
