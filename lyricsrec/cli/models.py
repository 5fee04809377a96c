"""`lyricsrec models`: what there is, what it is, and fetching it ahead of time."""

from __future__ import annotations

from typing import Annotated

import typer

from lyricsrec.cli import options
from lyricsrec.cli.screen import Screen, print_result, reporting

app = typer.Typer(no_args_is_help=True, help="List, describe and fetch models.")


@app.command("list")
def list_models() -> None:
    """Show presets and models: kind, size, licence, and whether they are on this machine."""
    from rich.console import Console
    from rich.table import Table

    from lyricsrec.models.catalogue import MODELS
    from lyricsrec.pipeline.presets import PRESETS

    screen = Screen()
    with reporting(screen):
        presets = Table("preset", "separator", "model", "what it is", title="Presets", title_justify="left")
        for preset in PRESETS.values():
            presets.add_row(preset.name, preset.separator, preset.recognizer, preset.description)
        table = Table("name", "kind", "MB", "here", "licence", "what it is", title="Models", title_justify="left")
        for info in MODELS.values():
            here = "yes" if info.source.locate() is not None else "no"
            table.add_row(info.name, info.kind, str(info.size_mb or "-"), here, info.licence, info.description)
        console = Console()
        console.print(presets, table)


@app.command("info")
def show_model(name: Annotated[str, typer.Argument(help="A name from `lyricsrec models list`.")]) -> None:
    """Describe one model or preset."""
    from lyricsrec.base.errors import ModelError
    from lyricsrec.models.catalogue import MODELS
    from lyricsrec.models.resolve import suggestion
    from lyricsrec.pipeline.presets import PRESETS

    screen = Screen()
    with reporting(screen):
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
                ("  here", str(info.source.locate() or "no")),
            ]
        print_result("".join(f"{key:<10} {value}\n" for key, value in rows))


@app.command("pull")
def pull_model(
    name: Annotated[str, typer.Argument(help="A known name, a preset, or a hub repository owner/name.")],
    quiet: options.QuietWithoutResults = False,
) -> None:
    """Fetch a model into the cache, for use without network; prints its folder."""
    from lyricsrec.pipeline.presets import pull

    screen = Screen(quiet=quiet)
    with reporting(screen):
        for folder in pull(name, screen):
            print_result(f"{folder}\n")
