"""`lyricsrec catalogue status` and `retry`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lyricsrec.base.clock import clock
from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.catalogue.tasks import Lease, Setup
from lyricsrec.cli.screen import print_result
from lyricsrec.cli.tables import make_table, print_table

if TYPE_CHECKING:
    from lyricsrec.catalogue.status import Status

EXAMPLES = """
**Examples**

`lyricsrec catalogue status lyrics/` shows what is done, the speed of all processes, and the time that is left.

`lyricsrec catalogue status lyrics/ --errors` names each song that failed.

`lyricsrec catalogue status lyrics/ --watch` draws the same again and again, until nothing is left.

`lyricsrec catalogue status lyrics/ --json | jq .num_left` works in a pipeline.
"""

RETRY_EXAMPLES = """
**Examples**

`lyricsrec catalogue retry lyrics/` lets the next run try all failed songs again.

`lyricsrec catalogue retry lyrics/ --kind Poison` lets it try those whose workers died.
"""

_WATCH_S = 2.0

Catalogue = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a catalogue.")]


def status(
    folder: Catalogue,
    *,
    setup: Setup = None,
    errors: Annotated[bool, typer.Option("--errors", help="Name each song without a result, with the reason.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Draw it again every two seconds, until nothing is left.")
    ] = False,
    lease: Lease = 300.0,
    quiet: options.Quiet = False,
) -> None:
    """Show how far a catalogue is: done, failed and why, songs a minute, machine hours, time left."""
    from lyricsrec.catalogue.status import status_of

    if watch and json_:
        raise UsageError("--watch is for people, and --json for programs", "Use one of them.")
    found = _watched(folder, setup, lease) if watch else status_of(folder, setup, lease)
    if json_:
        print_result(json.dumps(found.to_dict(), indent=2, ensure_ascii=False) + "\n")
        return
    for title, columns, rows in _tables(found):
        print_table(title, columns, rows)
    if errors:
        for failure in found.failures:
            print_result(f"{failure.path}\t{failure.kind}\t{failure.message}\n")


def _watched(folder: Path, setup: str | None, lease: float) -> Status:
    """The status when nothing is left drawn on stderr until then."""
    from rich.console import Console, Group
    from rich.live import Live

    from lyricsrec.catalogue.status import status_of

    found = status_of(folder, setup, lease)
    with Live(console=Console(stderr=True), auto_refresh=False, transient=True) as live:
        while found.num_left:
            parts = [part for title, columns, rows in _tables(found) for part in (title, make_table(columns, rows))]
            live.update(Group(*parts), refresh=True)
            time.sleep(_WATCH_S)
            found = status_of(folder, setup, lease)
    return found


def _tables(found: Status) -> Iterator[tuple[str, tuple[str, str], list[tuple[str, object]]]]:
    """The tables of a status: title, columns, rows."""
    yield found.setup, ("", ""), _rows(found)
    if len(found.machines) > 1:
        yield "Machines", ("machine", "songs"), sorted(found.machines.items())
    if found.errors:
        yield "Songs without a result", ("error", "songs"), list(found.errors.items())


def _rows(found: Status) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = [
        ("songs", found.num_songs),
        ("copies of them", found.num_copies),
        ("done", found.num_done),
        ("failed", len(found.failures)),
        ("left", found.num_left),
        ("processes that work", found.num_processes),
        ("workers", found.num_workers),
        ("machine hours", f"{found.machine_hours:.2f}"),
        ("hours of audio", f"{found.audio_hours:.2f}"),
    ]
    if found.real_time_factor is not None:
        rows.append(("machine hours for an hour of audio", f"{found.real_time_factor:.3f}"))
    if found.songs_per_minute is not None:
        rows.append(("songs a minute", f"{found.songs_per_minute:.1f}"))
    if found.left_s is not None:
        rows.append(("time left", clock(found.left_s)))
    return rows


def retry(
    folder: Catalogue,
    *,
    setup: Setup = None,
    kind: Annotated[
        str | None, typer.Option(help="Only songs with this kind of error, such as AudioError or Poison.")
    ] = None,
    verbosity: options.Verbosity,
) -> None:
    """Let the next run try songs again that failed."""
    from lyricsrec.catalogue.status import retry as retry_songs

    with verbosity.screen() as screen:
        num = retry_songs(folder, setup, kind)
        screen.say(f"{num} songs will be tried again by the next `catalogue run`")
