"""What of pasted lyrics will be timed, and what is left out, row by row; read in a child process with limits."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lyricsrec.web.limited import begin, print_document, run_limited
from lyricsrec.web.texts.lyrics import LIMITS, SLOTS

if TYPE_CHECKING:
    from lyricsrec.formats.base import Omitted


def preview(text: str) -> dict[str, Any] | None:
    """The fields of `PreviewOut` for lyrics in any format; None when reading them exceeds the limits."""
    with SLOTS:
        return run_limited(__name__, [], LIMITS, stdin=text.encode("utf-8", "replace"))


def rows_of(text: str) -> dict[str, Any]:
    """The same, without limits."""
    from lyricsrec.base.errors import LyricsrecError, NoLyricsError
    from lyricsrec.formats.read import parse_lyrics
    from lyricsrec.formats.sheet.sheet import read_sheet
    from lyricsrec.formats.sheet.text_format import TXT

    try:
        found = parse_lyrics(text, "the lyrics")
    except NoLyricsError:
        # Nothing is sung, which the rows show.
        return {"rows": _rows(text, read_sheet(text).omitted), "sung": [], "notes": []}
    except LyricsrecError as error:
        return {"rows": [], "sung": [], "notes": [str(error)]}
    notes = [problem.message for problem in found.problems if not problem.message.startswith("left out")]
    rows = _rows(text, found.omitted) if found.format is TXT else []
    return {"rows": rows, "sung": [line.text for line in found.lines], "notes": notes}


def _rows(text: str, omitted: Sequence[Omitted]) -> list[dict[str, Any]]:
    from lyricsrec.formats.marked_words import MARK, marked, unmarked
    from lyricsrec.formats.sheet.row_text import split_repeats

    rows = []
    for number, row in enumerate(text.splitlines(), 1):
        left = [{"text": each.text, "reason": each.reason} for each in omitted if each.row == number]
        once, repeats = split_repeats(row.strip())
        if repeats > 1 and once and not any(each["text"] == row.strip() for each in left):
            left.append({"text": row.strip()[len(once) :].strip(), "reason": f"sung {repeats} times"})
        kept = " ".join(map(marked, unmarked(row).split())) if left else None
        rows.append({"text": unmarked(row), "left_out": left, "is_kept": MARK in row, "kept": kept})
    return rows


if __name__ == "__main__":
    begin()
    print_document(rows_of(sys.stdin.buffer.read().decode("utf-8")))
