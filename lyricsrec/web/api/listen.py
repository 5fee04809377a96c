"""The listening socket, the address to open, and uvicorn with the limits that it documents.

Connections are limited by `connections`, slow and large bodies by `intake.body_limit` and `intake.slots`.
"""

from __future__ import annotations

import errno
import socket
import sys
from urllib.parse import quote

import uvicorn
from fastapi import FastAPI

from lyricsrec.base.errors import UsageError
from lyricsrec.web.access.connections import LimitedConnection
from lyricsrec.web.settings import ServeConfig

KEEP_ALIVE_S = 5
"""How long a connection may be idle after a response, in seconds."""

MAX_HEADER_BYTES = 16 << 10
"""How much of incomplete headers is kept."""

_SHUTDOWN_S = 3
# An address reserved for documentation (RFC 5737); no packet is sent to it.
_REMOTE = ("192.0.2.1", 9)


def http_server(app: FastAPI) -> uvicorn.Server:
    """A server for the application, fully loaded but not running yet."""
    settings = uvicorn.Config(
        app,
        http=LimitedConnection,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=_SHUTDOWN_S,
        log_config=None,
        # Malformed HTTP is not logged.
        log_level="error",
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
    )
    settings.load()
    return uvicorn.Server(settings)


def listen(config: ServeConfig) -> socket.socket:
    """A listening socket. Raises UsageError when the address or port cannot be used."""
    try:
        found = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise UsageError(
            f"--host {config.host}: unknown host name", "Give a name or an IP address of this machine."
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
                f"port {config.port} is in use", f"Try --port {config.port + 1}, or --port 0 for any free one."
            ) from None
        raise UsageError(
            f"cannot listen on {config.host}, port {config.port} ({error.strerror})",
            "Give an address of this machine as --host, or another --port.",
        ) from None
    return listening


def address_of(config: ServeConfig, port: int) -> str:
    """The address to open, including the access token if there is one."""
    host = _own_address() if config.host in ("0.0.0.0", "::") else config.host
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/" + (f"?token={quote(config.token, safe='')}" if config.token else "")


def _own_address() -> str:
    """This machine's address in its network."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(_REMOTE)
            return str(probe.getsockname()[0])
    except OSError:
        return socket.gethostname()
