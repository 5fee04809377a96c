"""`lyricsrec score compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lyricsrec.cli import options
from lyricsrec.cli.score.report import ReportOptions

EXAMPLES = """
**Examples**

`lyricsrec score compare before.json after.json` shows by how much the WER changed, how certain that is, and for which \
songs and words.

`lyricsrec score --ref lyrics/ --hyp now/ --quiet | lyricsrec score compare before.json -` works in a pipeline.

`lyricsrec score compare a.json b.json c.json -o comparison.html` compares two systems with the first, on a page.
"""


def compare(
    reports: Annotated[
        list[Path],
        typer.Argument(metavar="A.json B.json", help="JSON reports written by `score`; or - for standard input."),
    ],
    *,
    report: ReportOptions,
    verbosity: options.Verbosity,
) -> None:
    """Compare reports on the songs that they share: the first system with each other one, by paired bootstrap."""
    from lyricsrec.formats.read import STDIN
    from lyricsrec.scoring.compare import join_reports
    from lyricsrec.scoring.report.report_file import read_report

    report.check()
    names = ["stdin" if str(path) == STDIN else path.stem for path in reports]
    joined = join_reports([read_report(path) for path in reports], names)
    with verbosity.screen() as screen:
        for comparison in joined.comparisons:
            if comparison.left_out:
                number = len(comparison.left_out)
                screen.warn(
                    f"{comparison.second}: left out {number} songs that are not in both, or differ in reference"
                )
        report.write(joined, screen, quiet=verbosity.quiet)
    report.judge(joined, screen)
