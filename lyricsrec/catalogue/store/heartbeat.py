"""Which processes live: each touches a file of its own, and all times are those of the file server."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import threading
import time
from pathlib import Path
from types import TracebackType

from lyricsrec.base.errors import OutputError
from lyricsrec.base.output import display_name, make_folder

_BEATS_PER_LEASE = 5


def process_name() -> str:
    """A name for this process that no other one has: machine, process id, and a random part."""
    machine = "".join(c if c.isalnum() else "-" for c in socket.gethostname()[:40])
    return f"{machine}-{os.getpid()}-{secrets.token_hex(4)}"


class Heartbeat:
    """Shows that this process lives, from a thread, while it is used as a context manager.

    A process whose file was not touched for `lease_s` counts as dead, and one without a file as ended.
    """

    def __init__(self, folder: Path, lease_s: float, name: str | None = None) -> None:
        self.name = name or process_name()
        self.lease_s = lease_s
        self._folder, self._path = folder, folder / self.name
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._last = (0.0, 0.0)

    def __enter__(self) -> Heartbeat:
        try:
            make_folder(self._folder)
            self._path.write_text(json.dumps({"machine": socket.gethostname(), "pid": os.getpid()}), "utf-8")
            self._touch()
        except OSError as error:
            raise OutputError(f"cannot write {display_name(self._path)} ({error.strerror})") from None
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def check(self) -> None:
        """Raise OutputError when this process could not show that it lives, so that others may take its songs."""
        if time.monotonic() - self._last[1] > self.lease_s:
            raise OutputError(f"cannot write {display_name(self._path)} any more", "Is the disk still there?")

    def is_alive(self, name: str) -> bool:
        """Whether the process of this name lives."""
        if name == self.name:
            return True
        return self.is_recent(self._folder / name)

    def is_recent(self, path: Path) -> bool:
        """Whether a file exists and was touched within the lease."""
        changed_s = _changed_s(path)
        return changed_s is not None and self._now() - changed_s < self.lease_s

    def others(self) -> list[str]:
        """The names of the other processes that live."""
        try:
            names = sorted(path.name for path in self._folder.iterdir())
        except OSError:
            return []
        return [name for name in names if name != self.name and self.is_alive(name)]

    def _now(self) -> float:
        """The present time of the file server."""
        server_s, own_s = self._last
        return server_s + time.monotonic() - own_s

    def _touch(self) -> None:
        # Without times, a network file system takes those of its server.
        os.utime(self._path)
        changed_s = _changed_s(self._path)
        if changed_s is not None:
            self._last = (changed_s, time.monotonic())

    def _beat(self) -> None:
        while not self._stopping.wait(self.lease_s / _BEATS_PER_LEASE):
            # `check` says what is wrong once it lasts.
            with contextlib.suppress(OSError):
                self._touch()


def living(folder: Path, lease_s: float) -> list[str]:
    """The names of the processes of a catalogue that live, for those who only look; by the clock of this machine."""
    names = sorted(path.name for path in folder.glob("*"))
    changed = {name: _changed_s(folder / name) for name in names}
    return [name for name, at_s in changed.items() if at_s is not None and time.time() - at_s < lease_s]


def _changed_s(path: Path) -> float | None:
    """When a file was touched; it is opened, because network file systems answer `stat` from a cache."""
    try:
        with path.open("rb") as file:
            return os.fstat(file.fileno()).st_mtime
    except OSError:
        return None
