"""The position of a run in its data: which chunks it has seen, determined by steps, epochs and ways of batching."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace


@dataclass(frozen=True)
class Batching:
    """What the batches of an epoch depend on, beside its chunks and the seed (see `BatchPlan`)."""

    batch_s: float
    bucket: int
    num_processes: int = 1
    _: KW_ONLY
    shard_buffer: int = 0


@dataclass(frozen=True)
class Leg:
    """So many batches of an epoch, batched in one way."""

    batching: Batching
    num_batches: int


@dataclass(frozen=True)
class Position:
    """The position of a run: steps done, and the epoch and batch that come next.

    `earlier` is how the first chunks of this epoch were batched, where the run was resumed with other batches since.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    _: KW_ONLY
    earlier: tuple[Leg, ...] = ()

    def after_step(self, num_batches: int) -> Position:
        """The position one step of so many batches later."""
        return replace(self, step=self.step + 1, batch=self.batch + num_batches)

    def next_epoch(self) -> Position:
        """The position at the start of the next epoch."""
        return Position(self.step, self.epoch + 1, 0)

    def with_batches(self, before: Batching, now: Batching) -> Position:
        """This position in a run that goes on with other batches: the rest of the epoch's chunks come next."""
        if before == now or not self.batch:
            return self
        return replace(self, batch=0, earlier=(*self.earlier, Leg(before, self.batch)))
