"""Resampling that training can differentiate: band-limited interpolation with a windowed sinc.

torchaudio's function is taken where it is installed and fits the torch (extra `torchaudio`). It ended at 2.11 and needs
a torch of the same version, so elsewhere the same filter is computed here; a test compares every bit.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

_ZERO_CROSSINGS = 6
_ROLLOFF = 0.99


def resample(samples: Tensor, old_rate: int, new_rate: int) -> Tensor:
    """Samples (..., time) of `old_rate` Hz at `new_rate` Hz; only the ratio of the rates matters.

    The result has ceil(time * new_rate / old_rate) samples. https://ccrma.stanford.edu/~jos/resample has the formula.
    """
    if old_rate == new_rate:
        return samples
    return (_torchaudio() or sinc_resample)(samples, old_rate, new_rate)


@functools.cache
def _torchaudio() -> Callable[[Tensor, int, int], Tensor] | None:
    """torchaudio's function, if it can be imported beside this torch."""
    try:
        from torchaudio.functional import resample as found
    except (ImportError, OSError):
        return None
    return found  # type: ignore[no-any-return]


def sinc_resample(samples: Tensor, old_rate: int, new_rate: int) -> Tensor:
    """The same without torchaudio."""
    import torch
    from torch.nn import functional

    divisor = math.gcd(old_rate, new_rate)
    old, new = old_rate // divisor, new_rate // divisor
    kernels, width = _kernels(old, new, samples)
    rows = samples.reshape(-1, 1, samples.shape[-1])
    # One kernel for each position of an output sample between input samples.
    found = functional.conv1d(functional.pad(rows, (width, width + old)), kernels, stride=old)
    length = math.ceil(torch.as_tensor(new * samples.shape[-1] / old))
    return found.transpose(1, 2).reshape(*samples.shape[:-1], -1)[..., :length]


def _kernels(old: int, new: int, like: Tensor) -> tuple[Tensor, int]:
    """Filters (new, 1, 2 * width + old) and their width in input samples, of the type and on the device of a tensor."""
    import torch

    cutoff = min(old, new) * _ROLLOFF
    width = math.ceil(_ZERO_CROSSINGS * old / cutoff)
    inputs = torch.arange(-width, width + old, dtype=like.dtype, device=like.device)[None, None] / old
    outputs = torch.arange(0, -new, -1, dtype=like.dtype, device=like.device)[:, None, None] / new
    t = ((outputs + inputs) * cutoff).clamp_(-_ZERO_CROSSINGS, _ZERO_CROSSINGS)
    window = torch.cos(t * math.pi / _ZERO_CROSSINGS / 2) ** 2
    t *= math.pi
    sinc = torch.where(t == 0, torch.ones_like(t), t.sin() / t)
    return sinc * (window * (cutoff / old)), width
