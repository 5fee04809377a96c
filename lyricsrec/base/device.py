"""The device and number format to compute with, and the random seed."""

from __future__ import annotations

import logging
import os
import random
from dataclasses import dataclass
from typing import Literal

from lyricsrec.base.errors import UsageError

log = logging.getLogger(__name__)

DeviceName = Literal["auto", "cpu", "cuda", "mps"]
DtypeName = Literal["auto", "float32", "float16", "bfloat16", "int8"]


@dataclass(frozen=True)
class Compute:
    """An available device, and the number format to compute in ("auto": chosen by device and model)."""

    device: Literal["cpu", "cuda", "mps"]
    dtype: DtypeName = "auto"

    @property
    def autocast(self) -> str | None:
        """The torch dtype to autocast to, None for plain float32."""
        if self.dtype in ("float16", "bfloat16"):
            return self.dtype
        return "float16" if self.dtype == "auto" and self.device == "cuda" else None

    @property
    def convolution_format(self) -> str:
        """The torch dtype for large products: bfloat16 where the processor multiplies it, unless one is chosen."""
        if self.dtype == "auto" and self.device == "cpu":
            return "bfloat16" if multiplies_bfloat16() else "float32"
        return self.autocast or "float32"

    @property
    def ctranslate2_type(self) -> str:
        """CTranslate2's name for the number format: 8-bit weights on the CPU unless asked otherwise.

        With bfloat16 on the CPU, torch does the large products, and few builds of CTranslate2 know that format there.
        """
        if self.dtype == "auto" or (self.device, self.dtype) == ("cpu", "bfloat16"):
            return "float16" if self.device == "cuda" else "int8"
        return self.dtype


def resolve_device(device: DeviceName, dtype: DtypeName = "auto") -> Compute:
    """The device and number format to compute with; "auto" is the fastest device.

    Raises UsageError for a device that this machine does not have.
    """
    available = available_devices()
    chosen = available[0] if device == "auto" else device
    if chosen not in available:
        raise UsageError(f"this machine has no device '{device}'", f"It has: {', '.join(available)}.")
    log.debug("computing on %s", chosen)
    return Compute(chosen, dtype)  # type: ignore[arg-type]


def available_devices() -> list[str]:
    """The devices of this machine, fastest first."""
    import torch

    found = []
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def multiplies_bfloat16() -> bool:
    """Whether the processor has instructions for products of bfloat16 numbers (AVX-512 BF16 or AMX)."""
    import torch

    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, check, bool)() for check in checks)


def num_cores() -> int:
    """The number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def seed_everything(seed: int) -> None:
    """Seed the global random generators of Python, NumPy and torch."""
    import numpy as np
    import torch

    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
