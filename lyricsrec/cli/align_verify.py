"""`lyricsrec align --verify`: whether given times fit, and lyrics with corrected ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import typer

from lyricsrec.cli.screen import Screen, print_result
from lyricsrec.config import VerifyConfig
from lyricsrec.errors import DataError, UsageError
from lyricsrec.formats import format_of_file
from lyricsrec.lyrics_file import Lyrics
from lyricsrec.lyrics_rewrite import keeps_form, rewritten
from lyricsrec.output import write_bytes, write_text
from lyricsrec.retiming import closed
from lyricsrec.transcript import Line, Transcript
from lyricsrec.verify import Verification, verify
from lyricsrec.verify_report import report_json, report_text

EXIT_MISFIT = 3


@dataclass(frozen=True)
class VerifyOptions:
    """What to do about given times: `fix` writes corrected ones to `output`; `strict` exits with 3 unless they fit."""

    fix: bool = False
    output: Path | None = None
    as_json: bool = False
    strict: bool = False

    def check(self, given: Lyrics) -> None:
        """Raise UsageError or DataError, before the song is heard, for what cannot be done."""
        if not given.timed:
            raise DataError(f"{given.name}: no times in it to verify", "Without --verify, align gives it some.")
        if not self.fix:
            if self.output is not None:
                raise UsageError("--verify writes a file only with --fix", "The report goes to standard output.")
            return
        if self.output is None:
            raise UsageError("--fix needs the name of a file", "Give it with --output.")
        if self.output.is_dir() or not (keeps_form(given, self.output) or format_of_file(self.output.name)):
            raise UsageError(
                f"'{self.output}' does not say in which form to write",
                "Give --output the ending of the lyrics themselves, or of a format, such as .lrc.",
            )


def verify_song(song: str, given: Lyrics, aligned: Transcript, options: VerifyOptions, screen: Screen) -> None:
    """Report how given times fit what an aligner heard without them, and write corrected lyrics where they are wanted.

    Raises DataError where they are wanted and nothing can be told, and exits with 3 where they do not fit and must.
    """
    found = verify(given.lines, aligned.lines, VerifyConfig())
    print_result((report_json if options.as_json else report_text)(song, given, found))
    if options.fix and options.output is not None:
        if found.trouble is not None:
            raise DataError(f"{given.name}: not corrected: {found.verdicts[0]}")
        _write(given, aligned, found, options.output, screen)
        screen.note(f"wrote {options.output}")
    if options.strict and not found.in_time:
        raise typer.Exit(EXIT_MISFIT)


def _write(given: Lyrics, aligned: Transcript, found: Verification, path: Path, screen: Screen) -> None:
    if keeps_form(given, path):
        edited = rewritten(given, found.retiming, path.suffix)
        write_bytes(path, edited.data)
        for line in edited.unmoved:
            screen.warn(f"'{given.lines[line].text}' stays at its time: its notes would overlap others")
        return
    form = format_of_file(path.name)
    assert form is not None
    write_text(path, form.render(corrected(given, aligned, found)))


def corrected(given: Lyrics, aligned: Transcript, found: Verification) -> Transcript:
    """The lyrics at their corrected times, with what the aligner says of each line."""
    lines = closed(found.retiming.lines(given.lines), aligned.duration_s)
    placed = tuple(Line(line.words, heard.placement) for line, heard in zip(lines, aligned.lines, strict=True))
    return replace(aligned, lines=placed, notes=(*aligned.notes, *found.verdicts))
