"""Plots of a prepared data set, and of a single chunk with its words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lyricsrec.base.mpl import new_figure, save_figure
from lyricsrec.dataset.preparation.report import DatasetReport, reason_label
from lyricsrec.dataset.preparation.split import SPLITS

if TYPE_CHECKING:
    from lyricsrec.audio.audio import Audio
    from lyricsrec.dataset.manifest import ChunkRow

_COLOURS = {"train": "#4477aa", "validation": "#ccbb44", "test": "#ee6677"}
_GREY = "#888888"
_MIN_HZ, _MAX_HZ = 80.0, 8000.0


def write_picture(path: Path, report: DatasetReport) -> None:
    """A PNG of four panels: NCC with the borders of the splits, chunk lengths, words per second, dropped words."""
    figure, axes = new_figure(2, 2, 13, 9)
    _ncc(axes[0][0], report)
    _histogram(axes[0][1], report, "chunk_s", "chunk length (s)")
    _histogram(axes[1][0], report, "words_per_s", "words per second in the chunks")
    _reasons(axes[1][1], report)
    used = sum(totals.num_songs for totals in report.splits.values())
    figure.suptitle(f"{used} of {report.num_songs} songs, {report.num_kept} of {report.num_words} words")
    save_figure(figure, path)


def write_chunk_picture(path: Path, row: ChunkRow, audio: Audio) -> None:
    """A PNG of a chunk: waveform and spectrogram (log frequency), with each word at its time."""
    figure, axes = new_figure(2, 1, max(8.0, 1.2 * audio.duration_s), 6, sharex=True)
    mono = audio.samples.mean(axis=0)
    times = audio.start_s + np.arange(len(mono)) / audio.sample_rate
    step = max(len(mono) // 20_000, 1)
    wave, spectrum = axes[0][0], axes[1][0]
    wave.plot(times[::step], mono[::step], color=_COLOURS["train"], linewidth=0.4)
    peak = max(float(np.abs(mono).max(initial=0.0)), 1e-3)
    wave.set_ylim(-1.1 * peak, 1.9 * peak)
    wave.set_yticks([])
    with np.errstate(divide="ignore"):
        # Muted stretches are exactly 0.
        spectrum.specgram(
            mono,
            NFFT=2048,
            noverlap=1536,
            Fs=audio.sample_rate,
            xextent=(audio.start_s, audio.end_s),
            cmap="magma",
            vmin=-110,
        )
    spectrum.set_facecolor("black")
    spectrum.set_ylim(_MIN_HZ, _MAX_HZ)
    spectrum.set_yscale("log")
    spectrum.set_ylabel("Hz")
    spectrum.set_xlabel("seconds in the song")
    for number, word in enumerate(row.words):
        assert word.start_s is not None
        assert word.end_s is not None
        start_s, end_s = word.start_s + row.offset_s, word.end_s + row.offset_s
        for axis in (wave, spectrum):
            axis.axvline(start_s, color="black" if axis is wave else "white", linewidth=0.8)
        wave.axvspan(start_s, end_s, color=list(_COLOURS.values())[number % 2 * 2], alpha=0.2, linewidth=0)
        wave.text(start_s, peak * (1.2 + 0.2 * (number % 3)), word.text, fontsize=9, parse_math=False)
    for start_s, end_s in row.mute:
        wave.axvspan(start_s + row.offset_s, end_s + row.offset_s, color=_GREY, alpha=0.5, hatch="//")
    wave.set_xlim(audio.start_s, audio.end_s)
    wave.set_title(f"{row.chunk_id}: {len(row.words)} words, {row.duration_s:.2f} s", parse_math=False)
    save_figure(figure, path)


def _ncc(axis: Any, report: DatasetReport) -> None:
    values = {split: report.splits[split].ncc for split in SPLITS}
    every = [value for group in values.values() for value in group]
    axis.set_xlabel("NCC")
    _count_axis(axis, "songs")
    if not every:
        axis.text(0.5, 0.5, "no song has an NCC", ha="center", transform=axis.transAxes)
        return
    bins = np.linspace(min(every), max(*every, min(every) + 0.05), 41)
    axis.hist(
        [values[split] for split in SPLITS],
        bins,
        stacked=True,
        color=[_COLOURS[s] for s in SPLITS],
        label=[f"{split}: {report.splits[split].num_songs} songs" for split in SPLITS],
    )
    split = report.config.split
    borders = [split.ncc, split.validation_ncc, split.test_ncc] if split.mode == "ncc" else [split.ncc]
    for border in borders:
        axis.axvline(border, color="black", linestyle="--", linewidth=1)
        axis.text(
            border, 1.01, f"{border:g}", ha="center", va="bottom", fontsize=7, transform=axis.get_xaxis_transform()
        )
    axis.legend(loc="upper right", framealpha=1)


def _histogram(axis: Any, report: DatasetReport, field: str, label: str) -> None:
    values = {split: getattr(report.splits[split], field) for split in SPLITS}
    every = [value for group in values.values() for value in group]
    axis.set_xlabel(label)
    _count_axis(axis, "chunks")
    if every:
        bins = np.linspace(0, max(every), 41)
        axis.hist([values[s] for s in SPLITS], bins, stacked=True, color=[_COLOURS[s] for s in SPLITS])
        axis.set_title(f"{len(every)} chunks, median {np.median(every):.2f}", fontsize=10)


def _count_axis(axis: Any, label: str) -> None:
    axis.set_ylabel(label)
    axis.yaxis.get_major_locator().set_params(integer=True)


def _reasons(axis: Any, report: DatasetReport) -> None:
    """Songs left out and words dropped, on a logarithmic scale, which also shows small numbers."""
    songs, words = report.left_out_by_reason, report.dropped_by_reason
    rows = [(f"songs: {reason_label(reason)}", count, _GREY) for reason, count in songs.items()]
    rows += [
        (f"words: {reason_label(reason)}", count, _COLOURS["test"])
        for reason, count in words.items()
        if reason not in songs
    ]
    if not rows:
        axis.text(0.5, 0.5, "nothing was left out or dropped", ha="center", transform=axis.transAxes)
        axis.set_axis_off()
        return
    labels, counts, colours = zip(*reversed(rows), strict=True)
    bars = axis.barh(labels, counts, color=colours)
    axis.bar_label(bars, padding=3)
    axis.set_ylim(-0.6, max(len(rows), 6) - 0.4)
    axis.set_xscale("log")
    axis.set_xlim(0.8, max(counts) * 4)
    axis.set_title("left out and dropped", fontsize=10)
