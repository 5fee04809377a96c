"""Reports as JSON: what `score` writes and `score compare` reads."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name
from lyricsrec.formats.read import STDIN
from lyricsrec.scoring.results import Report

SCHEMA = 1
"""Number of the schema of reports."""


@dataclass(frozen=True)
class _Head:
    """What reports of every schema have."""

    schema: int


def to_json(report: Report) -> str:
    """A report as JSON, with all it holds."""
    text: str = _adapter(Report).dump_json(report, indent=1).decode("utf-8")
    return text + "\n"


def read_report(path: Path) -> Report:
    """Read what `to_json` wrote; `-` is stdin. Raises DataError when it cannot be read or is no such report."""
    from pydantic import ValidationError

    name = "stdin" if str(path) == STDIN else display_name(path)
    try:
        data = sys.stdin.buffer.read() if str(path) == STDIN else path.read_bytes()
    except OSError as error:
        raise DataError(f"{name}: cannot be read ({error.strerror})") from None
    try:
        number = _adapter(_Head).validate_json(data).schema
        if number != SCHEMA:
            raise DataError(f"{name}: a report of schema {number}, this version reads {SCHEMA}", "Score again.")
        report: Report = _adapter(Report).validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise DataError(
            f"{name}: no report of `score` ({where + ': ' if where else ''}{first['msg']})",
            "Write one with `lyricsrec score ... -o report.json`.",
        ) from None
    return report


@lru_cache(maxsize=2)
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)
