"""`lyricsrec score compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lyricsrec.cli import options
from lyricsrec.cli.score.output import FailAbove, FormatOption, Output, WordsOf, Writer
from lyricsrec.cli.screen import Screen, reporting

EXAMPLES = """
**Examples**

`lyricsrec score compare before.json after.json` says how much better or worse, how sure that is, on which songs and \
in which words.

`lyricsrec score --ref lyrics/ --hyp now/ --quiet | lyricsrec score compare before.json -` in a pipeline.

`lyricsrec score compare a.json b.json c.json -o comparison.html` compares two with the first, on a page.
"""


def compare(
    reports: Annotated[
        list[Path],
        typer.Argument(metavar="A.json B.json", help="Reports in JSON that `score` wrote; or - for standard input."),
    ],
    words_of: WordsOf = None,
    output: Output = None,
    format_: FormatOption = None,
    fail_above: FailAbove = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Compare reports on the songs that they share: the first system with every other, by a paired bootstrap."""
    screen = Screen(quiet=quiet, verbose=verbose)
    with reporting(screen):
        writer = Writer(output or [], format_, fail_above, words_of, quiet=quiet)
        from lyricsrec.formats.read import STDIN
        from lyricsrec.scoring.compare import join_reports
        from lyricsrec.scoring.report.file import read_report

        names = ["stdin" if str(path) == STDIN else path.stem for path in reports]
        joined = join_reports([read_report(path) for path in reports], names)
        for comparison in joined.comparisons:
            if comparison.left_out:
                number = len(comparison.left_out)
                screen.warn(f"{comparison.second}: {number} songs are not in both, or have other references: left out")
        writer.write(joined, screen)
        writer.judge(joined, screen)
