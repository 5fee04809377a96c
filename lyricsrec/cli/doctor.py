"""`lyricsrec doctor`."""

from __future__ import annotations

import typer

from lyricsrec.cli.screen import EXIT_FAILURE, Screen, print_result, reporting

_MARKS = {"ok": "ok  ", "note": "note", "bad": "BAD "}


def doctor() -> None:
    """Check this installation and say what to mend; exit code 1 if something is broken."""
    from lyricsrec.pipeline.doctor import examine

    screen = Screen()
    broken = 0
    with reporting(screen):
        for finding in examine():
            broken += finding.state == "bad"
            print_result(f"{_MARKS[finding.state]}  {finding.what:<18} {finding.detail}\n")
            if finding.remedy:
                print_result(f"      {'':<18} -> {finding.remedy}\n")
        print_result("All is well.\n" if not broken else f"{broken} things are broken.\n")
    if broken:
        raise typer.Exit(EXIT_FAILURE)
