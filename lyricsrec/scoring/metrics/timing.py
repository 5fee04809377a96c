"""How well words are timed, by mir_eval.alignment: in one song, over all words of many, and on average over songs."""

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
    """The figures of one song, its words in the order of the text; None without any.

    `correct_segments` is that of the MIREX lyrics alignment challenge 2020: segments from start to start, over the
    time from the first to the last of the reference. It is None where times run backwards on either side (duets, odd
    hypotheses), lie before 0 s, or where no time passes in the reference.
    """
    if not pairs:
        return None
    return replace(_pooled(pairs, num_timed), correct_segments=correct_segments(*_starts(pairs)))


def pool_timing(songs: Iterable[tuple[Sequence[Deviation], int]]) -> TimingFigures | None:
    """The figures over all words of many songs, each given with the number of words that its reference has times of.

    None where there are no pairs at all; songs without any count with their timed words.
    """
    known = list(songs)
    pairs = [pair for deviations, _ in known for pair in deviations]
    return _pooled(pairs, sum(num_timed for _, num_timed in known)) if pairs else None


def timing_by_song(songs: Iterable[tuple[Sequence[Deviation], float | None]]) -> SongTimingFigures | None:
    """Averages over songs by the definitions of JamendoLyrics; each song is its pairs and its duration in seconds.

    Songs without pairs do not count. `correct_segments` follows Fujihara et al. (2011): segments from 0 s over all
    starts to the end of the song. Where a time lies beyond that end, the latest time is taken for it. It is None when
    a song's duration is not known, or its times run backwards.
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
    """mir_eval's percentage of correct segments as a share; None where mir_eval says that it is not defined."""
    from mir_eval.alignment import percentage_correct_segments

    try:
        # Added up, all of the segments may be a bit more than the whole.
        return min(float(percentage_correct_segments(reference, estimated, duration_s)), 1.0)
    except ValueError:
        return None


def _pooled(pairs: Sequence[Deviation], num_timed: int) -> TimingFigures:
    """All but correct segments, which no other figure depends on."""
    from mir_eval.alignment import absolute_error, karaoke_perceptual_metric, percentage_correct

    # These depend on the offsets alone, but mir_eval insists on times that grow: it gets the same offsets, sorted,
    # from one place.
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
    """Starts by the reference and by the hypothesis, in the order of the text."""
    # Adding up leaves dust, by which equal times would seem to run backwards.
    reference = np.array([pair.at_s for pair in pairs], np.float64)
    return np.round(reference, 9), np.round(reference + _late(pairs), 9)


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def pair_labels(reference: Sequence[Label], hypothesis: Sequence[Label]) -> tuple[tuple[Label, Label], ...]:
    """Each row of the reference with the row or rows of the hypothesis that hold its words, as one.

    Nothing where the files do not have the same words and silences in the same order (case does not count), or where
    a row of the hypothesis goes on into the next of the reference.
    """
    rows = iter(hypothesis)
    pairs: list[tuple[Label, Label]] = []
    for label in reference:
        wanted, found = _tokens(label), list[str]()
        parts: list[Label] = []
        while len(found) < len(wanted) and (row := next(rows, None)) is not None:
            parts.append(row)
            found += _tokens(row)
        if found != wanted:
            return ()
        pairs.append((label, Label(parts[0].start_s, parts[-1].end_s, label.text)))
    return tuple(pairs) if next(rows, None) is None else ()


def label_deviations(pairs: Sequence[tuple[Label, Label]]) -> tuple[Deviation, ...]:
    """How much later each row starts by the hypothesis."""
    return tuple(Deviation(right.start_s, found.start_s - right.start_s) for right, found in pairs)


def label_figures(pairs: Sequence[tuple[Label, Label]]) -> TimingFigures | None:
    """The figures of one song, with a row, words or silence, in the place of a word; None without any.

    Where all rows have ends, `correct_segments` is the time for which both sides are within the same row, or between
    the same two, over that from the first start to the last end of the reference.
    """
    figures = timing_figures(label_deviations(pairs), len(pairs))
    reference = _boundaries([right for right, _ in pairs])
    estimated = _boundaries([found for _, found in pairs])
    if figures is None or reference is None or estimated is None:
        return figures
    return replace(figures, correct_segments=correct_segments(reference, estimated))


def _tokens(label: Label) -> list[str]:
    """What is counted of a row: its words, or one silence."""
    return [word.casefold() for word in label.words] or [""]


def _boundaries(labels: Sequence[Label]) -> Times | None:
    """Starts and ends in turn: pauses between rows are segments too. None where an end is not given."""
    ends = [label.end_s for label in labels if label.end_s is not None]
    if len(ends) < len(labels):
        return None
    return np.array([[label.start_s for label in labels], ends], np.float64).T.ravel()
