"""`lyricsrec catalogue run`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.catalogue.tasks import Folder, Lease, Sources, TaskFlags
from lyricsrec.cli.command import Options
from lyricsrec.cli.screen import EXIT_FAILURE, Screen

if TYPE_CHECKING:
    from lyricsrec.catalogue.run import Summary
    from lyricsrec.catalogue.songs import Shard

EXAMPLES = """
**Examples**

`lyricsrec catalogue run music/ -o lyrics/ --workers 4` transcribes a folder; again, it does what is new.

`lyricsrec catalogue run songs.csv -o times/ --task align` times the lyrics of a list with the columns path and lyrics.

`lyricsrec catalogue run 'music/**/*.flac' -o stems/ --task separate --shard 3/8` does the third part of eight.

`lyricsrec catalogue run music/ -o lyrics/ --engine ray --address auto` uses a Ray cluster.
"""

_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class EngineFlags(Options):
    """Where songs are done."""

    engine: Annotated[str, typer.Option(help="local: processes of this machine. ray: a Ray cluster (extra ray).")] = (
        "local"
    )
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Songs at a time, each in a process with models of its own. Default: one for two "
                     "processor cores, or one for a GPU."),
    ] = None  # fmt: skip
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads of each worker. Default: the cores divided by the workers.")
    ] = None
    address: Annotated[
        str | None, typer.Option(help="Ray cluster (auto, host:port). Default: one on this machine, for this run.")
    ] = None


def run(
    sources: Sources,
    *,
    output: Folder,
    task: TaskFlags,
    engine: EngineFlags,
    shard: Annotated[
        str | None,
        typer.Option(metavar="I/N", help="Only part I of N of the songs, the same on every machine."),
    ] = None,
    lease: Lease = 300.0,
    compute: options.Compute,
    verbosity: options.Verbosity,
) -> None:
    """Do one task for all songs of a catalogue; a second run does only what is missing or has changed."""
    from lyricsrec.base.settings import check
    from lyricsrec.catalogue.engines.base import EngineOptions
    from lyricsrec.catalogue.run import Plan
    from lyricsrec.catalogue.run import run as run_catalogue

    wanted = EngineOptions(engine.workers, engine.threads, address=engine.address)
    check(wanted)
    plan = Plan(
        sources,
        output,
        task.make(compute),
        shard=_shard(shard),
        engine=engine.engine,
        options=wanted,
        lease_s=lease,
    )
    with verbosity.screen() as screen:
        summary = run_catalogue(plan, screen)
        _report(summary, screen)
    if not summary.is_complete:
        raise typer.Exit(EXIT_FAILURE)


def _shard(text: str | None) -> Shard | None:
    from lyricsrec.catalogue.songs import Shard

    if text is None:
        return None
    number, _, total = text.partition("/")
    if not (number.isdecimal() and total.isdecimal() and 1 <= int(number) <= int(total) <= 100_000):
        raise UsageError(
            f"--shard {text}: not a part of a whole", "Write I/N, such as 3/8 for the third part of eight."
        )
    return Shard(int(number), int(total))


def _report(summary: Summary, screen: Screen) -> None:
    """Say what was done, and name the songs that have no result."""
    for path, problem in summary.unreadable[:_SHOWN]:
        screen.warn(f"{path}: {problem}")
    if len(summary.unreadable) > _SHOWN:
        screen.warn(f"and {len(summary.unreadable) - _SHOWN} other songs that cannot be read")
    parts = [f"{summary.num_done} done now", f"{summary.num_done_before} before"]
    parts += [f"{summary.num_done_elsewhere} by other processes"] if summary.num_done_elsewhere else []
    parts += [f"{len(summary.failed)} failed"] if summary.failed else []
    parts += [f"{len(summary.unreadable)} unreadable"] if summary.unreadable else []
    screen.say(f"{summary.num_songs} songs: {', '.join(parts)}; results in {summary.setup.folder}")
    if summary.num_failed_before:
        screen.warn(
            f"{summary.num_failed_before} songs failed in earlier runs and were not tried again: "
            f"`lyricsrec catalogue retry {summary.setup.folder.parent}` lets the next run try them"
        )
