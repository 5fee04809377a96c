"""Where and how exactly to compute."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from typing import Literal, get_args

from lyricsrec.base.errors import UsageError

DeviceName = Literal["auto", "cpu", "cuda", "mps"]
DtypeName = Literal["auto", "float32", "float16", "bfloat16", "int8"]


@dataclass(frozen=True)
class Compute:
    """A device that is there, and the number format to compute in ("auto": what suits device and model)."""

    device: Literal["cpu", "cuda", "mps"]
    dtype: DtypeName = "auto"

    @property
    def autocast(self) -> str | None:
        """The torch dtype to autocast to, None for plain float32."""
        if self.dtype in ("float16", "bfloat16"):
            return self.dtype
        return "float16" if self.dtype == "auto" and self.device == "cuda" else None

    @property
    def ctranslate2_type(self) -> str:
        """CTranslate2's name for the number format: 8-bit weights on the CPU unless asked otherwise."""
        if self.dtype == "auto":
            return "float16" if self.device == "cuda" else "int8"
        return self.dtype


def resolve(device: str, dtype: str) -> Compute:
    """Turn flags into a `Compute`.

    Raises UsageError for unknown names and for a device this machine does not have.
    """
    if device not in get_args(DeviceName):
        raise UsageError(f"unknown device '{device}'", f"Known devices: {', '.join(get_args(DeviceName))}.")
    if dtype not in get_args(DtypeName):
        raise UsageError(f"unknown dtype '{dtype}'", f"Known dtypes: {', '.join(get_args(DtypeName))}.")
    available = available_devices()
    chosen = available[0] if device == "auto" else device
    if chosen not in available:
        raise UsageError(f"this machine has no device '{device}'", f"It has: {', '.join(available)}.")
    return Compute(chosen, dtype)  # type: ignore[arg-type]


def available_devices() -> list[str]:
    """Devices of this machine, fastest first."""
    import torch

    found = []
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def num_cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def seed_everything(seed: int) -> None:
    """Seed the global random generators of Python, NumPy and torch."""
    import numpy as np
    import torch

    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
