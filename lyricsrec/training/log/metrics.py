"""Metrics of a training run, and the file that stores them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from lyricsrec.base.errors import OutputError
from lyricsrec.base.output import display_name, write_text
from lyricsrec.training.settings import BestMetric

NAME = "metrics.jsonl"


@dataclass(frozen=True)
class StepMetrics:
    """Metrics of one step, over all processes.

    `loss` is what is minimised: `ctc` (nats per symbol), the weighted `guard_db` (decibels that the separator's
    vocals have lost, the mean over chunks), and the weighted `stems` (the loss on true stems, the mean over excerpts;
    None where a step has none). `rates` are the learning rates of this step by part, 0 for a frozen one.
    `share_infinite` is the share of chunks with an infinite loss (more symbols than frames), which are left out.
    `num_unreadable` counts chunks, `num_skipped` steps without finite gradients, since the start of the run.
    """

    step: int
    epoch: int
    loss: float
    _: KW_ONLY
    ctc: float
    guard_db: float
    stems: float | None = None
    gradient_norm: float | None
    rates: Mapping[str, float]
    items_per_s: float
    audio_s_per_s: float
    share_infinite: float
    num_unreadable: int
    num_skipped: int


@dataclass(frozen=True)
class Prediction:
    """A validation chunk: its reference, the hypothesis of each decoder, its place in an audio file, and its set."""

    chunk_id: str
    reference: str
    hypotheses: Mapping[str, str]
    _: KW_ONLY
    audio: str
    start_s: float
    end_s: float
    set_name: str = ""


@dataclass(frozen=True)
class SetMetrics:
    """Metrics of one of several data sets in a validation: as those of all together, in `ValidationMetrics`."""

    ctc: float
    wer: Mapping[str, float]
    cer: Mapping[str, float]
    _: KW_ONLY
    num_words: int


@dataclass(frozen=True)
class ValidationMetrics:
    """Metrics of a validation: `ctc` in nats per symbol, `wer` and `cer` by decoder, pooled (summed, then divided).

    `sets` has those of each data set by its name, where there are several. `num_unreadable` chunks, those of the files
    `unreadable`, are not part of them. `num_infinite` chunks with more symbols than frames are not part of the loss.
    `si_sdr_db` compares the separator's vocals with those at the start of
    the run, `stems_db` with true ones; None without a separator or such stems.
    """

    step: int
    ctc: float
    wer: Mapping[str, float]
    _: KW_ONLY
    cer: Mapping[str, float]
    num_words: int
    num_unreadable: int = 0
    unreadable: tuple[str, ...] = ()
    num_infinite: int = 0
    si_sdr_db: float | None = None
    stems_db: float | None = None
    sets: Mapping[str, SetMetrics] = field(default_factory=dict)
    predictions: tuple[Prediction, ...] = field(default=(), repr=False)

    @property
    def best_wer(self) -> float:
        """The lowest WER of any decoder."""
        return min(self.wer.values())

    @property
    def best_cer(self) -> float:
        """The lowest CER of any decoder."""
        return min(self.cer.values())

    def value(self, metric: BestMetric) -> float:
        """WER or CER of the best decoder, or the loss; lower is better."""
        return {"wer": self.best_wer, "cer": self.best_cer, "loss": self.ctc}[metric]

    def with_si_sdr(self, si_sdr_db: float | None) -> ValidationMetrics:
        """These metrics with the separator's SI-SDR."""
        return replace(self, si_sdr_db=si_sdr_db)

    def flat(self) -> dict[str, float]:
        """The metrics by name, for trackers and checkpoints."""
        metrics = {"validation/ctc": self.ctc, "validation/words": float(self.num_words)}
        metrics |= {"validation/unreadable": float(self.num_unreadable)} if self.num_unreadable else {}
        metrics |= {f"validation/wer_{name}": value for name, value in self.wer.items()}
        metrics |= {f"validation/cer_{name}": value for name, value in self.cer.items()}
        for name, own in self.sets.items():
            metrics[f"validation/{name}/ctc"] = own.ctc
            metrics |= {f"validation/{name}/wer_{decoder}": value for decoder, value in own.wer.items()}
            metrics |= {f"validation/{name}/cer_{decoder}": value for decoder, value in own.cer.items()}
        measured = {"si_sdr_db": self.si_sdr_db, "stems_db": self.stems_db}
        return metrics | {f"validation/{name}": value for name, value in measured.items() if value is not None}


class Watch(Protocol):
    """Shows the progress of a run to the user."""

    def step(self, metrics: StepMetrics, num_steps: int) -> None:
        """Show a step that is done."""

    def validated(self, metrics: ValidationMetrics) -> None:
        """Show a validation that is done."""

    def note(self, message: str) -> None:
        """Show a detail."""

    def say(self, message: str) -> None:
        """Show a message."""

    def warn(self, message: str) -> None:
        """Show a warning."""


class MetricsFile:
    """`metrics.jsonl`, with a line for each step and each validation."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def drop_after(self, step: int) -> None:
        """Drop the lines after the step a run is resumed from. Raises OutputError when the file cannot be written."""
        if self.path.exists():
            kept = [row for row in read_metrics(self.path) if row["step"] <= step]
            write_text(self.path, "".join(json.dumps(row) + "\n" for row in kept))

    def write(self, metrics: StepMetrics | ValidationMetrics) -> None:
        """Add a line. Raises OutputError when it cannot be written."""
        row: dict[str, Any] = {"kind": "step" if isinstance(metrics, StepMetrics) else "validation", **asdict(metrics)}
        row.pop("predictions", None)
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        except OSError as error:
            raise OutputError(f"cannot write {display_name(self.path)} ({error.strerror})") from None


def read_metrics(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a metrics file; a line left incomplete by a killed run is skipped."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:
                continue
