"""Signals as wishes: a training run is asked, and answers at its next step."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Wishes:
    """What a run was asked for: `save` by SIGUSR1, `stop` (the signal's number) by SIGTERM and Ctrl-C."""

    def __init__(self) -> None:
        self.save = False
        self.stop = 0

    def receive(self, number: int, _: FrameType | None) -> None:
        """Remember a signal. A second Ctrl-C does not wait: it raises KeyboardInterrupt."""
        if number == signal.SIGINT and self.stop == signal.SIGINT:
            raise KeyboardInterrupt
        if number in (signal.SIGINT, signal.SIGTERM):
            self.stop = number
        else:
            self.save = True


@contextmanager
def listening() -> Iterator[Wishes]:
    """Take signals as wishes while the block runs; what handled them before comes back after it."""
    wishes = Wishes()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGUSR1"):
        numbers.append(signal.SIGUSR1)
    kept: dict[int, Any] = {number: signal.signal(number, wishes.receive) for number in numbers}
    try:
        yield wishes
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
