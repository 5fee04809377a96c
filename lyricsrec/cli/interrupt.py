"""Ctrl-C that cannot get lost.

Python raises KeyboardInterrupt wherever it happens to be. Inside a callback from C (libsndfile reading a file, a
destructor) the exception is printed and dropped, and the batch would go on: so the wish is remembered, and long work
asks at every step.
"""

from __future__ import annotations

import signal
from types import FrameType

_wish: list[int] = []


def watch() -> None:
    """Remember interrupts from now on, unless this process was started with interrupts ignored."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _interrupt)


def check() -> None:
    """Raise KeyboardInterrupt when Ctrl-C was pressed before, even if that was swallowed."""
    if _wish:
        raise KeyboardInterrupt


def _interrupt(number: int, _: FrameType | None) -> None:
    _wish.append(number)
    raise KeyboardInterrupt
