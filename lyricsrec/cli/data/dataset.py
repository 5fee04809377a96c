"""`lyricsrec dataset`: look into a prepared data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli.screen import Screen, print_result, reporting

EXAMPLES = """
**Examples**

`lyricsrec dataset show dali/train.jsonl` prints how many chunks, words and hours it holds, and how they are spread.

`lyricsrec dataset show dali/train.jsonl --chunk 0 --chunk 17 --output look/` writes two chunks as FLAC, text and a \
picture of the sound with the words at their times.

`lyricsrec dataset show dali/train.jsonl --sample 5 --output look/` takes five at random.
"""

app = typer.Typer(no_args_is_help=True, help="Look into a prepared data set.")


@app.callback()
def _group() -> None:
    """Look into a prepared data set."""


@app.command("show", epilog=EXAMPLES)
def show(
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST", help="train.jsonl, songs.jsonl ...")],
    chunk: Annotated[
        list[str] | None, typer.Option(help="Write out this chunk: its id, or its number from 0; may repeat.")
    ] = None,
    sample: Annotated[int, typer.Option(min=0, help="Write out this many chunks, chosen at random.")] = 0,
    seed: Annotated[int, typer.Option(help="Fixes the choice of --sample.")] = 0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the chunks' sound, text and picture.")
    ] = None,
    format_: Annotated[str, typer.Option("--format", "-f", help="Of the statistics: table or json.")] = "table",
) -> None:
    """Print statistics of a manifest; write out chunks to listen to and look at."""
    screen = Screen(verbose=True)
    with reporting(screen):
        from lyricsrec.cli.tables import print_table
        from lyricsrec.dataset.show import choose, statistics, write_chunk

        if format_ not in ("table", "json"):
            raise UsageError(f"no format is called '{format_}'", "--format takes table or json.")
        if (chunk or sample) and output is None:
            raise UsageError("--chunk and --sample need --output", "It is where the sound and the picture go.")
        figures = statistics(manifest)
        if format_ == "json":
            print_result(figures.to_json())
        else:
            print_table(str(manifest), ("", "number"), figures.totals)
            if figures.spread:
                print_table("Per chunk", ("", "shortest", "median", "longest"), figures.spread)
            for title, counts in figures.counts.items():
                print_table(title, ("", "number"), counts)
        if output is not None:
            rows = choose(manifest, chunk or [], sample=sample, seed=seed)
            for number, row in enumerate(rows, 1):
                for path in write_chunk(row, manifest.parent, output):
                    screen.note(f"wrote {path}")
                screen.update("chunks", number, len(rows))
