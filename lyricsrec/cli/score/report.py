"""What `score` and `score compare` report: where it goes, and what it means for the exit code."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from lyricsrec.base.errors import LyricsrecError, UsageError
from lyricsrec.cli.command import Options
from lyricsrec.cli.screen import EXIT_FAILURE, Screen, print_result
from lyricsrec.cli.tables import draw_table

if TYPE_CHECKING:
    from lyricsrec.scoring.results import Report

EXIT_ABOVE = 3
"""Exit code if a word error rate is above `--fail-above`."""

_NO_SONG = "none"
_PANEL = "Report"
_BY_EXTENSION = {".json": "json", ".csv": "csv", ".md": "markdown", ".html": "html", ".htm": "html"}


@dataclass(frozen=True, kw_only=True)
class ReportOptions(Options):
    """Where the report goes, what it shows, and when it makes the command fail."""

    words_of: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SONG",
            help="Show only the words of this song, dots for others; may be repeated; none shows no words. For "
            "reports on lyrics that you may not publish.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "--output",
            "-o",
            help="Output file: .html (a page), .json, .csv or .md; may be repeated.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    format_: Annotated[
        Literal["table", "json", "csv", "markdown", "html"] | None,
        typer.Option(
            "--format",
            "-f",
            help="Format on standard output. Default: table on a terminal, else json.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    fail_above: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Exit with 3 if a WER is above this share (0.3 is 30 %).", rich_help_panel=_PANEL
        ),
    ] = None

    def check(self) -> None:
        """Raise UsageError for an unknown extension, and OutputError for a folder that is not writable."""
        from lyricsrec.base.output import check_writable

        for path in self.output or ():
            if path.suffix.lower() not in _BY_EXTENSION:
                raise UsageError(f"--output {path}: unknown extension", f"Known: {', '.join(_BY_EXTENSION)}.")
            check_writable(path.parent)

    def write(self, report: Report, screen: Screen, *, quiet: bool = False) -> None:
        """Write the files; print the report, and without a terminal also the tables on stderr."""
        from lyricsrec.base.output import write_text

        if self.words_of:
            from lyricsrec.scoring.report.report_file import masked

            report = masked(report, [name for name in self.words_of if name != _NO_SONG])
        for path in self.output or ():
            write_text(path, _rendered(report, _BY_EXTENSION[path.suffix.lower()]))
            screen.note(f"wrote {path}")
        form = self.format_ or ("table" if sys.stdout.isatty() else "json")
        if form == "table":
            _draw(report, Console(file=sys.stdout, highlight=False, markup=False))
            return
        if not quiet and self.format_ is None:
            _draw(report, screen.console)
        print_result(_rendered(report, form))

    def judge(self, report: Report, screen: Screen) -> None:
        """Print what makes the command fail: songs, and word error rates that are too high. Raises typer.Exit."""
        failed = _failed_songs(report)
        above = [
            f"{system.name}: WER {100 * system.words.wer:.1f} % is above {100 * self.fail_above:g} %"
            for system in report.systems
            if self.fail_above is not None and system.words.wer is not None and system.words.wer > self.fail_above
        ]
        for line in [*failed, *above]:
            screen.error(LyricsrecError(line))
        if failed or above:
            raise typer.Exit(EXIT_ABOVE if above else EXIT_FAILURE)


def _failed_songs(report: Report) -> list[str]:
    """A line for every system that failed with songs."""
    from lyricsrec.scoring.score import listed

    lines = []
    for system in report.systems:
        songs = [song for song in system.songs if song.problem]
        if songs:
            reason = songs[0].problem if len(songs) == 1 else f"{len(songs):,} songs"
            lines.append(f"{system.name}: counted as deleted: {listed([s.title for s in songs])} ({reason})")
    return lines


def _rendered(report: Report, form: str) -> str:
    from lyricsrec.scoring.report.report_file import to_json
    from lyricsrec.scoring.report.tables import to_csv, to_markdown

    if form == "html":
        from lyricsrec.scoring.report.page import render_page

        return render_page(report)
    return {"json": to_json, "csv": to_csv, "markdown": to_markdown}[form](report)


def _draw(report: Report, console: Console) -> None:
    from lyricsrec.scoring.report.tables import LEGEND, summary, tables

    for table in tables(report):
        draw_table(console, table.title, table.headings, table.rows)
    for comparison in report.comparisons:
        console.print(summary(comparison), soft_wrap=True, markup=False)
    console.print(LEGEND, style="dim", markup=False)
