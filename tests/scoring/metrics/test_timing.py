"""Figures of word times: mir_eval's, and JamendoLyrics' averages."""

from __future__ import annotations

from collections.abc import Sequence

import mir_eval.alignment
import numpy as np
import pytest
from scipy.stats import skewnorm

from lyricsrec.scoring.metrics.timing import pool_timing, timing_by_song, timing_figures
from lyricsrec.scoring.results import Deviation, SongTimingFigures, TimingFigures


def deviations(reference: Sequence[float], estimated: Sequence[float]) -> tuple[Deviation, ...]:
    return tuple(Deviation(right, found - right) for right, found in zip(reference, estimated, strict=True))


def random_song(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Starts that grow on both sides, some of them equal, some errors large."""
    random = np.random.default_rng(seed)
    reference = np.sort(random.uniform(0, 200, random.integers(2, 80)).round(random.integers(0, 4)))
    late = random.laplace(0.02, random.choice([0.05, 0.5, 3.0]), len(reference))
    return reference, np.sort(np.maximum(reference + late, 0.0))


def perceptual(late: np.ndarray) -> float:
    """Lizé Masclef et al. (2021): a skewed bell whose top is about 1."""
    return float(np.mean(skewnorm.pdf(late, 1.12244251, -0.22270315, 0.29779424) / 1.6857))


def overlap_of_segments(reference: np.ndarray, estimated: np.ndarray, duration_s: float) -> float:
    """Fujihara et al. (2011): the share of the song at which both are between the same two words."""
    right, found = ([0.0, *times, duration_s] for times in (reference, estimated))
    shared = [max(0.0, min(right[i + 1], found[i + 1]) - max(right[i], found[i])) for i in range(len(reference) + 1)]
    return sum(shared) / duration_s


@pytest.mark.parametrize("seed", range(40))
def test_one_song_matches_mir_eval(seed: int) -> None:
    reference, estimated = random_song(seed)
    figures = timing_figures(deviations(reference, estimated), len(reference) + 3)
    expected = mir_eval.alignment.evaluate(reference, estimated)
    assert figures is not None
    assert (figures.num_pairs, figures.num_timed) == (len(reference), len(reference) + 3)
    assert (figures.median_s, figures.within) == (expected["mae"], expected["pc"])
    assert figures.mean_s == pytest.approx(expected["aae"], abs=1e-12)
    assert figures.far == 1 - mir_eval.alignment.percentage_correct(reference, estimated, window=1.0)
    assert figures.correct_segments == pytest.approx(expected["pcs"], abs=1e-9)
    assert figures.perceptual == pytest.approx(expected["perceptual"], abs=1e-12)


def test_worked_by_hand() -> None:
    figures = timing_figures(deviations([1.0, 2.0, 4.0, 8.0], [1.0, 2.25, 5.5, 7.5]), 5)
    assert figures == TimingFigures(
        num_pairs=4,
        num_timed=5,
        median_s=0.375,
        mean_s=0.5625,
        within=0.5,
        far=0.25,
        # 1 to 2, 2.25 to 4, 5.5 to 7.5, of 7 s.
        correct_segments=pytest.approx(4.75 / 7),
        perceptual=pytest.approx(perceptual(np.array([0.0, 0.25, 1.5, -0.5]))),
    )


def test_an_error_of_the_tolerance_is_within_it_and_none_is_far_at_one_second() -> None:
    figures = timing_figures([Deviation(1.0, -0.3), Deviation(2.0, 1.0), Deviation(3.0, 1.001)], 3)
    assert figures is not None
    assert (figures.within, figures.far) == (1 / 3, pytest.approx(1 / 3))


@pytest.mark.parametrize(
    "pairs",
    [
        deviations([1.0, 3.0, 2.0], [1.0, 3.0, 2.5]),
        deviations([1.0, 2.0, 3.0], [1.0, 3.0, 2.5]),
        deviations([0.5, 2.0], [-0.25, 2.0]),
        deviations([1.0], [1.5]),
        deviations([1.0, 1.0], [1.5, 1.0]),
    ],
)
def test_times_out_of_order_lack_only_correct_segments(pairs: tuple[Deviation, ...]) -> None:
    figures = timing_figures(pairs, 9)
    sizes = np.abs([pair.late_s for pair in pairs])
    assert figures is not None
    assert figures.correct_segments is None
    assert (figures.median_s, figures.mean_s) == (np.median(sizes), sizes.mean())
    assert figures.within == np.mean(sizes <= 0.3)
    assert figures.perceptual == pytest.approx(perceptual(np.array([pair.late_s for pair in pairs])))


def test_equal_times_do_not_run_backwards() -> None:
    for right in np.arange(0.1, 5, 0.1):
        figures = timing_figures(deviations([right, right + 0.05, right + 0.07], [5.1, 5.1, 5.1]), 3)
        assert figures is not None
        assert figures.correct_segments == 0.0


def test_no_matched_words() -> None:
    assert timing_figures((), 4) is None
    assert pool_timing([((), 4)]) is None
    assert timing_by_song([((), 60.0)]) is None


def test_pooled_over_all_words() -> None:
    songs = [random_song(seed) for seed in range(5)]
    pooled = pool_timing([*((deviations(*song), 100) for song in songs), ((), 7)])
    sizes = np.concatenate([np.abs(estimated - reference) for reference, estimated in songs])
    late = np.concatenate([estimated - reference for reference, estimated in songs])
    assert pooled is not None
    assert (pooled.num_pairs, pooled.num_timed, pooled.correct_segments) == (len(sizes), 507, None)
    assert (pooled.median_s, pooled.within) == (np.median(sizes), np.mean(sizes <= 0.3))
    assert pooled.mean_s == pytest.approx(sizes.mean(), abs=1e-12)
    assert pooled.far == pytest.approx(np.mean(sizes > 1.0))
    assert pooled.perceptual == pytest.approx(perceptual(late))


def test_averages_over_songs_are_those_of_jamendolyrics() -> None:
    songs = [random_song(seed) for seed in range(12)]
    durations = [max(reference[-1], estimated[-1]) + 5 * number for number, (reference, estimated) in enumerate(songs)]
    figures = timing_by_song(
        [*((deviations(*song), duration_s) for song, duration_s in zip(songs, durations, strict=True)), ((), None)]
    )
    late = [estimated - reference for reference, estimated in songs]
    segments = [overlap_of_segments(*song, duration_s) for song, duration_s in zip(songs, durations, strict=True)]
    assert figures == SongTimingFigures(
        num_songs=12,
        mean_s=pytest.approx(np.mean([np.abs(song).mean() for song in late])),
        median_s=pytest.approx(np.mean([np.median(np.abs(song)) for song in late])),
        within=pytest.approx(np.mean([np.mean(np.abs(song) < 0.3) for song in late])),
        correct_segments=pytest.approx(np.mean(segments)),
        perceptual=pytest.approx(np.mean([perceptual(song) for song in late])),
    )


def test_averages_worked_by_hand() -> None:
    first = ((Deviation(2.0, 0.0), Deviation(5.0, 0.3)), 10.0)
    second = ((Deviation(1.0, 1.0),), 4.0)
    figures = timing_by_song([first, second])
    assert figures is not None
    assert (figures.mean_s, figures.median_s) == (0.575, 0.575)
    # An error of 0.3 s is not below 0.3 s.
    assert figures.within == 0.25
    # 9.7 of 10 s, and 0 to 1 and 2 to 4 of 4 s.
    assert figures.correct_segments == pytest.approx((0.97 + 0.75) / 2)


def test_a_song_that_is_shorter_than_its_times_ends_at_the_latest() -> None:
    pairs = deviations([1.0, 4.0], [1.0, 5.0])
    figures = timing_by_song([(pairs, 3.0)])
    assert figures is not None
    assert figures == timing_by_song([(pairs, 5.0)])
    assert figures.correct_segments == pytest.approx(0.8)


@pytest.mark.parametrize("other", [(deviations([1.0], [1.0]), None), (deviations([2.0, 1.0], [2.0, 1.0]), 9.0)])
def test_an_average_of_segments_needs_all_songs(other: tuple[tuple[Deviation, ...], float | None]) -> None:
    figures = timing_by_song([(deviations([1.0, 2.0], [1.0, 2.0]), 9.0), other])
    assert figures is not None
    assert (figures.num_songs, figures.within, figures.correct_segments) == (2, 1.0, None)
