"""Alignment metrics of word times, by mir_eval.alignment: of one song, pooled over words, and averaged over songs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from lyricsrec.formats.base import Label
from lyricsrec.scoring.results import FAR_S, WITHIN_S, Deviation, SongTimingFigures, TimingFigures

Times: TypeAlias = npt.NDArray[np.float64]


def timing_figures(pairs: Sequence[Deviation], num_timed: int) -> TimingFigures | None:
    """The metrics of one song, its matched words in the order of the text; None without any.

    `correct_segments` is defined as in the MIREX lyrics alignment challenge 2020: segments from start to start, over
    the time from the first to the last start of the reference. It is None where times on either side are not in order
    (duets) or negative, or where all starts of the reference are equal.
    """
    if not pairs:
        return None
    return replace(_pooled(pairs, num_timed), correct_segments=correct_segments(*_starts(pairs)))


def pool_timing(songs: Iterable[tuple[Sequence[Deviation], int]]) -> TimingFigures | None:
    """The metrics over all words of many songs, each with the number of words that have times in its reference.

    None without any pairs; songs without pairs still count with their timed words.
    """
    known = list(songs)
    pairs = [pair for deviations, _ in known for pair in deviations]
    return _pooled(pairs, sum(num_timed for _, num_timed in known)) if pairs else None


def timing_by_song(songs: Iterable[tuple[Sequence[Deviation], float | None]]) -> SongTimingFigures | None:
    """Averages over songs as defined by JamendoLyrics; each song is given by its pairs and its duration in seconds.

    Songs without pairs do not count. `correct_segments` follows Fujihara et al. (2011): segments from 0 s over all
    starts to the end of the song, or to the latest time if that is later. It is None if a song's duration is unknown or
    its times are not in order.
    """
    known = [(pairs, duration_s) for pairs, duration_s in songs if pairs]
    if not known:
        return None
    figures = [_pooled(pairs, len(pairs)) for pairs, _ in known]
    late = [_late(pairs) for pairs, _ in known]
    segments = [_of_whole_song(pairs, duration_s) for pairs, duration_s in known]
    defined = [share for share in segments if share is not None]
    return SongTimingFigures(
        num_songs=len(known),
        mean_s=_mean(song.mean_s for song in figures),
        median_s=_mean(song.median_s for song in figures),
        within=_mean(float(np.mean(np.abs(song) < WITHIN_S)) for song in late),
        correct_segments=_mean(defined) if len(defined) == len(known) else None,
        perceptual=_mean(song.perceptual for song in figures),
    )


def correct_segments(reference: Times, estimated: Times, duration_s: float | None = None) -> float | None:
    """mir_eval's percentage of correct segments as a share; None where mir_eval leaves it undefined."""
    from mir_eval.alignment import percentage_correct_segments

    try:
        # Rounding errors may add up to a little more than 1.
        return min(float(percentage_correct_segments(reference, estimated, duration_s)), 1.0)
    except ValueError:
        return None


def _pooled(pairs: Sequence[Deviation], num_timed: int) -> TimingFigures:
    """All metrics except `correct_segments`."""
    from mir_eval.alignment import absolute_error, karaoke_perceptual_metric, percentage_correct

    # These metrics depend only on the offsets, but mir_eval requires increasing times: it gets the sorted offsets.
    late = np.sort(_late(pairs))
    sizes = np.sort(np.abs(late))
    still = np.zeros_like(late)
    origin = np.full_like(late, max(0.0, -late[0]))
    median_s, mean_s = absolute_error(still, sizes)
    return TimingFigures(
        num_pairs=len(pairs),
        num_timed=num_timed,
        median_s=float(median_s),
        mean_s=float(mean_s),
        within=float(percentage_correct(still, sizes, window=WITHIN_S)),
        far=1.0 - float(percentage_correct(still, sizes, window=FAR_S)),
        correct_segments=None,
        perceptual=float(karaoke_perceptual_metric(origin, origin + late)),
    )


def _of_whole_song(pairs: Sequence[Deviation], duration_s: float | None) -> float | None:
    if duration_s is None:
        return None
    reference, estimated = _starts(pairs)
    return correct_segments(reference, estimated, max(duration_s, reference.max(), estimated.max()))


def _late(pairs: Sequence[Deviation]) -> Times:
    return np.array([pair.late_s for pair in pairs], np.float64)


def _starts(pairs: Sequence[Deviation]) -> tuple[Times, Times]:
    """Starts in the reference and in the hypothesis, in the order of the text."""
    # Rounded, because rounding errors could put equal times out of order.
    reference = np.array([pair.at_s for pair in pairs], np.float64)
    return np.round(reference, 9), np.round(reference + _late(pairs), 9)


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def pair_labels(reference: Sequence[Label], hypothesis: Sequence[Label]) -> tuple[tuple[Label, Label], ...]:
    """Each label of the reference with the label or joined labels of the hypothesis that have its words.

    Empty unless both have the same words and silences in the same order (ignoring case) and no label of the hypothesis
    overlaps two of the reference.
    """
    rows = iter(hypothesis)
    pairs: list[tuple[Label, Label]] = []
    for label in reference:
        expected, found = _tokens(label), list[str]()
        parts: list[Label] = []
        while len(found) < len(expected) and (row := next(rows, None)) is not None:
            parts.append(row)
            found += _tokens(row)
        if found != expected:
            return ()
        pairs.append((label, Label(parts[0].start_s, parts[-1].end_s, label.text)))
    return tuple(pairs) if next(rows, None) is None else ()


def label_deviations(pairs: Sequence[tuple[Label, Label]]) -> tuple[Deviation, ...]:
    """How much later each label starts in the hypothesis."""
    return tuple(Deviation(label.start_s, found.start_s - label.start_s) for label, found in pairs)


def label_figures(pairs: Sequence[tuple[Label, Label]]) -> TimingFigures | None:
    """The metrics of one song, computed on labels (words or silences) instead of words; None without any.

    Where all labels have ends, `correct_segments` is the share of the time, from the first start to the last end of the
    reference, in which both sides are in the same label, or between the same two.
    """
    figures = timing_figures(label_deviations(pairs), len(pairs))
    reference = _boundaries([label for label, _ in pairs])
    estimated = _boundaries([found for _, found in pairs])
    if figures is None or reference is None or estimated is None:
        return figures
    return replace(figures, correct_segments=correct_segments(reference, estimated))


def _tokens(label: Label) -> list[str]:
    """The words of a label, or one empty word for a silence."""
    return [word.casefold() for word in label.words] or [""]


def _boundaries(labels: Sequence[Label]) -> Times | None:
    """Starts and ends in turn, so that pauses are segments, too; None if an end is missing."""
    ends = [label.end_s for label in labels if label.end_s is not None]
    if len(ends) < len(labels):
        return None
    return np.array([[label.start_s for label in labels], ends], np.float64).T.ravel()
