"""The best checkpoints of a run so far, by their validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from lyricsrec.training.log.metrics import ValidationMetrics
from lyricsrec.training.settings import BestMetric


@dataclass(frozen=True)
class Candidate:
    """A checkpoint's step, and its validation: WER and CER of the best decoder (shares), loss in nats per symbol."""

    step: int
    wer: float
    cer: float
    _: KW_ONLY
    loss: float

    def key(self, metric: BestMetric) -> tuple[float, ...]:
        """What decides by a metric: lower is better; ties go to CER, then to the loss, then to the earlier step."""
        return (getattr(self, metric), self.cer, self.loss, self.step)


class Ranking:
    """The `keep` best checkpoints of a run by a metric."""

    def __init__(self, metric: BestMetric, keep: int, candidates: Sequence[Candidate] = ()) -> None:
        self._metric, self._keep = metric, keep
        self.candidates = self._sorted(candidates)

    @property
    def steps(self) -> list[int]:
        """The steps of the best checkpoints, the best first."""
        return [candidate.step for candidate in self.candidates]

    def add(self, metrics: ValidationMetrics) -> bool:
        """Take a validation into account; returns whether its checkpoint is among the best."""
        own = Candidate(metrics.step, metrics.best_wer, metrics.best_cer, loss=metrics.ctc)
        others = [candidate for candidate in self.candidates if candidate.step != own.step]
        self.candidates = self._sorted([*others, own])
        return own in self.candidates

    def _sorted(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        return sorted(candidates, key=lambda candidate: candidate.key(self._metric))[: self._keep]
