"""`lyricsrec catalogue export`."""

from __future__ import annotations

from typing import Annotated

import typer

from lyricsrec.cli import options
from lyricsrec.cli.catalogue.status import Catalogue
from lyricsrec.cli.catalogue.tasks import Setup

EXAMPLES = """
**Examples**

`lyricsrec catalogue export lyrics/ -o tables/` writes songs.parquet, lines.parquet and words.parquet.

`lyricsrec catalogue export lyrics/ -o tables/ --format csv` needs no extra.
"""


def export(
    folder: Catalogue,
    *,
    output: Annotated[str, typer.Option("--output", "-o", help="Folder for the tables.")],
    form: Annotated[str, typer.Option("--format", "-f", help="parquet, csv or jsonl.")] = "parquet",
    setup: Setup = None,
    verbosity: options.Verbosity,
) -> None:
    """Write all results of a catalogue as tables: songs, lines and words."""
    from pathlib import Path

    from lyricsrec.catalogue.store.folder import find_setup
    from lyricsrec.catalogue.tables import export as export_tables

    with verbosity.screen() as screen:
        for path in export_tables(find_setup(folder, setup), Path(output), form, screen):
            screen.note(f"wrote {path}")
