"""`lyricsrec doctor`: checks the installation."""

from __future__ import annotations

import typer

from lyricsrec.cli.screen import EXIT_FAILURE, print_result

EXAMPLES = """
**Examples**

`lyricsrec doctor` shows what works, what is missing, and how to fix it.

`lyricsrec doctor > report.txt` saves that, to send it along with a bug report.
"""

_MARKS = {"ok": "ok  ", "note": "note", "bad": "BAD "}


def doctor() -> None:
    """Check the installation and suggest fixes; exits with 1 if something is broken."""
    from lyricsrec.pipeline.doctor import examine

    broken = 0
    for finding in examine():
        broken += finding.state == "bad"
        print_result(f"{_MARKS[finding.state]}  {finding.what:<18} {finding.detail}\n")
        if finding.remedy:
            print_result(f"      {'':<18} -> {finding.remedy}\n")
    print_result(f"{broken} problem{'s' if broken > 1 else ''} found.\n" if broken else "Everything works.\n")
    if broken:
        raise typer.Exit(EXIT_FAILURE)
