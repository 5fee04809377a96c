"""`lyricsrec export`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.command import Options

if TYPE_CHECKING:
    from lyricsrec.training.export.card import CardFacts, SongResults

EXAMPLES = """
**Examples**

`lyricsrec export run/best -o model/` writes a checkpoint in float16, half as large, without the state of training, \
with a card for the Hugging Face hub.

`lyricsrec export run/best -o model/ --report report.json --license cc-by-4.0 --language en` adds figures of `score`, \
licence and language to the card.

`lyricsrec export run/best -o onnx/ --format onnx` writes an ONNX file, and compares it with the model (extra `export`).
"""

Checkpoint = Annotated[
    str, typer.Argument(help="Checkpoint of a run, known name, or repository of the hub; CTC models only.")
]


@dataclass(frozen=True, kw_only=True)
class Card(Options):
    """What the card of a model says beside what its checkpoint knows."""

    report: Annotated[
        Path | None, typer.Option(help="Report of `lyricsrec score` (JSON) with figures for the card.")
    ] = None
    system: Annotated[
        str | None, typer.Option(help="Name of this model's system in --report, where it has several.")
    ] = None
    license: Annotated[
        str | None, typer.Option(help="Licence of the model as the hub calls it: cc-by-4.0, apache-2.0, other ...")
    ] = None
    language: Annotated[
        list[str] | None,
        typer.Option(help="Language of the model (en, de ...); may be repeated. Default: those of --report."),
    ] = None
    dataset: Annotated[
        list[str] | None, typer.Option(help="Data set on the hub that it was trained on; may be repeated.")
    ] = None

    def facts(self, name: str) -> CardFacts:
        """The facts for the card of a model of this name. Raises UsageError and DataError."""
        from lyricsrec.training.export.card import CardFacts

        results, found = _figures(self.report, self.system) if self.report is not None else ((), ())
        if self.report is None and self.system is not None:
            raise UsageError("--system has no effect without --report", "Give the report, or leave it out.")
        languages = tuple(dict.fromkeys(self.language)) if self.language else found
        return CardFacts(name, self.license, languages, datasets=tuple(self.dataset or ()), results=results)


def export(
    checkpoint: Checkpoint,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="New folder for the model.")],
    format_: Annotated[
        Literal["float16", "float32", "onnx"],
        typer.Option("--format", "-f", help="Weights in float16 or float32, or an ONNX file."),
    ] = "float16",
    tolerance: Annotated[
        float, typer.Option(min=0, help="Greatest difference of log-probabilities allowed for ONNX.")
    ] = 0.01,
    card: Card,
    offline: options.Offline = False,
    quiet: options.Quiet = False,
) -> None:
    """Write a trained model for others: without the state of training, with a card, also as ONNX."""
    from lyricsrec.cli.screen import Screen

    facts = card.facts(output.absolute().name)
    with Screen(quiet=quiet) as screen:
        from lyricsrec.training.export.export import export_model
        from lyricsrec.training.export.source import load_source

        source = load_source(checkpoint, tolerance=tolerance, offline=offline, progress=screen)
        screen.say(export_model(source, output, format_, facts))
        if facts.license is None:
            screen.say("the card states no licence: give --license, or add it to README.md")
        screen.say(f"exported {checkpoint} to {output}")


def _figures(path: Path, name: str | None) -> tuple[tuple[SongResults, ...], tuple[str, ...]]:
    """The figures of a system in a report, and the languages of its songs."""
    from lyricsrec.scoring.report.report_file import read_report
    from lyricsrec.training.export.card import SongResults
    from lyricsrec.training.export.private import without_folders

    report = read_report(path)
    names = [system.name for system in report.systems]
    if name is None and len(names) != 1:
        raise UsageError(f"{path}: figures of {len(names)} systems", f"Choose one with --system: {', '.join(names)}.")
    chosen = next((system for system in report.systems if name in (None, system.name)), None)
    if chosen is None:
        raise UsageError(f"{path}: no system '{name}'", f"It has: {', '.join(names)}.")
    if chosen.words.wer is None:
        raise UsageError(f"{path}: the songs of '{chosen.name}' have no words", "Give a report with figures.")
    result = SongResults(
        without_folders(chosen.name),
        Path(report.references).name,
        report.protocol,
        wer=chosen.words.wer,
        cer=chosen.words.cer,
        low=chosen.interval.low if chosen.interval else None,
        high=chosen.interval.high if chosen.interval else None,
        num_songs=len(chosen.songs),
        num_learned=len(chosen.learned),
        num_words=chosen.words.num_words,
        warnings=tuple(map(without_folders, chosen.warnings)),
    )
    return (result,), tuple(sorted({song.language for song in chosen.songs if song.language}))
