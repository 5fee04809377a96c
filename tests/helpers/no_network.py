"""Runs inside a command before it begins, and ends it when it asks the network for anything.

Python reports every socket, address and connection to an audit hook, whichever library asks.
"""

from __future__ import annotations

import os
import sys

_EVENTS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind")
_LOCAL = 1  # AF_UNIX


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event in _EVENTS or (event == "socket.__new__" and arguments[1] != _LOCAL):
        os.write(2, f"NETWORK: {event} {arguments[1:]}\n".encode())
        os._exit(99)


if __name__ != "helpers.no_network":
    sys.addaudithook(_watch)
