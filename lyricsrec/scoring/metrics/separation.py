"""How near a separated voice is to the true one, by torchmetrics."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import numpy as np

from lyricsrec.audio.audio import Audio, Samples
from lyricsrec.audio.media import SUFFIXES
from lyricsrec.base.errors import AudioError
from lyricsrec.scoring.results import SeparationFigures

LONGEST_S = 360.0
"""Songs of up to so many seconds are measured as a whole; longer ones in parts of `PART_S` or less."""

PART_S = 180.0

_LENGTHS_WITHIN_S = 1.0
_NUM_TAPS = 512


def separation_figures(true_vocals: Audio, found_vocals: Audio, mix: Audio | None = None) -> SeparationFigures:
    """SDR and SI-SDR in decibels of a separated voice, and of the mix in its place: what doing nothing gives.

    The mean over channels; where one side has fewer, over one channel that both are folded to. What has another sample
    rate than the true voice is resampled to that, and what is longer is cut off. Of a song longer than `LONGEST_S`
    the mean over equal parts, which needs less memory and may differ from the figure of the whole. Channels and parts
    where the true voice is silent do not count; None where nothing else is left, or where no finite value exists, as
    for a silent estimate.

    Raises AudioError when two lengths differ by more than a second.
    """
    found_si_sdr, found_sdr = _compare(true_vocals, found_vocals, "separated vocals")
    mix_si_sdr, mix_sdr = _compare(true_vocals, mix, "mix") if mix is not None else (None, None)
    return SeparationFigures(found_si_sdr, found_sdr, mix_si_sdr, mix_sdr=mix_sdr)


def pool_separation(parts: Iterable[SeparationFigures]) -> SeparationFigures | None:
    """The mean over songs, in decibels, of each figure over those that have it; None without songs."""
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

    Any ending of a sound file will do, FLAC and WAV before others. None where there is no such file.
    """
    endings = sorted(SUFFIXES, key=lambda suffix: (suffix != ".flac", suffix != ".wav", suffix))
    names = [f"{base}{ending}" for base in (f"{song_id}.vocals", f"{song_id}/vocals") for ending in endings]
    return next((path for name in names if (path := folder / name).is_file()), None)


def _compare(true: Audio, found: Audio, what: str) -> tuple[float | None, float | None]:
    """SI-SDR and SDR of one signal for another."""
    if abs(true.duration_s - found.duration_s) > _LENGTHS_WITHIN_S:
        raise AudioError(
            f"the {what} last {found.duration_s:.1f} s and the true vocals {true.duration_s:.1f} s",
            "Both must be of the same song, from its beginning to its end.",
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
    if not parts or any(_is_silent(heard) for _, heard in parts):
        return None, None
    return _mean(_si_sdr(*part) for part in parts), _mean(_sdr(*part) for part in parts)


def _fitted(true: Audio, found: Audio) -> tuple[Samples, Samples]:
    """The samples of both, with the same rate, channels and length."""
    import torch
    import torchaudio

    samples = found.samples
    if found.sample_rate != true.sample_rate:
        resampled = torchaudio.functional.resample(torch.from_numpy(samples), found.sample_rate, true.sample_rate)
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
    """None where a value is not finite."""
    mean = float(np.mean(list(values)))
    return mean if math.isfinite(mean) else None
