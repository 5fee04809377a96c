"""Where the time goes: by hand, with a clock that is set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import nn

from lyricsrec.training.log import profile as profile_module
from lyricsrec.training.log.profile import SECTIONS, Profile, peak_of

CPU = torch.device("cpu")


class Clock:
    """Stands for the time module."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


class Taking(nn.Module):
    """A module that takes some seconds."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        super().__init__()
        self._clock, self._seconds = clock, seconds

    def forward(self) -> None:
        self._clock.now += self._seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(profile_module, "time", clock)
    return clock


def step(profile: Profile, clock: Clock, separator: Taking, recognizer: Taking, *, validates: bool = False) -> None:
    for name, seconds in [("data", 1.0), ("forward", 0.5), ("backward", 4.0), ("optimizer", 0.25)]:
        with profile.section(name):
            clock.now += seconds
            if name == "forward":
                separator()
                recognizer()
    clock.now += 0.125
    profile.step_done(2, 10.0)
    if validates:
        with profile.section("validation"):
            # Does not count as training.
            separator()
            recognizer()


def test_time_is_shared_out_without_the_first_steps(clock: Clock, tmp_path: Path) -> None:
    profile = Profile(CPU, "no", is_on=True)
    separator, recognizer = Taking(clock, 2.0), Taking(clock, 3.0)
    profile.watch(separator, recognizer)
    for i in range(4):
        assert profile.report() is None or i == 3
        step(profile, clock, separator, recognizer, validates=i == 2)
    report = profile.report()
    assert report is not None
    assert report.num_steps == 2
    assert report.sections == {
        "data": 2.0, "separator": 4.0, "recogniser": 6.0, "losses": 1.0, "backward": 8.0, "optimizer": 0.5,
        "validation": 5.0, "checkpoints": 0.0, "other": 0.25,
    }  # fmt: skip
    assert tuple(report.sections) == SECTIONS
    assert report.seconds == 26.75 == sum(report.sections.values())
    assert (report.items_per_s, report.audio_s_per_s) == (4 / 26.75, 20 / 26.75)
    assert (report.operations_per_s, report.share_of_peak, report.device) == (None, None, "processor")
    report.write(tmp_path)
    written = json.loads((tmp_path / "profile.json").read_text())
    assert (written["sections"], written["num_steps"], written["share_of_peak"]) == (report.sections, 2, None)


def test_operations_are_counted_in_the_second_step(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    layer = nn.Linear(30, 40, bias=False)
    profile = Profile(CPU, "bf16", is_on=True)
    monkeypatch.setattr(profile_module, "peak_of", lambda device, precision: 48_000.0)
    for i in range(4):
        with profile.counting(10.0):
            layer(torch.ones(5, 30)).sum().backward()
            # In other steps, more would not be noticed.
            if i != 1:
                layer(torch.ones(5, 30))
        clock.now += 2.0
        profile.step_done(1, 10.0)
    report = profile.report(num_processes=2)
    assert report is not None
    # Forward, and the gradient of the weights: 2 * 5 * 30 * 40 each, in 10 s of audio; 5 s of these a second.
    assert report.operations_per_s == 2 * 2 * 5 * 30 * 40 / 10 * 5 / 2
    assert report.share_of_peak == 6000 / 48_000


def test_nothing_is_measured_unless_asked_for(clock: Clock) -> None:
    profile = Profile(CPU, "no")
    separator, recognizer = Taking(clock, 2.0), Taking(clock, 3.0)
    profile.watch(separator, recognizer)
    assert not separator._forward_hooks
    for _ in range(5):
        step(profile, clock, separator, recognizer)
    assert profile.report() is None


def test_a_compiled_model_is_not_taken_apart(clock: Clock) -> None:
    profile = Profile(CPU, "no", is_on=True, compiled=True)
    separator, recognizer = Taking(clock, 2.0), Taking(clock, 3.0)
    profile.watch(separator, recognizer)
    for _ in range(3):
        with profile.counting(1.0):
            step(profile, clock, separator, recognizer)
    report = profile.report()
    assert report is not None
    assert [report.sections[name] for name in ("separator", "recogniser", "losses")] == [0, 0, 5.5]
    assert report.operations_per_s is None


class _Event:
    """An event in a GPU's stream, which reaches it half a second after the processor."""

    def __init__(self, enable_timing: bool) -> None:
        assert enable_timing

    def record(self, stream: object) -> None:
        self.at = profile_module.time.perf_counter() + 0.5

    def elapsed_time(self, other: _Event) -> float:
        return 1000 * (other.at - self.at)


def test_on_a_gpu_the_times_of_its_stream_count(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[int] = []

    class Stream:
        def synchronize(self) -> None:
            waited.append(1)

    monkeypatch.setattr("torch.cuda.current_stream", lambda device: Stream())
    monkeypatch.setattr("torch.cuda.Event", _Event)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda device: "NVIDIA H100 80GB HBM3")
    monkeypatch.setattr("torch.cuda.max_memory_allocated", lambda device: 2**30)
    profile = Profile(torch.device("cuda"), "bf16", is_on=True)
    separator, recognizer = Taking(clock, 2.0), Taking(clock, 3.0)
    profile.watch(separator, recognizer)
    for _ in range(3):
        step(profile, clock, separator, recognizer)
    report = profile.report()
    assert report is not None
    found = [report.sections[name] for name in ("data", "separator", "recogniser", "losses", "backward", "optimizer")]
    assert found == [1.0, 2.0, 3.0, 0.5, 4.0, 0.25]
    # Once a step, when all of it is queued.
    assert len(waited) == 3
    assert (report.device, report.peak_per_s, report.memory_bytes) == ("NVIDIA H100 80GB HBM3", 989e12, 2**30)


@pytest.mark.parametrize(
    ("device", "precision", "peak"),
    [
        ("NVIDIA H100 80GB HBM3", "bf16", 989e12),
        ("NVIDIA H100 80GB HBM3", "no", 67e12),
        ("NVIDIA H100 PCIe", "fp16", 756e12),
        ("NVIDIA H200", "bf16", 989e12),
        ("NVIDIA A100-SXM4-40GB", "no", 19.5e12),
        ("NVIDIA L40S", "bf16", 362e12),
        ("NVIDIA L4", "bf16", 121e12),
        ("NVIDIA A10G", "bf16", 125e12),
        ("Tesla V100-SXM2-16GB", "fp16", 125e12),
        ("processor", "bf16", None),
        ("NVIDIA Z9", "bf16", None),
    ],
)
def test_peaks_of_gpus(device: str, precision: str, peak: float | None) -> None:
    assert peak_of(device, precision) == peak
