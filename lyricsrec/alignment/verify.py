"""Whether the times of given lyrics fit the sound: how they are off as a whole, and which lines are off alone.

The heard times are an aligner's, some of them unplaced and some wrong by a whole repetition; the given ones usually
lead the sound a little. What lies within the tolerances of `VerifyConfig` is not reported as wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

from lyricsrec.alignment.timing_fit import TimingFit, fit_line, fit_offset
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import Line, Placement, Word


@dataclass(frozen=True)
class VerifyConfig:
    """When the times of given lyrics count as wrong.

    As a whole: where a line would move by more than `tolerance_s`, beyond the `lead_s` by which given times usually
    come before what an aligner hears. A line alone: from `line_tolerance_s`, for aligners err by more in single lines.
    Nothing is said of a song with fewer than `min_lines` lines heard, or less than `min_share` of them, nor where less
    than that share of the heard times agrees.
    """

    tolerance_s: float = 0.2
    line_tolerance_s: float = 0.6
    lead_s: float = 0.02
    _: KW_ONLY
    min_lines: int = 4
    min_share: float = 0.5


Fit = Literal["fits", "misfit", "doubtful", "unplaced", "untimed"]
"""A line is in its place, surely elsewhere, perhaps elsewhere, not heard, or has no given time."""


@dataclass(frozen=True)
class LineCheck:
    """One line: `difference_s` is how much later its words were heard than the fit puts them, by their median.

    `heard_s` is the line's start by that. None is what nobody knows.
    """

    text: str
    given_s: float | None
    heard_s: float | None
    _: KW_ONLY
    difference_s: float | None
    fit: Fit
    placement: Placement | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Verification:
    """What was found of one song.

    `fitted` is the straight line from given to heard times, None where none could be told; `retiming` corrects the
    lyrics: nothing where they fit. `first_s` and `last_s` are the given times of the first and last line.
    """

    lines: tuple[LineCheck, ...]
    retiming: Retiming
    fitted: TimingFit | None
    _: KW_ONLY
    num_used: int
    first_s: float
    last_s: float
    trouble: str | None = None

    @property
    def misfits(self) -> tuple[LineCheck, ...]:
        """The lines that are surely elsewhere."""
        return tuple(line for line in self.lines if line.fit == "misfit")

    @property
    def in_time(self) -> bool:
        """Whether everything that could be told fits, and enough could be told."""
        return self.trouble is None and self.retiming.changes_nothing

    @property
    def verdicts(self) -> tuple[str, ...]:
        """What was found, in plain words."""
        if self.trouble is not None:
            return (f"cannot tell: {self.trouble}",)
        found = []
        retiming = self.retiming
        first_s, last_s = (retiming.at(t) - t for t in (self.first_s, self.last_s))
        if retiming.stretch != 1.0:
            percent = 100 * (retiming.stretch - 1)
            ends = f"{_early(first_s)} at the first line, {_early(last_s)} at the last"
            found.append(f"runs {abs(percent):.2f} % {'fast' if percent > 0 else 'slow'}: {ends}")
        elif retiming.offset_s:
            found.append(f"{_early(retiming.offset_s)} throughout")
        else:
            found.append("in time")
        if number := len(self.misfits):
            found.append(f"{number} line{'s do' if number > 1 else ' does'} not fit")
        return tuple(found)


def without_times(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines as an aligner must be given them: it takes given times for hints, and would find them confirmed."""
    return tuple(Line(tuple(Word(word.text, None, None) for word in line.words)) for line in lines)


def verify(given: Sequence[Line], heard: Sequence[Line], config: VerifyConfig) -> Verification:
    """Compare given lyrics with the same lines as an aligner timed them `without_times`.

    Raises ValueError when the two are not the same lines of the same number of words.
    """
    if [len(line.words) for line in given] != [len(line.words) for line in heard]:
        raise ValueError("the given lyrics and the aligned ones are not the same lines")
    pairs = [_onsets(line, other) for line, other in zip(given, heard, strict=True)]
    timed = [line.start_s for line in given if line.start_s is not None]
    first_s, last_s = (min(timed), max(timed)) if timed else (0.0, 0.0)
    points = [pair for line in pairs for pair in line]
    fitted, trouble = None, _too_few(given, pairs, config)
    if trouble is None:
        fitted = _fit(points, last_s - first_s, config)
        near = sum(abs(b - fitted.stretch * a - fitted.offset_s) <= config.line_tolerance_s for a, b in points)
        if near < config.min_share * len(points):
            trouble = f"only {near} of {len(points)} times that were heard agree on an offset"
    retiming = _correction(fitted, first_s, last_s, config) if fitted and trouble is None else Retiming()
    reference = fitted if trouble is None and fitted else TimingFit(1.0, 0.0, 0.0)
    checks = tuple(_check(*three, reference, config) for three in zip(given, heard, pairs, strict=True))
    if trouble is None:
        moves = {i: line.difference_s for i, line in enumerate(checks) if line.fit == "misfit" and line.difference_s}
        retiming = Retiming(retiming.stretch, retiming.offset_s, moves)
    return Verification(checks, retiming, fitted, num_used=len(points), first_s=first_s, last_s=last_s, trouble=trouble)


def _onsets(given: Line, heard: Line) -> list[tuple[float, float]]:
    """Given and heard start of every word that has both."""
    return [
        (word.start_s, other.start_s)
        for word, other in zip(given.words, heard.words, strict=True)
        if word.start_s is not None and other.start_s is not None
    ]


def _too_few(given: Sequence[Line], pairs: list[list[tuple[float, float]]], config: VerifyConfig) -> str | None:
    num_timed = sum(line.start_s is not None for line in given)
    num_both = sum(bool(line) for line in pairs)
    if num_timed == 0:
        return "the lyrics have no times"
    if num_both < config.min_lines or num_both < config.min_share * num_timed:
        return f"too few lines were placed ({num_both} of {num_timed})"
    return None


def _fit(points: list[tuple[float, float]], span_s: float, config: VerifyConfig) -> TimingFit:
    """A line where its slope matters over the song, else a shift."""
    given, heard = zip(*points, strict=True)
    line, offset = fit_line(given, heard), fit_offset(given, heard)
    return line if abs(line.stretch - 1) * span_s > config.tolerance_s else offset


def _correction(fitted: TimingFit, first_s: float, last_s: float, config: VerifyConfig) -> Retiming:
    """The fit without the usual lead, or nothing where no line would move by more than the tolerance."""
    retiming = Retiming(fitted.stretch, fitted.offset_s - config.lead_s)
    if max(abs(retiming.at(t) - t) for t in (first_s, last_s)) <= config.tolerance_s:
        return Retiming()
    return retiming


def _check(
    given: Line, heard: Line, pairs: list[tuple[float, float]], fitted: TimingFit, config: VerifyConfig
) -> LineCheck:
    def found(fit: Fit, difference_s: float | None = None, reason: str | None = None) -> LineCheck:
        heard_s = heard.start_s
        if given.start_s is not None and difference_s is not None:
            heard_s = fitted.stretch * given.start_s + fitted.offset_s + difference_s
        return LineCheck(
            given.text,
            given.start_s,
            heard_s,
            difference_s=difference_s,
            fit=fit,
            placement=heard.placement,
            reason=reason,
        )

    if given.start_s is None:
        return found("untimed")
    band = heard.placement.band if heard.placement else "sure"
    if not pairs or band == "unplaced":
        return found("unplaced", reason=heard.placement.reason if heard.placement else None)
    differences = [b - fitted.stretch * a - fitted.offset_s for a, b in pairs]
    difference_s = median(differences)
    if abs(difference_s) <= config.line_tolerance_s:
        return found("fits", difference_s)
    doubt = _doubt(heard, differences, config.line_tolerance_s)
    return found("doubtful" if doubt else "misfit", difference_s, doubt)


def _doubt(heard: Line, differences: list[float], tolerance_s: float) -> str | None:
    """Why a line that was heard elsewhere may be where it should all the same."""
    if heard.placement and heard.placement.band == "doubtful":
        return heard.placement.reason or "it was hardly heard"
    if median(abs(d - median(differences)) for d in differences) > tolerance_s / 2:
        return "its words were not heard at the same distance"
    if len(differences) == 1 and _first_word_apart(heard, tolerance_s):
        return "its first word was heard apart from the others"
    return None


def _first_word_apart(heard: Line, tolerance_s: float) -> bool:
    """Whether the first word of a line, all there is to compare, begins longer before the second than words do here."""
    starts = [word.start_s for word in heard.words if word.start_s is not None]
    gaps = [b - a for a, b in pairwise(starts)]
    return len(gaps) >= 2 and gaps[0] > median(gaps[1:]) + tolerance_s


def _early(seconds: float) -> str:
    """How lyrics are that must be moved by so much."""
    return f"{abs(seconds):.2f} s {'early' if seconds >= 0 else 'late'}"
