"""SDR and SI-SDR of separated vocals against true stems, by torchmetrics."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path

import numpy as np

from lyricsrec.audio.audio import Audio, Samples
from lyricsrec.audio.media import SUFFIXES, open_path
from lyricsrec.base.errors import AudioError
from lyricsrec.base.output import display_name
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.scoring.results import SeparationFigures
from lyricsrec.scoring.texts.text import Entry

LONGEST_S = 360.0
"""Songs up to this length (seconds) are measured as a whole, longer ones in parts of at most `PART_S`."""

PART_S = 180.0

_LENGTHS_WITHIN_S = 1.0
_NUM_TAPS = 512
_WHOLE_S = 1e9
"""Longer than any song."""


def separation_figures(true_vocals: Audio, found_vocals: Audio, mix: Audio | None = None) -> SeparationFigures:
    """SDR and SI-SDR in decibels of separated vocals, and of the mix as a baseline.

    Both are means over channels; if the numbers of channels differ, both sides are mixed to mono. Audio is resampled
    to the rate of the true vocals and cut to the shorter length. For songs longer than `LONGEST_S`, the mean over equal
    parts, which needs less memory and may differ from the value of the whole. Channels and parts in which the true
    vocals are silent are left out; None if nothing is left or a value is not finite, as for a silent estimate.

    Raises AudioError if the lengths differ by more than a second.
    """
    found_si_sdr, found_sdr = _compare(true_vocals, found_vocals, "separated vocals")
    mix_si_sdr, mix_sdr = _compare(true_vocals, mix, "mix") if mix is not None else (None, None)
    return SeparationFigures(found_si_sdr, found_sdr, mix_si_sdr, mix_sdr=mix_sdr)


def pool_separation(parts: Iterable[SeparationFigures]) -> SeparationFigures | None:
    """The mean over songs, in decibels, of each figure over the songs that have it; None without songs."""
    known = list(parts)
    if not known:
        return None
    means: dict[str, float | None] = {}
    for field in fields(SeparationFigures):
        values = [value for part in known if (value := getattr(part, field.name)) is not None]
        means[field.name] = _mean(values) if values else None
    return SeparationFigures(**means)


def stem_path(folder: Path, song_id: str) -> Path | None:
    """The song's vocals in a folder of stems: `ID.vocals.flac`, as `transcribe --stems` writes it, or `ID/vocals.flac`.

    Any audio format counts, FLAC and WAV before others. None if there is no such file.
    """
    endings = sorted(SUFFIXES, key=lambda suffix: (suffix != ".flac", suffix != ".wav", suffix))
    names = [f"{base}{ending}" for base in (f"{song_id}.vocals", f"{song_id}/vocals") for ending in endings]
    return next((path for name in names if (path := folder / name).is_file()), None)


@dataclass(frozen=True)
class TrueStems:
    """A folder with true stems of songs, named as in `stem_path` by any name of a song."""

    folder: Path

    def of(self, entry: Entry) -> Path | None:
        """The true vocals of a whole song; None if there are none, and for parts of songs."""
        return None if entry.is_part else stem_of(self.folder, entry)


def stem_of(folder: Path, entry: Entry) -> Path | None:
    """The vocals of a song in a folder of stems, found by any of the song's names."""
    found = (stem_path(folder, name) for name in entry.names.values())
    return next((path for path in found if path is not None), None)


def measure(
    true_vocals: Path, found_vocals: Path, mix: Path | None, *, progress: Progress = SILENT
) -> SeparationFigures | None:
    """The separation figures of audio files; None, with a warning, for files that cannot be compared."""
    try:
        return separation_figures(_read(true_vocals), _read(found_vocals), _read(mix) if mix is not None else None)
    except AudioError as error:
        progress.warn(f"{display_name(true_vocals)}: no separation figures: {error}")
        return None


def _read(path: Path) -> Audio:
    """A whole audio file, in stereo at 44.1 kHz."""
    with open_path(path) as song:
        (audio,) = song.blocks(_WHOLE_S)
    return audio


def _compare(true: Audio, found: Audio, what: str) -> tuple[float | None, float | None]:
    """SI-SDR and SDR of one signal for another."""
    if abs(true.duration_s - found.duration_s) > _LENGTHS_WITHIN_S:
        raise AudioError(
            f"the {what} last {found.duration_s:.1f} s, the true vocals {true.duration_s:.1f} s",
            "Both must cover the same song from start to end.",
        )
    reference, estimate = _fitted(true, found)
    num_samples = reference.shape[1]
    longest = PART_S if num_samples > LONGEST_S * true.sample_rate else LONGEST_S
    num_parts = math.ceil(num_samples / (longest * true.sample_rate))
    cuts = [num_samples * i // num_parts for i in range(num_parts + 1)] if num_samples >= _NUM_TAPS else []
    parts = [
        (reference[channel, first:last], estimate[channel, first:last])
        for first, last in pairwise(cuts)
        for channel in range(len(reference))
        if not _is_silent(reference[channel, first:last])
    ]
    if not parts or any(_is_silent(signal) for _, signal in parts):
        return None, None
    return _mean(_si_sdr(*part) for part in parts), _mean(_sdr(*part) for part in parts)


def _fitted(true: Audio, found: Audio) -> tuple[Samples, Samples]:
    """The samples of both sides with the same rate, number of channels and length."""
    import torch

    from lyricsrec.audio.resample import resample

    samples = found.samples
    if found.sample_rate != true.sample_rate:
        resampled = resample(torch.from_numpy(samples), found.sample_rate, true.sample_rate)
        samples = resampled.numpy()
    sides = [true.samples, samples]
    if len(sides[0]) != len(sides[1]):
        sides = [side.mean(axis=0, keepdims=True) for side in sides]
    length = min(side.shape[1] for side in sides)
    return sides[0][:, :length], sides[1][:, :length]


def _si_sdr(reference: Samples, estimate: Samples) -> float:
    import torch
    from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio

    found, right = (torch.from_numpy(side).double() for side in (estimate, reference))
    return float(scale_invariant_signal_distortion_ratio(found, right, zero_mean=True))


def _sdr(reference: Samples, estimate: Samples) -> float:
    import torch
    from torchmetrics.functional.audio import signal_distortion_ratio

    found, right = (torch.from_numpy(side).double() for side in (estimate, reference))
    try:
        return float(signal_distortion_ratio(found, right, filter_length=_NUM_TAPS))
    except torch.linalg.LinAlgError:  # type: ignore[attr-defined]
        return math.nan


def _is_silent(samples: Samples) -> bool:
    return not np.ptp(samples)


def _mean(values: Iterable[float]) -> float | None:
    """The mean, None if it is not finite."""
    mean = float(np.mean(list(values)))
    return mean if math.isfinite(mean) else None
