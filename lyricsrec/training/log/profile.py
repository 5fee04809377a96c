"""Where the time of training goes, and how much of a GPU's peak is used."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import KW_ONLY, asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from lyricsrec.base.output import write_text

NAME = "profile.json"
SECTIONS = ("data", "separator", "recogniser", "losses", "backward", "optimizer", "validation", "checkpoints", "other")
"""Parts of the time; "losses" is the rest of the forward pass, "other" what lies between."""

_FORWARD = "forward"
_WARM_UP = 2
"""Steps that are left out: the first ones choose algorithms, compile and allocate; in the second, operations count."""

_PEAKS: Mapping[str, tuple[float, float]] = {
    "H100 PCIe": (756e12, 51e12),
    "H100": (989e12, 67e12),
    "H200": (989e12, 67e12),
    "A100": (312e12, 19.5e12),
    "L40S": (362e12, 91.6e12),
    "L4": (121e12, 30.3e12),
    "A10": (125e12, 31.2e12),
    "V100": (125e12, 15.7e12),
    "T4": (65e12, 8.1e12),
    "RTX 4090": (165e12, 82.6e12),
    "RTX 3090": (71e12, 35.6e12),
}
"""Operations a second at most, by a part of the GPU's name: in 16 bits on dense tensor cores, and in float32 without
them (data sheets of NVIDIA)."""


@dataclass(frozen=True)
class ProfileReport:
    """Where the time went in `num_steps` steps of `seconds` in all; `sections` has the seconds of each of `SECTIONS`.

    `operations_per_s` counts floating-point operations of matrix products, convolutions and attention, on each device;
    None where the model is compiled. `peak_per_s` is that of the device, None where it is not known. `memory_bytes` is
    the most that was allocated on a GPU, else this process's memory.
    """

    device: str
    precision: str
    num_steps: int
    _: KW_ONLY
    seconds: float
    sections: Mapping[str, float]
    items_per_s: float
    audio_s_per_s: float
    operations_per_s: float | None
    peak_per_s: float | None
    memory_bytes: int

    @property
    def share_of_peak(self) -> float | None:
        """The share of the device's peak that is used; None where that is not known."""
        known = self.operations_per_s is not None and self.peak_per_s is not None
        return self.operations_per_s / self.peak_per_s if known else None  # type: ignore[operator]

    def write(self, folder: Path) -> None:
        """Write the report into the folder of a run. Raises OutputError when it cannot be written."""
        document = {**asdict(self), "share_of_peak": self.share_of_peak}
        write_text(folder / NAME, json.dumps(document, indent=1) + "\n")


class Profile:
    """Adds up the time of a run's steps by section; `is_on` False costs nothing.

    On a GPU, events in its stream are timed, so that nothing waits for it. With `compiled`, separator and recogniser
    are not told apart: both are "losses".
    """

    def __init__(self, device: torch.device, precision: str, *, is_on: bool = False, compiled: bool = False) -> None:
        self.is_on = is_on
        self._device, self._precision, self._compiled = device, precision, compiled
        self._clock = _GpuClock(device) if device.type == "cuda" else _Clock()
        self._totals: dict[str, float] = defaultdict(float)
        self._num_done = 0
        self._is_forward = False
        self._items = self._audio_s = self._wall_s = 0.0
        self._started = time.perf_counter()
        self._operations_per_audio_s: float | None = None

    def watch(self, separator: nn.Module | None, recognizer: nn.Module) -> None:
        """Time the forward passes of these modules."""
        if not self.is_on or self._compiled:
            return
        for name, module in (("separator", separator), ("recogniser", recognizer)):
            if module is not None:
                module.register_forward_pre_hook(lambda *_, name=name: self._begin(name))
                module.register_forward_hook(lambda *_, name=name: self._end(name))

    def section(self, name: str) -> AbstractContextManager[None]:
        """Time the block."""
        return self._section(name) if self.is_on else nullcontext()

    @contextmanager
    def _section(self, name: str) -> Iterator[None]:
        self._is_forward = name == _FORWARD
        self._clock.begin(name)
        yield
        self._clock.end(name)
        self._is_forward = False

    @contextmanager
    def counting(self, audio_s: float) -> Iterator[None]:
        """Count the operations of the block, forward and backward passes of `audio_s` seconds, in one of the steps."""
        if not self.is_on or self._compiled or self._num_done != _WARM_UP - 1 or not audio_s:
            yield
            return
        with FlopCounterMode(display=False) as counter:
            yield
        self._operations_per_audio_s = counter.get_total_flops() / audio_s

    def step_done(self, num_items: float, audio_s: float) -> None:
        """End a step of so many chunks and seconds of audio on all processes."""
        if not self.is_on:
            return
        spent = self._clock.read()
        now = time.perf_counter()
        if self._num_done >= _WARM_UP:
            for name, seconds in spent.items():
                self._totals[name] += seconds
            self._items += num_items
            self._audio_s += audio_s
            self._wall_s += now - self._started
        self._num_done += 1
        self._started = now

    def report(self, num_processes: int = 1) -> ProfileReport | None:
        """The report of the steps so far; None with fewer than three."""
        num_steps = self._num_done - _WARM_UP
        if not self.is_on or num_steps < 1:
            return None
        forward = self._totals[_FORWARD]
        sections = {name: self._totals[name] for name in SECTIONS}
        sections["losses"] = forward - sections["separator"] - sections["recogniser"]
        sections["other"] = max(self._wall_s - sum(sections.values()), 0.0)
        rate = self._audio_s / self._wall_s
        operations = self._operations_per_audio_s
        return ProfileReport(
            _device_name(self._device),
            self._precision,
            num_steps,
            seconds=self._wall_s,
            sections=sections,
            items_per_s=self._items / self._wall_s,
            audio_s_per_s=rate,
            operations_per_s=operations * rate / num_processes if operations is not None else None,
            peak_per_s=peak_of(_device_name(self._device), self._precision),
            memory_bytes=_memory_bytes(self._device),
        )

    def _begin(self, name: str) -> None:
        if self._is_forward:
            self._clock.begin(name)

    def _end(self, name: str) -> None:
        if self._is_forward:
            self._clock.end(name)


class _Clock:
    """Times of sections on a processor."""

    def __init__(self) -> None:
        self._begun: dict[str, float] = {}
        self._spent: dict[str, float] = defaultdict(float)

    def begin(self, name: str) -> None:
        self._begun[name] = time.perf_counter()

    def end(self, name: str) -> None:
        self._spent[name] += time.perf_counter() - self._begun[name]

    def read(self) -> dict[str, float]:
        """The seconds of each section since the last call."""
        spent, self._spent = self._spent, defaultdict(float)
        return spent


class _GpuClock:
    """Times of sections on a GPU: what its stream needs for them, waiting included."""

    def __init__(self, device: torch.device) -> None:
        self._stream = torch.cuda.current_stream(device)
        self._begun: dict[str, Any] = {}
        self._pairs: list[tuple[str, Any, Any]] = []

    def begin(self, name: str) -> None:
        self._begun[name] = self._event()

    def end(self, name: str) -> None:
        self._pairs.append((name, self._begun[name], self._event()))

    def read(self) -> dict[str, float]:
        """The seconds of each section since the last call."""
        self._stream.synchronize()
        spent: dict[str, float] = defaultdict(float)
        for name, first, last in self._pairs:
            spent[name] += first.elapsed_time(last) / 1000
        self._pairs = []
        return spent

    def _event(self) -> Any:
        event: Any = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        event.record(self._stream)
        return event


def peak_of(device: str, precision: str) -> float | None:
    """The most operations a second of a GPU by its name, None where it is not known."""
    peaks = next((peaks for name, peaks in _PEAKS.items() if name in device), None)
    return None if peaks is None else peaks[precision == "no"]


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "processor"


def _memory_bytes(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return int(psutil.Process().memory_info().rss)
