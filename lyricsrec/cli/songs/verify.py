"""`lyricsrec align --verify`: reports whether the times in lyrics fit, and writes corrected ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path

import typer

from lyricsrec.alignment.verify import Verification, VerifyConfig, verify, without_times
from lyricsrec.alignment.verify_report import report_json, report_text
from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.base.output import check_writable, write_bytes, write_text
from lyricsrec.cli.screen import Screen, print_result
from lyricsrec.formats.base import Lyrics
from lyricsrec.formats.read import keeps_format, rewritten
from lyricsrec.formats.registry import format_of_file
from lyricsrec.lyrics.retiming import with_line_ends
from lyricsrec.lyrics.transcript import Transcript

EXIT_MISFIT = 3


@dataclass(frozen=True)
class VerifyOptions:
    """What to do about given times: `fix` writes corrected ones to `output`; `strict` exits with 3 unless they fit.

    `formats` is empty for a report as text, or "json".
    """

    fix: bool = False
    output: Path | None = None
    formats: tuple[str, ...] = ()
    _: KW_ONLY
    strict: bool = False

    @property
    def as_json(self) -> bool:
        """Whether the report is for programs."""
        return bool(self.formats)

    def check(self, given: Lyrics) -> None:
        """Raise UsageError or DataError, before the song is recognised, for what cannot be done."""
        if self.formats not in ((), ("json",)):
            raise UsageError(
                "--verify reports as text or as --format json", "The extension of --output is the format for --fix."
            )
        if not self.fix and self.output is not None:
            raise UsageError("--verify writes a file only with --fix", "The report goes to standard output.")
        if self.fix and self.output is None:
            raise UsageError("--fix needs a file to write to", "Name it with --output.")
        if self.output is not None and not _has_form(given, self.output):
            raise UsageError(
                f"--output {self.output}: the extension names no format",
                "Use the extension of the lyrics file, or that of a format, such as .lrc.",
            )
        if not given.timed:
            raise DataError(f"{given.name}: no times to verify", "Leave out --verify to add times to it.")
        if self.output is not None:
            check_writable(self.output.parent)


def verify_lyrics(
    song: str, given: Lyrics, align: Callable[[Lyrics], Transcript], options: VerifyOptions, screen: Screen
) -> None:
    """Align given lyrics without their times, and continue as `verify_song`."""
    options.check(given)
    aligned = align(replace(given, lines=without_times(given.lines)))
    verify_song(song, given, aligned, options, screen)


def verify_song(song: str, given: Lyrics, aligned: Transcript, options: VerifyOptions, screen: Screen) -> None:
    """Report how well given times fit those that alignment finds without them; write corrected lyrics if asked to.

    Raises DataError if they cannot be corrected. With `strict`, exits with 3 if the times do not fit.
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
    if keeps_format(given, path):
        edited = rewritten(given, found.retiming, path.suffix)
        write_bytes(path, edited.data)
        for line in edited.unmoved:
            screen.warn(f"'{given.lines[line].text}' keeps its time: its notes would overlap others")
        return
    form = format_of_file(path.name)
    assert form is not None
    write_text(path, form.render(corrected(given, aligned, found)))


def _has_form(given: Lyrics, path: Path) -> bool:
    return not path.is_dir() and (keeps_format(given, path) or format_of_file(path.name) is not None)


def corrected(given: Lyrics, aligned: Transcript, found: Verification) -> Transcript:
    """The lyrics at their corrected times, with the placement that alignment gave each line."""
    lines = with_line_ends(found.retiming.lines(given.lines), aligned.duration_s)
    placed = tuple(
        replace(line, placement=found_line.placement) for line, found_line in zip(lines, aligned.lines, strict=True)
    )
    return replace(aligned, lines=placed, notes=(*aligned.notes, *found.verdicts))
