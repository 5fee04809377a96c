"""Tables of results, on stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from lyricsrec.dataset.preparation.report import DatasetReport


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table whose first column is text and whose other columns are numbers."""
    draw_table(Console(file=sys.stdout, highlight=False, markup=False), title, columns, rows)


def draw_table(console: Console, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print such a table on any console."""
    # Rich would wrap a title of the table itself to the table's width.
    console.print(Text(title, "bold"), soft_wrap=True)
    console.print(make_table(columns, rows))


def make_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Such a table, to be shown."""
    table = Table()
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_shown(cell)) for cell in row))
    return table


def print_report(report: DatasetReport) -> None:
    """Print how songs and words were split, kept and dropped."""
    from lyricsrec.dataset.preparation.report import reason_label

    rows: list[Sequence[object]] = [
        (name, totals.num_songs, totals.num_chunks, totals.num_words, totals.hours)
        for name, totals in report.splits.items()
    ]
    sums = [sum(float(str(row[i])) for row in rows) for i in range(1, 5)]
    rows.append(("all", *(int(total) for total in sums[:3]), sums[3]))
    print_table("Splits", ("split", "songs", "chunks", "words", "hours"), rows)
    num_truth = sum(totals.num_ground_truth for totals in report.splits.values())
    print_table(
        f"Songs: {report.num_songs} annotated",
        ("song", "number"),
        [
            ("used", int(sums[0])),
            *(("of these, with ground-truth times", n) for n in [num_truth] if n),
            *((f"left out: {reason_label(why)}", n) for why, n in report.left_out_by_reason.items()),
        ],
    )
    print_table(
        f"Words: {report.num_words} annotated = {report.num_kept} kept + {report.dropped.total()} dropped",
        ("word", "number"),
        [
            ("kept", report.num_kept),
            *((f"dropped: {reason_label(why)}", n) for why, n in report.dropped_by_reason.items()),
        ],
    )


def _shown(cell: object) -> str:
    return f"{cell:,.2f}" if isinstance(cell, float) else f"{cell:,}" if isinstance(cell, int) else str(cell)
