"""Processes that share work, and end with the one that started them."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context, parent_process


@contextlib.contextmanager
def worker_pool(workers: int, start: Callable[[], None]) -> Iterator[ProcessPoolExecutor]:
    """A pool of processes that run `start` first; work that nobody waits for any more is dropped.

    Raises BrokenProcessPool inside the block when a process dies.
    """
    # Spawned, not forked: the parent draws progress in a thread, and libraries that run threads do not survive a fork.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=partial(_start, start))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def follow_parent() -> None:
    """Let this process ignore interrupts, which its parent handles, and end with the parent, even a killed one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _start(start: Callable[[], None]) -> None:
    follow_parent()
    start()


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)
