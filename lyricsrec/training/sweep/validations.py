"""The validations of a run that is still going on, from its metrics file, and what they are worth."""

from __future__ import annotations

import json
import math
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any

from lyricsrec.training.settings import BestMetric


@dataclass(frozen=True)
class Validation:
    """WER and CER (shares) of the best decoder, and the CTC loss (nats per symbol), at a step."""

    step: int
    wer: float
    cer: float
    _: KW_ONLY
    ctc: float

    @property
    def is_blank(self) -> bool:
        """Whether nothing is recognised yet: at first a CTC model outputs blanks alone, which have a CER of 1."""
        return self.wer >= 1 and self.cer >= 1

    def value(self, metric: BestMetric) -> float:
        """What a sweep minimises: the metric; while nothing is recognised, 1 and the loss squeezed into 0 to 1."""
        if metric == "loss":
            return self.ctc
        return 1 + self.ctc / (1 + self.ctc) if self.is_blank else {"wer": self.wer, "cer": self.cer}[metric]


class ValidationReader:
    """Reads a metrics file while a run writes it; each call gives what is new."""

    def __init__(self, path: Path) -> None:
        self._path, self._offset, self._file = path, 0, -1

    def new(self) -> list[Validation]:
        """The validations since the last call, in complete rows; all of them when the file was written anew."""
        try:
            state = self._path.stat()
            if state.st_ino != self._file or state.st_size < self._offset:
                self._offset, self._file = 0, state.st_ino
            if state.st_size == self._offset:
                return []
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except OSError:
            # Not there yet, or just being replaced.
            return []
        complete = data[: data.rfind(b"\n") + 1]
        self._offset += len(complete)
        found = (_validation(line) for line in complete.splitlines() if b'"validation"' in line)
        return [validation for validation in found if validation is not None]


def _validation(line: bytes) -> Validation | None:
    """The validation of a row; None for other rows, damaged ones, and figures that are not finite."""
    try:
        row: Any = json.loads(line)
        if row["kind"] != "validation":
            return None
        found = Validation(int(row["step"]), min(row["wer"].values()), min(row["cer"].values()), ctc=float(row["ctc"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return found if all(map(math.isfinite, (found.wer, found.cer, found.ctc))) else None
