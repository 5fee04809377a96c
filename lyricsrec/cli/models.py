"""`lyricsrec models`: lists, describes and downloads models."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from lyricsrec.cli import options
from lyricsrec.cli.screen import Screen, print_result

LIST_EXAMPLES = """
**Examples**

`lyricsrec models list` shows the names that --preset, --model, --separator and --lm take.
"""

INFO_EXAMPLES = """
**Examples**

`lyricsrec models info builtin` describes a preset and its models.

`lyricsrec models info htdemucs` shows where a model comes from, its licence and size.
"""

PULL_EXAMPLES = """
**Examples**

`lyricsrec models pull whisper` downloads the models of a preset, for later use with --offline.

`lyricsrec models pull facebook/wav2vec2-base-960h` downloads a model from the Hugging Face hub.
"""

_FILE_WIDTH = 220
"""Columns of tables in files and pipes: no row is wrapped."""


def list_models() -> None:
    """List presets and models: kind, size, licence, and whether they are installed."""
    from rich.console import Console
    from rich.table import Column, Table

    from lyricsrec.models.catalogue import MODELS
    from lyricsrec.pipeline.presets import PRESETS

    presets = Table("preset", "separator", Column("model", overflow="fold"), "description", title="Presets")
    for preset in PRESETS.values():
        presets.add_row(preset.name, preset.separator, preset.recognizer, preset.description)
    name = Column("name", overflow="fold")
    table = Table(name, "kind", "MB", "installed", "licence", "description", title="Models")
    for info in MODELS.values():
        installed = "yes" if info.source.locate() is not None else "no"
        table.add_row(info.name, info.kind, str(info.size_mb or "-"), installed, info.licence, info.description)
    presets.title_justify = table.title_justify = "left"
    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _FILE_WIDTH
    console.print(presets, table)


def show_model(name: Annotated[str, typer.Argument(help="A name from `lyricsrec models list`.")]) -> None:
    """Describe a model or preset."""
    from lyricsrec.base.errors import ModelError
    from lyricsrec.models.catalogue import MODELS
    from lyricsrec.models.resolve import suggestion
    from lyricsrec.pipeline.presets import PRESETS

    if name in PRESETS:
        preset = PRESETS[name]
        rows = [("preset", f"{name}: {preset.description}")]
        parts = preset.models
    elif name in MODELS:
        rows, parts = [], [MODELS[name]]
    else:
        raise ModelError(f"no model or preset '{name}'", suggestion(name))
    for info in parts:
        rows += [
            ("separator" if info.role == "separator" else "model", f"{info.name}: {info.description}"),
            ("  source", str(info.source)),
            ("  licence", info.licence),
            ("  size", f"{info.size_mb} MB"),
            ("  installed", str(info.source.locate() or "no")),
        ]
    print_result("".join(f"{key:<12} {value}\n" for key, value in rows))


def pull_model(
    name: Annotated[
        str, typer.Argument(help="Known name, preset, or repository of the Hugging Face hub (owner/name).")
    ],
    quiet: options.Quiet = False,
) -> None:
    """Download a model for later use without network, and print its folder."""
    from lyricsrec.pipeline.presets import pull

    with Screen(quiet=quiet) as screen:
        for folder in pull(name, screen):
            print_result(f"{folder}\n")
