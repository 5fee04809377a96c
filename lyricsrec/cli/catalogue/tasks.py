"""What `catalogue run` and `catalogue slurm` share: the sources, and which task does what with which models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lyricsrec.cli import options
from lyricsrec.cli.command import Options

if TYPE_CHECKING:
    from lyricsrec.catalogue.tasks.base import Task

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCES...",
        help="Folders, sound files, globs, or lists of songs (.txt, .csv, .jsonl, .parquet; columns path, and for "
        "align lyrics or lyrics_path).",
    ),
]
Folder = Annotated[Path, typer.Option("--output", "-o", help="Folder of the catalogue.")]
Setup = Annotated[
    str | None,
    typer.Option("--setup", help="Results to use, such as transcribe-1a2b, as `status` names them. Default: the last."),
]
Lease = Annotated[
    float,
    typer.Option("--lease", min=2.0, help="Seconds without a sign of life after which a process counts as dead."),
]


@dataclass(frozen=True, kw_only=True)
class TaskFlags(Options):
    """Which task, with which models."""

    task: Annotated[
        str, typer.Option(help="What to do with each song: transcribe, align, separate, melody or chords.")
    ] = "transcribe"
    preset: Annotated[str | None, typer.Option(help="Preset of transcribe.")] = None
    separator: Annotated[str | None, typer.Option(help="Separator. Default: that of the command of the task.")] = None
    model: Annotated[str | None, typer.Option(help="Recogniser. Default: that of the command of the task.")] = None
    language: Annotated[str | None, typer.Option(help="Language of all songs, for multilingual models.")] = None
    seed: options.Seed = 0

    def make(self, compute: options.Compute) -> Task:
        """The task. Raises UsageError."""
        from lyricsrec.catalogue.tasks.base import TaskOptions
        from lyricsrec.catalogue.tasks.registry import make_task

        return make_task(
            self.task,
            TaskOptions(
                self.preset,
                self.separator,
                self.model,
                language=self.language,
                device=compute.device,
                dtype=compute.dtype,
                offline=compute.offline,
                seed=self.seed,
            ),
        )
