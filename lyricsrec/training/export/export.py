"""Export of a model: a folder with its weights in a format and its card, complete or not there at all."""

from __future__ import annotations

from pathlib import Path

from lyricsrec.base.output import new_folder
from lyricsrec.training.export.card import CardFacts, write_card
from lyricsrec.training.export.registry import FORMATS
from lyricsrec.training.export.source import Source


def export_model(source: Source, output: Path, format_name: str, facts: CardFacts) -> str:
    """Write a model into a new folder, with a card; returns what was done or measured in words.

    Raises ModelError when it cannot be exported, OutputError when the folder is not empty or cannot be written.
    """
    with new_folder(output) as folder:
        said = FORMATS[format_name](source, folder)
        write_card(source, folder, facts)
    return said
