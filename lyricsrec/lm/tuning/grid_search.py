"""Search for the best weights: a grid of alpha and beta, refinement around the best point, then beam widths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, replace

from lyricsrec.decoding.settings import Weights
from lyricsrec.lm.settings import TuneConfig
from lyricsrec.lyrics.wer import Edits

Count = Callable[[Sequence["Weights | None"], str], list[Edits]]
"""Counts the edits at points, under the name of a stage; None means greedy, without the language model."""


@dataclass(frozen=True)
class Tried:
    """All results: greedy, at every point of the surface, and at every beam width of the best point."""

    greedy: Edits
    surface: dict[Weights, Edits]
    beams: dict[Weights, Edits]
    _: KW_ONLY
    best: Weights

    @property
    def words_only(self) -> Weights:
        """The best point at alpha 0, where only the vocabulary has an effect."""
        return best_point({weights: edits for weights, edits in self.surface.items() if weights.alpha == 0})


def search(count: Count, config: TuneConfig) -> Tried:
    """Try all points of the grid, then closer ones around the best, then the beam widths at the best."""
    (greedy,) = count([None], "greedy")
    surface: dict[Weights, Edits] = {}
    points = config.grid()
    for number in range(config.refinements + 1):
        stage = f"refinement {number}" if number else "grid"
        surface |= dict(zip(points, count(points, stage), strict=True))
        points = neighbours(surface)
    best = best_point(surface)
    widths = [replace(best, beam_width=width) for width in sorted(set(config.beam_widths))]
    others = [weights for weights in widths if weights != best]
    tried = {best: surface[best], **dict(zip(others, count(others, "beams"), strict=True))}
    beams = {weights: tried[weights] for weights in widths}
    allowed = min(edits.num_errors for edits in beams.values()) + config.beam_tolerance * greedy.num_words
    narrowest = next(weights for weights in widths if beams[weights].num_errors <= allowed)
    return Tried(greedy, surface, beams, best=narrowest)


def best_point(surface: dict[Weights, Edits]) -> Weights:
    """The point with the fewest errors; of equals the one with the smallest alpha, then the smallest beta."""
    return min(surface, key=lambda w: (surface[w].num_errors, w.alpha, abs(w.beta), w.beta))


def neighbours(surface: dict[Weights, Edits]) -> list[Weights]:
    """New points around the best, at half the distance of the existing ones."""
    best = best_point(surface)
    alphas = _nearer({weights.alpha for weights in surface}, best.alpha)
    betas = _nearer({weights.beta for weights in surface}, best.beta)
    points = [replace(best, alpha=alpha, beta=beta) for alpha in alphas for beta in betas]
    return [weights for weights in points if weights not in surface]


def _nearer(values: set[float], best: float) -> list[float]:
    """The best value, and the midpoints to its neighbours on both sides."""
    below = max((value for value in values if value < best), default=best)
    above = min((value for value in values if value > best), default=best)
    return sorted({(below + best) / 2, best, (best + above) / 2})
