"""`lyricsrec serve`."""

from __future__ import annotations

import errno
import gc
import importlib.util
import logging
import socket
import sys
import threading
import webbrowser
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from lyricsrec.base.errors import LyricsrecError, UsageError
from lyricsrec.cli import options
from lyricsrec.cli.screen import EXIT_INTERRUPTED, Screen, reporting
from lyricsrec.web.settings import ServeConfig

EXAMPLES = """
**Examples**

`lyricsrec serve` opens a page on this machine: http://127.0.0.1:8000

`lyricsrec serve --port 0 --no-open --data /srv/songs` takes any free port, and prints it.

`LYRICSREC_TOKEN=$(openssl rand -hex 16) lyricsrec serve --host 0.0.0.0` lets phones in this network in, with the \
address that it prints.

`curl -F file=@song.mp3 http://127.0.0.1:8000/api/jobs` uploads a song from a program.
"""

_NEEDED = ("fastapi", "uvicorn", "sse_starlette", "python_multipart", "sqlalchemy", "alembic")
_SERVE = ServeConfig()
_END_S = 3
_MAX_CONNECTIONS = 400
# No packet is sent to it: it is an address for documents (RFC 5737).
_ANYWHERE = ("192.0.2.1", 9)


def serve(
    host: Annotated[
        str, typer.Option(help="Where to listen; other than this machine alone (0.0.0.0) only with a token.")
    ] = _SERVE.host,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any free one.")] = _SERVE.port,
    data: Annotated[
        Path | None, typer.Option(help="Folder for songs and results. Default: with the user's data.")
    ] = None,
    token: Annotated[
        str | None, typer.Option(envvar="LYRICSREC_TOKEN", help="What clients must show.", show_envvar=True)
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option(help="A name by which a proxy calls this server; may repeat, needs a token.")
    ] = None,
    max_upload_mb: Annotated[int, typer.Option(min=1, help="Largest song, in MB.")] = _SERVE.max_upload_mb,
    max_duration_s: Annotated[float, typer.Option(min=1, max=1e6, help="Longest song, in s.")] = _SERVE.max_duration_s,
    max_queued: Annotated[int, typer.Option(min=1, help="Songs that may wait.")] = _SERVE.max_queued,
    keep_days: Annotated[float, typer.Option(min=0, help="Remove what is done after so long.")] = _SERVE.keep_days,
    keep_gib: Annotated[float, typer.Option(min=0, help="Remove the oldest beyond this size.")] = _SERVE.keep_gib,
    downloads: Annotated[
        bool, typer.Option("--downloads", help="Let presets be fetched that are not on this machine yet.")
    ] = _SERVE.downloads,
    device: options.Device = _SERVE.device,
    dtype: options.Dtype = _SERVE.dtype,
    open_: Annotated[
        bool | None, typer.Option("--open/--no-open", help="Open the page in a browser. Default: on a terminal.")
    ] = None,
    quiet: options.QuietWithoutResults = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say what is asked for.")] = False,
) -> None:
    """Serve a page in which songs become lyrics, and a REST interface; both keep to this machine."""
    screen = Screen(quiet=quiet, verbose=verbose)
    with reporting(screen):
        _check_installed()
        config = ServeConfig(
            host=host,
            port=port,
            token=token or None,
            names=tuple(name or ()),
            folder=(_SERVE.folder if data is None else data).expanduser().absolute(),
            max_upload_mb=max_upload_mb,
            max_duration_s=max_duration_s,
            max_queued=max_queued,
            keep_days=keep_days,
            keep_gib=keep_gib,
            downloads=downloads,
            device=device,
            dtype=dtype,
        )
        _log(quiet=quiet, verbose=verbose)
        try:
            _run(config, screen, shows=sys.stderr.isatty() and not quiet if open_ is None else open_)
        except KeyboardInterrupt:
            screen.say("stopped; songs that are not done go on at the next start")
            raise typer.Exit(EXIT_INTERRUPTED) from None


def _check_installed() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise LyricsrecError(f"serve needs {', '.join(missing)}", "pip install 'lyricsrec[web]'")


def _log(*, quiet: bool, verbose: bool) -> None:
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s: %(message)s", level=logging.WARNING)
    # What strangers send that is no form is not worth a line each.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    logging.getLogger("lyricsrec.web").setLevel(
        logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING
    )


def _run(config: ServeConfig, screen: Screen, *, shows: bool) -> None:
    """Serve until a signal ends it."""
    import uvicorn

    from lyricsrec.web.api.app import create_app
    from lyricsrec.web.api.patience import PatientProtocol
    from lyricsrec.web.jobs.hold import holding
    from lyricsrec.web.jobs.store import Store
    from lyricsrec.web.songs.examine import LIMITS_MEMORY

    app = create_app(config)
    with holding(config.folder), _listen(config) as listening:
        # What is wrong with the database is an error here, and a trace in the server's start.
        Store.open(config.folder).close()
        url = _url(config, listening.getsockname()[1])
        screen.say(f"serving on {url} (Ctrl-C ends it)")
        screen.note(f"songs and results are kept in {config.folder}")
        if not LIMITS_MEMORY:
            screen.note("reading songs is limited in time here, but not in memory: this system knows no such limit")
        if shows:
            # A browser for terminals would keep the server from starting.
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
        settings = uvicorn.Config(
            app,
            http=PatientProtocol,
            log_config=None,
            # Nor is what is no HTTP.
            log_level="error",
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="on",
            limit_concurrency=_MAX_CONNECTIONS,
            timeout_graceful_shutdown=_END_S,
        )
        settings.load()
        # What was imported stays: to go through it again and again would stop the server for 50 ms each time.
        gc.collect()
        gc.freeze()
        uvicorn.Server(settings).run(sockets=[listening])


def _listen(config: ServeConfig) -> socket.socket:
    """A socket that clients can connect to. Raises UsageError where nobody can listen."""
    try:
        found = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise UsageError(
            f"no address is called '{config.host}'", "--host takes a name or address of this machine."
        ) from None
    family, kind, protocol, _, address = found[0]
    listening = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"port {config.port} is taken", f"Try --port {config.port + 1}, or --port 0 for any free one."
            ) from None
        raise UsageError(f"cannot listen on {config.host}, port {config.port} ({error.strerror})") from None
    return listening


def _url(config: ServeConfig, port: int) -> str:
    """The address to open, with the token where there is one."""
    host = _own_address() if config.host in ("0.0.0.0", "::") else config.host
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/" + (f"?token={quote(config.token, safe='')}" if config.token else "")


def _own_address() -> str:
    """This machine's address in its network."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(_ANYWHERE)
            return str(probe.getsockname()[0])
    except OSError:
        return socket.gethostname()
