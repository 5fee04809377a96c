"""Runs inside a command before it begins: watches for sockets as `no_network` does, then opens one."""

from __future__ import annotations

import runpy
import socket
from pathlib import Path

if __name__ != "helpers.connecting":
    runpy.run_path(str(Path(__file__).with_name("no_network.py")))
    socket.create_connection(("127.0.0.1", 9), timeout=1)
