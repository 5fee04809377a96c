"""Slows down clients that send wrong access tokens, each by itself: others are not kept waiting."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from dataclasses import dataclass

ALLOWED = 10
"""Wrong guesses that a client may make at once; after that one a second."""

_PER_S = 1.0
_MAX_CLIENTS = 10_000
_V6_NETWORK = 64


@dataclass
class _Client:
    left: float
    since: float


class Guesses:
    """The wrong guesses that each client has left; the clients that guessed last are remembered."""

    def __init__(self) -> None:
        self._clients: OrderedDict[str, _Client] = OrderedDict()

    def may_guess(self, address: str) -> bool:
        """Whether a client may guess now."""
        client = self._clients.get(_network(address))
        return client is None or _left(client) >= 1

    def was_wrong(self, address: str) -> None:
        """Count a wrong guess."""
        key = _network(address)
        client = self._clients.pop(key, None)
        left = float(ALLOWED) if client is None else _left(client)
        self._clients[key] = _Client(max(left - 1, 0.0), time.monotonic())
        if len(self._clients) > _MAX_CLIENTS:
            self._clients.popitem(last=False)


def _left(client: _Client) -> float:
    return min(client.left + (time.monotonic() - client.since) * _PER_S, ALLOWED)


def _network(address: str) -> str:
    """An address, or the network of one customer in IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if found.version == 4 else str(ipaddress.ip_network((address, _V6_NETWORK), strict=False))
