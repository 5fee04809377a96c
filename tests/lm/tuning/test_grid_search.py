"""The search over weights, on surfaces whose lowest point is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from lyricsrec.base.errors import UsageError
from lyricsrec.base.settings import check
from lyricsrec.decoding.settings import Weights
from lyricsrec.lm.settings import TuneConfig
from lyricsrec.lm.tuning.grid_search import Count, search
from lyricsrec.lyrics.wer import Edits

GREEDY = 700


def counting(errors: Callable[[Weights], int], asked: list[Weights | None] | None = None) -> Count:
    """Errors in 1000 words by a formula; `asked` takes in every point."""

    def count(points: Sequence[Weights | None], stage: str) -> list[Edits]:
        if asked is not None:
            asked.extend(points)
        wrong = [GREEDY if point is None else errors(point) for point in points]
        return [Edits(1000 - number, number) for number in wrong]

    return count


def bowl(weights: Weights) -> int:
    """Lowest at alpha 0.5625, beta 1.25."""
    return 100 + round(400 * abs(weights.alpha - 0.5625)) + round(40 * abs(weights.beta - 1.25))


def test_the_lowest_point_is_found_between_those_of_the_grid() -> None:
    asked: list[Weights | None] = []
    found = search(counting(bowl, asked), TuneConfig(beam_widths=(100,)))
    assert found.best == Weights(0.5625, 1.25, 100)
    assert (found.beams[found.best].wer, found.greedy.wer) == (0.1, 0.7)
    # 35 of the grid, 8 around its best, at half the distance some more; and no point twice.
    assert len(asked) == len(set(asked)) == 1 + 35 + 8 + 8


def test_the_same_surface_gives_the_same_points() -> None:
    first, again = (search(counting(bowl), TuneConfig()) for _ in range(2))
    assert list(first.surface.items()) == list(again.surface.items())


def test_of_equals_the_lightest_is_taken() -> None:
    flat = search(counting(lambda _: 300), TuneConfig(betas=(-1.0, 1.0, 2.0)))
    assert (flat.best.alpha, flat.best.beta) == (0.0, 0.0)
    sure = search(counting(lambda w: 300 if w.alpha >= 0.75 else 400), TuneConfig(betas=(-1.0, 1.0), refinements=0))
    assert (sure.best.alpha, sure.best.beta) == (0.75, -1.0)


def test_the_narrowest_beam_that_is_as_good() -> None:
    wrong = {10: 130, 25: 101, 50: 99, 100: 100}
    found = search(counting(lambda w: wrong[w.beam_width]), TuneConfig(beam_widths=(100, 25, 10, 50)))
    assert [weights.beam_width for weights in found.beams] == [10, 25, 50, 100]
    # 101 are 0.2 % more than 99 of 1000 words; 99 is the best.
    assert found.best.beam_width == 50
    wrong[25] = 100
    assert search(counting(lambda w: wrong[w.beam_width]), TuneConfig(beam_widths=(25, 50, 100))).best.beam_width == 25


def test_alpha_0_is_always_tried_to_compare_with() -> None:
    config = TuneConfig(alphas=(0.5, 0.75), betas=(0.0, 2.0), refinements=0)
    assert [(w.alpha, w.beta) for w in config.grid()] == [(0, 0), (0, 2), (0.5, 0), (0.5, 2), (0.75, 0), (0.75, 2)]
    assert search(counting(bowl), config).words_only == Weights(0.0, 2.0, 100)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (TuneConfig(alphas=(0.5, -0.5)), r"alphas\.1 must be .*greater than or equal to 0, not -0\.5"),
        (TuneConfig(alphas=(float("nan"),)), r"alphas\.0 must be .*, not nan"),
        (TuneConfig(betas=(float("inf"),)), r"betas\.0 must be .*, not inf"),
        (TuneConfig(betas=()), "betas: .*at least 1 item"),
        (TuneConfig(beam_widths=(0,)), r"beam_widths\.0 must be .*greater than or equal to 1, not 0"),
    ],
)
def test_invalid_settings(config: TuneConfig, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check(config)
