"""`lyricsrec push`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.screen import Screen
from lyricsrec.cli.tables import print_table
from lyricsrec.cli.train.export import Card

EXAMPLES = """
**Examples**

`lyricsrec push run/best owner/name --dry-run` shows which files would be uploaded.

`lyricsrec push run/best owner/name --license cc-by-4.0 --language en` exports a checkpoint and uploads it to a \
private repository of the Hugging Face hub, with the token of `hf auth login`.

`lyricsrec push model/ owner/name --public` uploads a folder of `lyricsrec export` as it is, so that everybody sees it.
"""


def push(
    checkpoint: Annotated[
        str, typer.Argument(help="Checkpoint of a run, or folder of `lyricsrec export`, whose card is kept.")
    ],
    repository: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="Repository of the Hugging Face hub.")],
    *,
    public: Annotated[
        bool, typer.Option("--public/--private", help="Who sees a new repository: everybody, or its owner.")
    ] = False,
    format_: Annotated[
        Literal["float16", "float32"] | None,
        typer.Option("--format", "-f", help="Weights of a checkpoint. Default: float16."),
    ] = None,
    message: Annotated[str, typer.Option(help="Message of the commit.")] = "Upload by lyricsrec",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be uploaded.")] = False,
    card: Card,
    offline: options.Offline = False,
    quiet: options.Quiet = False,
) -> None:
    """Upload a trained model to the Hugging Face hub: without the state of training, with a card."""
    from lyricsrec.models.upload import check_repository, upload
    from lyricsrec.training.export.files import README, model_files
    from lyricsrec.training.export.push import is_exported, upload_folder

    check_repository(repository)
    if offline and not dry_run:
        raise UsageError("--offline forbids uploading", "Leave it out, or use --dry-run.")
    if is_exported(checkpoint) and (format_ is not None or card != Card()):
        raise UsageError(
            f"{checkpoint} has a card already, so it is uploaded as it is",
            f"Edit its {README}, or export the checkpoint again.",
        )
    with (
        Screen(quiet=quiet) as screen,
        upload_folder(checkpoint, format_ or "float16", card.facts(repository), progress=screen) as folder,
    ):
        files = model_files(folder)
        if dry_run:
            _show(folder, files, f"{repository} ({'public' if public else 'private'}): nothing is uploaded")
            return
        url = upload(folder, files, repository, private=not public, message=message, progress=screen)
        screen.say(f"uploaded {len(files)} files to {url}")


def _show(folder: Path, files: list[Path], title: str) -> None:
    sizes = [(folder / path).stat().st_size for path in files]
    rows = [(path.as_posix(), size) for path, size in zip(files, sizes, strict=True)]
    print_table(title, ("file", "bytes"), [*rows, ("all", sum(sizes))])
