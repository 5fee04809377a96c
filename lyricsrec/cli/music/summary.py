"""`lyricsrec summary`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

import typer

from lyricsrec.cli import options
from lyricsrec.cli.command import Options
from lyricsrec.cli.music.given import Given, Transcription, transcript_of
from lyricsrec.cli.screen import print_result

EXAMPLES = """
**Examples**

`lyricsrec summary song.lrc` prints hook, key words, themes, form, length and typical lines.

`lyricsrec summary song.mp3 -f markdown -o song.md` transcribes a song, and writes Markdown.

`lyricsrec summary song.json -f json | jq .explicit` prints true if a listed word is explicit.

`lyricsrec summary song.txt --model models/t5-small` also has a language model on this machine write a paragraph.
"""

ReportName = Literal["text", "markdown", "json"]
_BY_SUFFIX: dict[str, ReportName] = {".md": "markdown", ".json": "json"}


@dataclass(frozen=True, kw_only=True)
class Report(Options):
    """What is written, and where."""

    format_: Annotated[
        ReportName | None,
        typer.Option("--format", "-f", help="Output format. Default: by the extension of --output, else text."),
    ] = None
    output: options.OutputFile = None
    model: Annotated[
        str | None,
        typer.Option(
            help="Language model (folder, or hub repository owner/name) that also writes a paragraph, marked as "
            "generated."
        ),
    ] = None


def summary(
    given: Given,
    *,
    report: Report,
    transcription: Transcription,
    track: options.Track = None,
    compute: options.Compute,
    verbosity: options.Verbosity,
) -> None:
    """Summarise the lyrics of a song: hook, key words, themes, form, length, explicit words, typical lines."""
    from lyricsrec.base.device import resolve_device
    from lyricsrec.base.output import write_text
    from lyricsrec.music.form.summary.generated import generate
    from lyricsrec.music.form.summary.report import REPORTS
    from lyricsrec.music.form.summary.summary import summarize

    suffix = report.output.suffix.lower() if report.output is not None else ""
    form = report.format_ or _BY_SUFFIX.get(suffix, "text")
    with verbosity.screen() as screen:
        transcript = transcript_of(given, transcription, compute, track, screen)
        found = summarize(transcript)
        if report.model is not None:
            device = str(resolve_device(compute.device).device)
            written = generate(transcript, report.model, device=device, offline=compute.offline, progress=screen)
            found = replace(found, generated=written)
        text = REPORTS[form](found)
        if report.output is None:
            print_result(text)
        else:
            write_text(report.output, text)
            screen.note(f"wrote {report.output}")
