"""Compares the times of given lyrics with aligned ones: an offset or drift of the whole song, and single wrong lines.

Aligned times have gaps and outliers, some of them by a whole repetition; annotated times usually lead the sound a
little. Differences within the tolerances of `VerifyConfig` count as correct.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Literal

from lyricsrec.alignment.placement import UNCLEAR
from lyricsrec.alignment.timing_fit import TimingFit, fit_line, fit_offset
from lyricsrec.alignment.translations import partners
from lyricsrec.base.settings import AtLeastZero, Natural, Settings, Share
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import Line, Placement, Word

Point = tuple[float, float]
"""Given and aligned start of a word, in seconds."""


@dataclass(frozen=True)
class VerifyConfig(Settings):
    """Tolerances for the times of given lyrics.

    The whole song is wrong where a line would move by more than `tolerance_s`, apart from the `lead_s` by which
    annotations usually precede the aligner. A single line is wrong from `line_tolerance_s`, since aligners make larger
    errors in single lines. There is no verdict on a song with fewer than `min_lines` lines aligned, or less than
    `min_share` of them, or where less than that share of the aligned words agree on one line.
    """

    tolerance_s: AtLeastZero = 0.2
    line_tolerance_s: AtLeastZero = 0.6
    lead_s: float = 0.02
    _: KW_ONLY
    min_lines: Natural = 4
    min_share: Share = 0.5


Fit = Literal["fits", "misfit", "doubtful", "unplaced", "untimed"]
"""The given time of a line is correct, wrong, perhaps wrong, unknown (the line was not aligned), or missing."""


@dataclass(frozen=True)
class LineCheck:
    """One line: `difference_s` is the median of how much later its words were aligned than the fit puts them.

    `aligned_s` is the start of the line according to that. Unknown times are None.
    """

    text: str
    given_s: float | None
    aligned_s: float | None
    _: KW_ONLY
    difference_s: float | None
    fit: Fit
    placement: Placement | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Verification:
    """The result for one song.

    `fitted` is the straight line from given to aligned times, None where there are too few; `retiming` corrects the
    lyrics and changes nothing where they are correct. `trouble` is why there is no verdict, None where there is one.
    `first_s` and `last_s` are the given times of the first and last line.
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
        """The lines whose times are wrong."""
        return tuple(line for line in self.lines if line.fit == "misfit")

    @property
    def in_time(self) -> bool:
        """Whether there is a verdict, and nothing to correct."""
        return self.trouble is None and self.retiming.changes_nothing

    @property
    def verdicts(self) -> tuple[str, ...]:
        """The result in words, such as "0.42 s early throughout"."""
        if self.trouble is not None:
            return (f"cannot tell: {self.trouble}",)
        verdicts = []
        retiming = self.retiming
        first_s, last_s = (retiming.at(t) - t for t in (self.first_s, self.last_s))
        if retiming.stretch != 1.0:
            percent = 100 * (retiming.stretch - 1)
            ends = f"{_early(first_s)} at the first line, {_early(last_s)} at the last"
            verdicts.append(f"runs {abs(percent):.2f} % {'fast' if percent > 0 else 'slow'}: {ends}")
        elif retiming.offset_s:
            verdicts.append(f"{_early(retiming.offset_s)} throughout")
        else:
            verdicts.append("in time")
        if number := len(self.misfits):
            verdicts.append(f"{number} line{'s do' if number > 1 else ' does'} not fit")
        return tuple(verdicts)


def without_times(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines to hand to the aligner: it takes times as hints, which would confirm themselves."""
    return tuple(replace(line, words=tuple(Word(word.text, None, None) for word in line.words)) for line in lines)


def verify(given: Sequence[Line], aligned: Sequence[Line], config: VerifyConfig) -> Verification:
    """Compare given lyrics with the same lines as aligned `without_times`.

    Raises ValueError when the lines do not have the same numbers of words.
    """
    if [len(line.words) for line in given] != [len(line.words) for line in aligned]:
        raise ValueError("the given and the aligned lyrics are not the same lines")
    pairs = [_onsets(line, other) for line, other in zip(given, aligned, strict=True)]
    timed = [line.start_s for line in given if line.start_s is not None]
    first_s, last_s = (min(timed), max(timed)) if timed else (0.0, 0.0)
    points = [pair for line in pairs for pair in line]
    fitted, trouble = None, _too_few(given, pairs, config)
    if trouble is None:
        fitted = _fit(points, last_s - first_s, config)
        near = sum(abs(b - fitted.stretch * a - fitted.offset_s) <= config.line_tolerance_s for a, b in points)
        if near < config.min_share * len(points):
            trouble = f"only {near} of {len(points)} aligned words agree on an offset"
    retiming = _correction(fitted, (first_s, last_s), config) if fitted and trouble is None else Retiming()
    reference = fitted if trouble is None and fitted else TimingFit(1.0, 0.0, 0.0)
    checks = [_check(*three, fitted=reference, config=config) for three in zip(given, aligned, pairs, strict=True)]
    for number, partner in partners(given, range(len(given))).items():
        checks[number] = _as_partner(checks[number], checks[partner])
    if trouble is None:
        moves = {i: line.difference_s for i, line in enumerate(checks) if line.fit == "misfit" and line.difference_s}
        retiming = Retiming(retiming.stretch, retiming.offset_s, moves)
    return Verification(
        tuple(checks), retiming, fitted, num_used=len(points), first_s=first_s, last_s=last_s, trouble=trouble
    )


def _as_partner(check: LineCheck, partner: LineCheck) -> LineCheck:
    """The check of a translation that begins with its partner: it moves along."""
    if check.given_s is None or check.given_s != partner.given_s:
        return check
    return replace(partner, text=check.text)


def _onsets(given: Line, aligned: Line) -> list[Point]:
    """Given and aligned start of every word that has both."""
    return [
        (word.start_s, other.start_s)
        for word, other in zip(given.words, aligned.words, strict=True)
        if word.start_s is not None and other.start_s is not None
    ]


def _too_few(given: Sequence[Line], pairs: list[list[Point]], config: VerifyConfig) -> str | None:
    num_timed = sum(line.start_s is not None for line in given)
    num_both = sum(bool(line) for line in pairs)
    if num_timed == 0:
        return "the lyrics have no times"
    if num_both < config.min_lines or num_both < config.min_share * num_timed:
        return f"too few lines were placed ({num_both} of {num_timed})"
    return None


def _fit(points: list[Point], span_s: float, config: VerifyConfig) -> TimingFit:
    """Stretch and offset where the stretch matters over the song, else an offset alone."""
    given, aligned = zip(*points, strict=True)
    line, offset = fit_line(given, aligned), fit_offset(given, aligned)
    return line if abs(line.stretch - 1) * span_s > config.tolerance_s else offset


def _correction(fitted: TimingFit, edges_s: tuple[float, float], config: VerifyConfig) -> Retiming:
    """The fit without the usual lead; no change where every line would move by less than the tolerance."""
    retiming = Retiming(fitted.stretch, fitted.offset_s - config.lead_s)
    if max(abs(retiming.at(t) - t) for t in edges_s) <= config.tolerance_s:
        return Retiming()
    return retiming


def _check(given: Line, aligned: Line, pairs: list[Point], *, fitted: TimingFit, config: VerifyConfig) -> LineCheck:
    def result(fit: Fit, difference_s: float | None = None, reason: str | None = None) -> LineCheck:
        aligned_s = aligned.start_s
        if given.start_s is not None and difference_s is not None:
            aligned_s = fitted.stretch * given.start_s + fitted.offset_s + difference_s
        return LineCheck(
            given.text,
            given.start_s,
            aligned_s,
            difference_s=difference_s,
            fit=fit,
            placement=aligned.placement,
            reason=reason,
        )

    if given.start_s is None:
        return result("untimed")
    band = aligned.placement.band if aligned.placement else "sure"
    if not pairs or band == "unplaced":
        return result("unplaced", reason=aligned.placement.reason if aligned.placement else None)
    differences = [b - fitted.stretch * a - fitted.offset_s for a, b in pairs]
    difference_s = median(differences)
    if abs(difference_s) <= config.line_tolerance_s:
        return result("fits", difference_s)
    doubt = _doubt(aligned, differences, config.line_tolerance_s)
    return result("doubtful" if doubt else "misfit", difference_s, doubt)


def _doubt(aligned: Line, differences: list[float], tolerance_s: float) -> str | None:
    """Why a line that was aligned elsewhere may be correct all the same."""
    if aligned.placement and aligned.placement.band == "doubtful":
        return aligned.placement.reason or UNCLEAR
    if median(abs(d - median(differences)) for d in differences) > tolerance_s / 2:
        return "its words are off by different amounts"
    if len(differences) == 1 and _first_word_apart(aligned, tolerance_s):
        return "its first word was found far from the others"
    return None


def _first_word_apart(aligned: Line, tolerance_s: float) -> bool:
    """Whether the first word of a line begins unusually long before the second."""
    starts = [word.start_s for word in aligned.words if word.start_s is not None]
    gaps = [b - a for a, b in pairwise(starts)]
    return len(gaps) >= 2 and gaps[0] > median(gaps[1:]) + tolerance_s


def _early(seconds: float) -> str:
    """How far off lyrics are that must be moved by so many seconds."""
    return f"{abs(seconds):.2f} s {'early' if seconds >= 0 else 'late'}"
