"""Reports on the times of given lyrics: text and JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from lyricsrec.alignment.verify import Fit, LineCheck, Verification
from lyricsrec.base.clock import clock
from lyricsrec.formats.base import Lyrics
from lyricsrec.formats.karaoke.ultrastar import parse_ultrastar
from lyricsrec.formats.karaoke.ultrastar_format import corrected_header

SCHEMA = 1
"""Number of the JSON schema that `report_json` writes."""

_KINDS: dict[Fit, str] = {
    "fits": "correct",
    "misfit": "wrong",
    "doubtful": "uncertain",
    "unplaced": "not placed",
    "untimed": "without a time",
}


def report_text(song: str, given: Lyrics, found: Verification) -> str:
    """The verdicts, the number of lines of each kind, and a row for each line that is not correct."""
    counts = Counter(line.fit for line in found.lines)
    kinds = ", ".join(f"{counts[fit]} {kind}" for fit, kind in _KINDS.items() if counts[fit])
    rows = [f"{song}, {given.name}: {'; '.join(found.verdicts)}", f"  {len(found.lines)} lines: {kinds}"]
    if found.fitted is not None:
        rows.append(f"  {found.num_used} word times compared; half of them agree within {found.fitted.spread_s:.2f} s")
    if header := _ultrastar_header(given, found):
        rows.append("  corrected header: " + " ".join(f"#{name}:{value}" for name, value in header.items()))
    shown = [(number, line) for number, line in enumerate(found.lines) if line.fit not in ("fits", "untimed")]
    if shown and found.trouble is None:
        rows += ["", "    given  correct    found  lines to check"]
        rows += [_row(number, line, found) for number, line in shown]
    return "\n".join(rows) + "\n"


def report_json(song: str, given: Lyrics, found: Verification, indent: int | None = 2) -> str:
    """JSON text of schema `SCHEMA`, described in docs/reference/json.md."""
    document = {
        "schema": SCHEMA,
        "song": song,
        "lyrics": given.name,
        "form": given.format.name,
        "in_time": found.in_time,
        "verdicts": list(found.verdicts),
        "correction": {"stretch": found.retiming.stretch, "offset_s": found.retiming.offset_s},
        "fitted": found.fitted and {"stretch": found.fitted.stretch, "offset_s": found.fitted.offset_s},
        "spread_s": found.fitted and found.fitted.spread_s,
        "num_times": found.num_used,
        "ultrastar": _ultrastar_header(given, found),
        "lines": [_line(number, line, found) for number, line in enumerate(found.lines)],
    }
    return json.dumps(_rounded(document), ensure_ascii=False, indent=indent) + "\n"


def _ultrastar_header(given: Lyrics, found: Verification) -> dict[str, str] | None:
    """The corrected tags of an UltraStar file; None where they are correct or there is no verdict."""
    retiming = found.retiming
    if given.format.name != "ultrastar" or (retiming.stretch == 1.0 and retiming.offset_s == 0.0):
        return None
    return corrected_header(parse_ultrastar(given.data), retiming)


def _row(number: int, line: LineCheck, found: Verification) -> str:
    right_s = None if line.given_s is None else found.retiming.at(line.given_s, number)
    kind = _KINDS[line.fit] + (f" ({line.reason})" if line.reason else "")
    return f"{_clock(line.given_s)}{_clock(right_s)}{_clock(line.aligned_s)}  {kind}: {line.text}"


def _line(number: int, line: LineCheck, found: Verification) -> dict[str, Any]:
    return {
        "text": line.text,
        "given_s": line.given_s,
        "right_s": None if line.given_s is None else found.retiming.at(line.given_s, number),
        "heard_s": line.aligned_s,
        "difference_s": line.difference_s,
        "fit": line.fit,
        "band": line.placement and line.placement.band,
        "reason": line.reason,
    }


def _clock(seconds: float | None) -> str:
    """A time, padded to nine characters."""
    if seconds is None:
        return f"{'-':>9}"
    return clock(seconds, 2).rjust(9)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value
