"""Where a report goes, and what it means for the exit code: shared by `score` and `score compare`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from lyricsrec.base.errors import LyricsrecError, UsageError
from lyricsrec.cli.screen import EXIT_FAILURE, Screen, print_result
from lyricsrec.cli.tables import draw_table

if TYPE_CHECKING:
    from lyricsrec.scoring.results import Report

EXIT_ABOVE = 3
"""Exit code when a word error rate is above `--fail-above`."""

FORMATS = ("table", "json", "csv", "markdown", "html")
_OF_NONE = "none"
_PANEL = "The report"
_BY_ENDING = {".json": "json", ".csv": "csv", ".md": "markdown", ".html": "html", ".htm": "html"}

Output = Annotated[
    list[Path] | None,
    typer.Option(
        "--output", "-o", help="A file: .html (the page), .json, .csv or .md; may repeat.", rich_help_panel=_PANEL
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        help=f"On stdout: {', '.join(FORMATS)}. Default: table on a terminal, else json.",
        rich_help_panel=_PANEL,
    ),
]
FailAbove = Annotated[
    float | None,
    typer.Option(
        min=0, max=1, help="Exit with 3 when a WER is above this share (0.3 is 30 %).", rich_help_panel=_PANEL
    ),
]

WordsOf = Annotated[
    list[str] | None,
    typer.Option(
        metavar="SONG",
        help="Write only this song's words into the report, dots for those of others; may repeat; none: of no song. "
        "For reports about lyrics that are not yours to publish.",
        rich_help_panel=_PANEL,
    ),
]


class Writer:
    """Writes reports as the flags say. Raises UsageError for an unknown format or ending, before any work is done."""

    def __init__(
        self,
        files: Sequence[Path],
        form: str | None,
        fail_above: float | None,
        words_of: Sequence[str] | None,
        *,
        quiet: bool = False,
    ) -> None:
        if form is not None and form not in FORMATS:
            raise UsageError(f"no format is called '{form}'", f"--format takes {', '.join(FORMATS)}.")
        unknown = [path for path in files if path.suffix.lower() not in _BY_ENDING]
        if unknown:
            raise UsageError(f"{unknown[0]}: its ending says no format", f"Known: {', '.join(_BY_ENDING)}.")
        if files:
            from lyricsrec.base.output import check_writable

            for path in files:
                check_writable(path.parent)
        self._files, self._form, self._fail_above, self._quiet = files, form, fail_above, quiet
        self._words_of = words_of

    def write(self, report: Report, screen: Screen) -> None:
        """Write the files; print the report, and without a terminal the tables for people beside it."""
        if self._words_of:
            from lyricsrec.scoring.report.mask import masked

            report = masked(report, [name for name in self._words_of if name != _OF_NONE])
        from lyricsrec.base.output import write_text

        for path in self._files:
            write_text(path, _rendered(report, _BY_ENDING[path.suffix.lower()]))
            screen.note(f"wrote {path}")
        on_terminal = sys.stdout.isatty()
        form = self._form or ("table" if on_terminal else "json")
        if form == "table":
            _draw(report, Console(file=sys.stdout, highlight=False, markup=False))
        else:
            if not self._quiet and self._form is None:
                _draw(report, screen.console)
            print_result(_rendered(report, form))

    def judge(self, report: Report, screen: Screen) -> None:
        """Name what makes the command fail: songs, and word error rates that are too high. Raises typer.Exit."""
        from lyricsrec.scoring.score import listed

        failed = [(system.name, [song for song in system.songs if song.problem]) for system in report.systems]
        for name, songs in failed:
            if songs:
                reason = songs[0].problem if len(songs) == 1 else f"{len(songs):,} songs"
                screen.error(
                    LyricsrecError(f"{name}: counted as deleted: {listed([s.title for s in songs])} ({reason})")
                )
        above = [
            f"{system.name}: WER {100 * system.words.wer:.1f} % is above {100 * self._fail_above:g} %"
            for system in report.systems
            if self._fail_above is not None and system.words.wer is not None and system.words.wer > self._fail_above
        ]
        for line in above:
            screen.error(LyricsrecError(line))
        if above:
            raise typer.Exit(EXIT_ABOVE)
        if any(songs for _, songs in failed):
            raise typer.Exit(EXIT_FAILURE)


def _rendered(report: Report, form: str) -> str:
    from lyricsrec.scoring.report.file import to_json
    from lyricsrec.scoring.report.table import to_csv, to_markdown

    if form == "html":
        from lyricsrec.scoring.report.page import render_page

        return render_page(report)
    return {"json": to_json, "csv": to_csv, "markdown": to_markdown}[form](report)


def _draw(report: Report, console: Console) -> None:
    from lyricsrec.scoring.report.table import LEGEND, in_words, tables

    for table in tables(report):
        draw_table(console, table.title, table.headings, table.rows)
    for comparison in report.comparisons:
        console.print(in_words(comparison), soft_wrap=True, markup=False)
    console.print(LEGEND, style="dim", markup=False)
