"""The highest memory that a stretch of work needs."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from types import TracebackType

_EVERY_S = 0.05
_GIB = 1 << 30


class PeakMemory:
    """A context manager that looks at the process' resident memory every 50 ms: shorter peaks may escape it.

    `gib` and, where torch computes on a CUDA device, `gpu_gib` are known when it ends.
    """

    def __init__(self, device: str) -> None:
        self._on_gpu = device.startswith("cuda")
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.gib: float = 0.0
        self.gpu_gib: float | None = None

    def __enter__(self) -> PeakMemory:
        if self._on_gpu:
            import torch

            torch.cuda.reset_peak_memory_stats()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        if self._on_gpu:
            import torch

            self.gpu_gib = torch.cuda.max_memory_allocated() / _GIB

    def _watch(self) -> None:
        import psutil

        process = psutil.Process()
        while True:
            self.gib = max(self.gib, process.memory_info().rss / _GIB)
            if self._done.wait(_EVERY_S):
                return


def give_back() -> None:
    """Return to the system what earlier work no longer needs, so that it does not count in a peak to come.

    Not all of it can be had, and only of glibc; elsewhere what was freed stays with the process.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
