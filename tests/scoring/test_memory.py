"""The highest memory of a stretch of work."""

from __future__ import annotations

import sys
import time

import numpy as np
import psutil
import pytest

from lyricsrec.scoring.memory import PeakMemory, give_back


def test_a_peak_is_seen_after_it_is_gone() -> None:
    with PeakMemory("cpu") as before:
        pass
    with PeakMemory("cpu") as memory:
        block = np.ones(200 * 1024 * 1024 // 8)
        time.sleep(0.3)
        del block
        time.sleep(0.1)
    assert before.gib > 0
    assert 0.15 < memory.gib - before.gib < 0.4
    assert memory.gpu_gib is None


def test_it_ends_when_the_work_fails() -> None:
    memory = PeakMemory("cpu")
    with pytest.raises(RuntimeError), memory:
        raise RuntimeError
    assert memory.gib > 0
    assert not memory._thread.is_alive()


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's doing")
def test_what_was_freed_is_given_back() -> None:
    process = psutil.Process()
    blocks = [bytes(1 << 16) for _ in range(3200)]
    # The last block stays, so that the heap cannot shrink by itself.
    del blocks[:-1]
    before = process.memory_info().rss
    give_back()
    assert before - process.memory_info().rss > 100 * 1024 * 1024
