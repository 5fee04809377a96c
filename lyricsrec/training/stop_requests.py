"""Signals that ask a training run to stop or to save a checkpoint, which it does after its current step."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class StopRequests:
    """Requests by signal so far: `checkpoint` by SIGUSR1; `stop_signal`, the number of SIGTERM or SIGINT, else 0."""

    def __init__(self) -> None:
        self.checkpoint = False
        self.stop_signal = 0

    def receive(self, number: int, _: FrameType | None) -> None:
        """Handle a signal. A second Ctrl-C raises KeyboardInterrupt at once."""
        if number == signal.SIGINT and self.stop_signal == signal.SIGINT:
            raise KeyboardInterrupt
        if number in (signal.SIGINT, signal.SIGTERM):
            self.stop_signal = number
        else:
            self.checkpoint = True


@contextmanager
def receiving_stop_requests() -> Iterator[StopRequests]:
    """Record signals as requests inside the block; the previous handlers are restored after it."""
    requests = StopRequests()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGUSR1"):
        numbers.append(signal.SIGUSR1)
    previous: dict[int, Any] = {number: signal.signal(number, requests.receive) for number in numbers}
    try:
        yield requests
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
