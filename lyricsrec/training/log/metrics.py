"""Figures of a training run: what they are, and the file that always keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from lyricsrec.base.errors import OutputError
from lyricsrec.base.output import display_name, write_text

NAME = "metrics.jsonl"


@dataclass(frozen=True)
class StepFigures:
    """One step, over all processes.

    `loss` is what was minimised: `ctc` (nats a symbol) and the guard's part, from `guard_db` (decibels lost, the mean
    over chunks). `rates` are learning rates by part, 0 for a frozen one; `num_unreadable` counts since the start.
    """

    step: int
    epoch: int
    loss: float
    _: KW_ONLY
    ctc: float
    guard_db: float
    gradient_norm: float
    rates: Mapping[str, float]
    items_per_s: float
    audio_s_per_s: float
    num_unreadable: int


@dataclass(frozen=True)
class Reading:
    """A validation chunk: what is sung, and what each decoder reads; `audio` is its file."""

    chunk_id: str
    reference: str
    hypotheses: Mapping[str, str]
    _: KW_ONLY
    audio: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class ValidationFigures:
    """A validation: `ctc` in nats a symbol, `wer` and `cer` by decoder, pooled (sums, then divided).

    `si_sdr_db` compares the separator's vocals to those it gave at the start; None without a separator.
    """

    step: int
    ctc: float
    wer: Mapping[str, float]
    _: KW_ONLY
    cer: Mapping[str, float]
    num_words: int
    si_sdr_db: float | None = None
    readings: tuple[Reading, ...] = field(default=(), repr=False)

    @property
    def best_wer(self) -> float:
        """The lowest WER of any decoder."""
        return min(self.wer.values())

    def flat(self) -> dict[str, float]:
        """The figures by name, for trackers and checkpoints."""
        figures = {"validation/ctc": self.ctc, "validation/words": float(self.num_words)}
        figures |= {f"validation/wer_{name}": value for name, value in self.wer.items()}
        figures |= {f"validation/cer_{name}": value for name, value in self.cer.items()}
        return figures if self.si_sdr_db is None else figures | {"validation/si_sdr_db": self.si_sdr_db}


class Watch(Protocol):
    """Shows how a run goes."""

    def step(self, figures: StepFigures, num_steps: int) -> None:
        """A step was made."""

    def validated(self, figures: ValidationFigures) -> None:
        """A validation was made."""

    def note(self, message: str) -> None:
        """Something worth knowing."""

    def warn(self, message: str) -> None:
        """Something is not as it should be."""


class MetricsFile:
    """`metrics.jsonl`: a line for each step and each validation."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def forget_after(self, step: int) -> None:
        """Drop what a run wrote after the step it is resumed from. Raises OutputError when that cannot be done."""
        if self.path.exists():
            kept = [row for row in read_metrics(self.path) if row["step"] <= step]
            write_text(self.path, "".join(json.dumps(row) + "\n" for row in kept))

    def write(self, figures: StepFigures | ValidationFigures) -> None:
        """Add a line. Raises OutputError when it cannot be written."""
        row: dict[str, Any] = {"kind": "step" if isinstance(figures, StepFigures) else "validation", **asdict(figures)}
        row.pop("readings", None)
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        except OSError as error:
            raise OutputError(f"cannot write {display_name(self.path)} ({error.strerror})") from None


def read_metrics(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a metrics file; one that a killed run left unfinished is skipped."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:
                continue
