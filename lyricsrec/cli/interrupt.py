"""Ctrl-C that is never lost.

Python raises KeyboardInterrupt wherever it happens to be. Inside a callback from C (libsndfile reading a file, a
destructor) the exception is printed and dropped, and the batch would continue. So the key press is remembered, and
long work checks for it at every step.
"""

from __future__ import annotations

import signal
from types import FrameType

_received: list[int] = []


def watch() -> None:
    """Remember interrupts from now on, unless this process was started with interrupts ignored."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _interrupt)


def check() -> None:
    """Raise KeyboardInterrupt if Ctrl-C was pressed before, even if that exception was dropped."""
    if _received:
        raise KeyboardInterrupt


def _interrupt(number: int, _: FrameType | None) -> None:
    _received.append(number)
    raise KeyboardInterrupt
