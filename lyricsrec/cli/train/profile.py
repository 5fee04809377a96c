"""The table of `--profile`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lyricsrec.cli.tables import print_table

if TYPE_CHECKING:
    from lyricsrec.training.log.profile import ProfileReport


def print_profile(report: ProfileReport) -> None:
    """Print where the time of a run went."""
    title = f"Time of {report.num_steps} steps on {report.device}, precision {report.precision}"
    rows = [
        (name, f"{1000 * seconds / report.num_steps:,.1f}", f"{100 * seconds / report.seconds:.1f}")
        for name, seconds in report.sections.items()
        if seconds
    ]
    rows.append(("all", f"{1000 * report.seconds / report.num_steps:,.1f}", "100.0"))
    print_table(title, ("", "ms a step", "%"), rows)
    print_table("Speed", ("", "", ""), _speeds(report))


def _speeds(report: ProfileReport) -> Iterator[tuple[str, str, str]]:
    yield "chunks", f"{report.items_per_s:,.2f}", "a second"
    yield "audio", f"{report.audio_s_per_s:,.1f} s", "a second"
    if report.operations_per_s is not None:
        yield "operations", f"{report.operations_per_s / 1e12:,.3f} TFLOP", "a second and device"
    if report.share_of_peak is not None and report.peak_per_s is not None:
        yield "share of peak", f"{100 * report.share_of_peak:.1f} %", f"of {report.peak_per_s / 1e12:,.0f} TFLOP/s"
    when = "at the end" if report.device == "processor" else "at most"
    yield "memory", f"{report.memory_bytes / 2**30:.2f} GiB", when
