"""Times of lines: corrected, and filled in where they are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace

from lyricsrec.lyrics.music.sections import Section
from lyricsrec.lyrics.transcript import Line, Role, Transcript, Word

_MAX_LINE_S = 8.0


@dataclass(frozen=True)
class Retiming:
    """A correction: time t becomes `stretch * t + offset_s`, plus `moves_s[i]` in line i."""

    stretch: float = 1.0
    offset_s: float = 0.0
    moves_s: Mapping[int, float] = field(default_factory=dict)

    @property
    def changes_nothing(self) -> bool:
        """Whether all times are kept."""
        return self.stretch == 1.0 and self.offset_s == 0.0 and not self.moves_s

    def at(self, seconds: float, line: int | None = None) -> float:
        """The corrected time in seconds; `line` is the number of its line, None outside of lines."""
        moved_s = self.moves_s.get(line, 0.0) if line is not None else 0.0
        return self.stretch * seconds + self.offset_s + moved_s

    def lines(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        """The lines with corrected times, at least 0."""

        def moved(seconds: float | None, number: int) -> float | None:
            return None if seconds is None else max(self.at(seconds, number), 0.0)

        return tuple(
            replace(
                line,
                words=tuple(
                    replace(word, start_s=moved(word.start_s, number), end_s=moved(word.end_s, number))
                    for word in line.words
                ),
            )
            for number, line in enumerate(lines)
        )

    def sections(self, sections: Sequence[Section]) -> tuple[Section, ...]:
        """The sections with corrected times, at least 0: those of their first and last line."""

        def moved(seconds: float | None, line: int | None) -> float | None:
            return None if seconds is None else max(self.at(seconds, line), 0.0)

        return tuple(
            replace(
                section,
                start_s=moved(section.start_s, section.lines[0] if section.lines else None),
                end_s=moved(section.end_s, section.lines[-1] if section.lines else None),
            )
            for section in sections
        )


def with_line_ends(lines: Sequence[Line], duration_s: float) -> tuple[Line, ...]:
    """Gives lines without an end that of the next later start, at most 8 s later; other lines are kept."""
    nexts = _next_starts([line.start_s for line in lines], duration_s)
    return tuple(_closed(line, next_s) for line, next_s in zip(lines, nexts, strict=True))


def _next_starts(starts: Sequence[float | None], end_s: float) -> list[float]:
    """For each line the start of the next one that does not begin with it, as a translation does; `end_s` if none."""
    nexts: list[float] = []
    following_s = next_s = end_s
    for start_s in reversed(starts):
        if start_s is not None and start_s != following_s:
            following_s, next_s = start_s, following_s
        nexts.append(next_s if start_s is not None else following_s)
    return nexts[::-1]


def _closed(line: Line, next_s: float) -> Line:
    started = [word.start_s for word in line.words if word.start_s is not None]
    if not started or line.words[-1].end_s is not None:
        return line
    end_s = max(min(next_s, started[-1] + _MAX_LINE_S), started[-1])
    return replace(line, words=(*line.words[:-1], replace(line.words[-1], end_s=end_s)))


@dataclass(frozen=True)
class TimedWord:
    """A word whose start and end, in seconds, are known or estimated."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True)
class TimedLine:
    """A line whose times, and those of all its words, are known or estimated; in seconds.

    `singers` are the names of those who sing it, empty if unknown; `role` is None if unknown.
    """

    start_s: float
    end_s: float
    words: tuple[TimedWord, ...]
    _: KW_ONLY
    singers: tuple[str, ...] = ()
    role: Role | None = None

    @property
    def text(self) -> str:
        """The words with single spaces between them."""
        return " ".join(word.text for word in self.words)


def timed_lines(transcript: Transcript) -> Iterator[TimedLine]:
    """The lines that have a start, each ending before the next later one; words without times fill the gaps."""
    timed = [found for line in transcript.lines if (found := _timed_line(line)) is not None]
    end_s = max([transcript.duration_s, *(line.end_s for line in timed)])
    limits_s = _next_starts([line.start_s for line in timed], end_s)
    for line, limit_s in zip(timed, limits_s, strict=True):
        yield replace(line, end_s=max(min(line.end_s, limit_s), line.start_s))


def _timed_line(line: Line) -> TimedLine | None:
    start_s, end_s = line.start_s, line.end_s
    if start_s is None or end_s is None:
        return None
    words: list[TimedWord] = []
    position_s = start_s
    for i, word in enumerate(line.words):
        begin_s = word.start_s if word.start_s is not None else position_s
        position_s = word.end_s if word.end_s is not None else _next_start(line.words[i + 1 :], end_s)
        words.append(TimedWord(begin_s, max(position_s, begin_s), word.text))
    return TimedLine(start_s, end_s, tuple(words), singers=line.singers, role=line.role)


def _next_start(words: tuple[Word, ...], end_s: float) -> float:
    return next((word.start_s for word in words if word.start_s is not None), end_s)
