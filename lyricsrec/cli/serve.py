"""`lyricsrec serve`: starts the server and opens the page."""

from __future__ import annotations

import gc
import importlib.util
import logging
import sys
import threading
import webbrowser
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

import typer

from lyricsrec.base.errors import LyricsrecError
from lyricsrec.base.settings import check
from lyricsrec.cli import options
from lyricsrec.cli.command import Options
from lyricsrec.cli.screen import EXIT_INTERRUPTED, Screen
from lyricsrec.web.settings import ServeConfig

EXAMPLES = """
**Examples**

`lyricsrec serve` opens the page on this machine: http://127.0.0.1:8000

`lyricsrec serve --port 0 --no-open --data /srv/songs` uses any free port and prints the address.

`LYRICSREC_TOKEN=$(openssl rand -hex 16) lyricsrec serve --host 0.0.0.0` gives phones in this network access, at the \
address that it prints.

`curl -F file=@song.mp3 http://127.0.0.1:8000/api/jobs` uploads a song from a program.
"""

_NEEDED = ("fastapi", "uvicorn", "sse_starlette", "python_multipart", "sqlalchemy", "alembic", "filelock")
_SERVE = ServeConfig()
_FLAGS = {field.name: f"--{field.name.replace('_', '-')}" for field in fields(ServeConfig)} | {
    "names": "--name",
    "folder": "--data",
}


@dataclass(frozen=True, kw_only=True)
class Address(Options):
    """Where the server listens, and who has access."""

    host: Annotated[
        str, typer.Option(help="Address to listen on. Any but this machine's own (such as 0.0.0.0) needs --token.")
    ] = _SERVE.host
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any free one.")] = _SERVE.port
    token: Annotated[
        str | None,
        typer.Option(envvar="LYRICSREC_TOKEN", help="Access token that clients must send.", show_envvar=True),
    ] = None
    name: Annotated[
        list[str] | None,
        typer.Option(
            help="Another host name of this server, such as a reverse proxy's; may be repeated, needs --token."
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Limits(Options):
    """How much is taken, and how long it is kept."""

    max_upload_mb: Annotated[int, typer.Option(min=1, help="Maximum size of a song in MB.")] = _SERVE.max_upload_mb
    max_duration_s: Annotated[float, typer.Option(min=1, max=1e6, help="Maximum duration of a song in seconds.")] = (
        _SERVE.max_duration_s
    )
    max_queued: Annotated[int, typer.Option(min=1, help="Maximum number of songs in the queue.")] = _SERVE.max_queued
    keep_days: Annotated[float, typer.Option(min=0, help="Remove finished songs after so many days.")] = (
        _SERVE.keep_days
    )
    keep_gib: Annotated[
        float, typer.Option(min=0, help="Remove the oldest finished songs when all files exceed this size in GiB.")
    ] = _SERVE.keep_gib
    worker_memory_gib: Annotated[
        float,
        typer.Option(min=0, help="Memory that processing may use in GiB; 0 for four fifths of this machine's."),
    ] = _SERVE.worker_memory_gib


def serve(
    *,
    address: Address,
    data: Annotated[
        Path | None, typer.Option(help="Folder for songs and results. Default: the user's data folder.")
    ] = None,
    limits: Limits,
    downloads: Annotated[
        bool, typer.Option("--downloads", help="Download the models of a preset that are not installed.")
    ] = _SERVE.downloads,
    device: options.Device = _SERVE.device,
    dtype: options.Dtype = _SERVE.dtype,
    open_: Annotated[
        bool | None, typer.Option("--open/--no-open", help="Open the page in a browser. Default: on a terminal.")
    ] = None,
    quiet: options.Quiet = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every request.")] = False,
) -> None:
    """Serve a page that turns songs into lyrics, and a REST interface. Only this machine has access by default."""
    _check_installed()
    config = ServeConfig(
        host=address.host,
        port=address.port,
        token=address.token or None,
        names=tuple(address.name or ()),
        folder=(_SERVE.folder if data is None else data).expanduser().absolute(),
        max_upload_mb=limits.max_upload_mb,
        max_duration_s=limits.max_duration_s,
        max_queued=limits.max_queued,
        keep_days=limits.keep_days,
        keep_gib=limits.keep_gib,
        worker_memory_gib=limits.worker_memory_gib,
        downloads=downloads,
        device=device,
        dtype=dtype,
    )
    check(config, _FLAGS)
    _log(quiet=quiet, verbose=verbose)
    with Screen(quiet=quiet, verbose=verbose) as screen:
        try:
            _run(config, screen, opens=sys.stderr.isatty() and not quiet if open_ is None else open_)
        except KeyboardInterrupt:
            screen.say("stopped; unfinished songs continue at the next start")
            raise typer.Exit(EXIT_INTERRUPTED) from None


def _check_installed() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise LyricsrecError(f"missing Python packages for serve: {', '.join(missing)}", "pip install 'lyricsrec[web]'")


def _log(*, quiet: bool, verbose: bool) -> None:
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s: %(message)s", level=logging.WARNING)
    # Malformed forms are the client's problem; they are not logged.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    # Their problems are notes on the page; the log of the server names no lyrics.
    logging.getLogger("lyricsrec.formats.read").setLevel(logging.ERROR)
    logging.getLogger("lyricsrec.web").setLevel(
        logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING
    )


def _run(config: ServeConfig, screen: Screen, *, opens: bool) -> None:
    """Serve until a signal stops the process."""
    from lyricsrec.web.access.security import token_warning
    from lyricsrec.web.api.app import create_app
    from lyricsrec.web.api.listen import address_of, http_server, listen
    from lyricsrec.web.jobs.lock import locked
    from lyricsrec.web.jobs.store import Store
    from lyricsrec.web.limited import LIMITS_MEMORY

    app = create_app(config)
    with locked(config.folder), listen(config) as listening:
        # A problem with the database is reported here; during the server's start it would print a traceback.
        Store.open(config.folder).close()
        address = address_of(config, listening.getsockname()[1])
        screen.say(f"serving on {address} (press Ctrl-C to stop)")
        screen.note(f"songs and results are stored in {config.folder}")
        if warning := token_warning(config):
            screen.warn(warning)
        if not LIMITS_MEMORY:
            screen.note("decoding uploads is limited in time, but not in memory: this system has no memory limit")
        if opens:
            # In a thread: a text-mode browser would block the start of the server.
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        server = http_server(app)
        # Imported modules are never freed: without this, each full garbage collection would take 50 ms to scan them.
        gc.collect()
        gc.freeze()
        server.run(sockets=[listening])
