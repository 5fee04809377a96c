"""`serve` on Windows and macOS, with fakes for what those systems lack or do otherwise."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lyricsrec.web import limited
from lyricsrec.web.api import listen
from lyricsrec.web.jobs import database, lock
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.work import memory, supervisor, worker
from lyricsrec.web.work.supervisor import Supervisor


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Windows lacks is missing, for the modules of the server only."""
    for module in (limited, listen, memory, worker):
        monkeypatch.setattr(module, "sys", FakeSys("win32"))
    monkeypatch.setitem(sys.modules, "resource", None)
    monkeypatch.setitem(sys.modules, "fcntl", None)


class FakeSys:
    """`sys` of another system."""

    def __init__(self, platform: str) -> None:
        self.platform = platform

    def __getattr__(self, name: str) -> object:
        return getattr(sys, name)


class FakePopen:
    """Remembers how a process was to be started."""

    started: list[tuple[list[str], dict[str, Any]]]

    def __init__(self, command: list[str], **options: Any) -> None:
        self.started.append((command, options))
        raise OSError(2, "No such file or directory")


@pytest.mark.usefixtures("windows")
def test_windows_has_no_limits_but_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("not on Windows")

    monkeypatch.delattr(os, "nice", raising=False)
    monkeypatch.setattr(Path, "write_text", lambda *_: (_ for _ in ()).throw(FileNotFoundError()))
    limited.lower_priority(10)
    limited.apply(limited.Limits(1.0, 1.0))
    memory.limit_own_memory(1)


def test_macos_limits_the_time_but_has_no_limit_on_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    wanted: dict[int, object] = {}

    def setrlimit(kind: int, value: object) -> None:
        if kind == resource.RLIMIT_AS:
            raise ValueError("current limit exceeds maximum limit")
        wanted[kind] = value

    monkeypatch.setattr(limited, "sys", FakeSys("darwin"))
    monkeypatch.setattr(resource, "setrlimit", setrlimit)
    limited.apply(limited.Limits(2.5, 1.0))
    assert wanted[resource.RLIMIT_CPU] == (3, 3)
    assert wanted[resource.RLIMIT_FSIZE] == (0, 0)


@pytest.mark.parametrize(("group", "flag"), [(0x200, 0x200), (0, 0)])
def test_the_worker_gets_a_group_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int, flag: int
) -> None:
    # Ctrl-C in the terminal must reach the server only: a new session, or on Windows a new process group.
    monkeypatch.setattr(supervisor, "_OWN_GROUP", group)
    FakePopen.started = []
    monkeypatch.setattr(subprocess, "Popen", FakePopen)
    store = Store.open(tmp_path)
    assert Supervisor(store, ServeConfig(folder=tmp_path), ("worker",))._launch("name") is None
    ((command, options),) = FakePopen.started
    assert command[:3] == ["worker", str(tmp_path), "name"]
    assert options["creationflags"] == flag
    assert options["start_new_session"] is True
    assert "LYRICSREC_TOKEN" not in options["env"]


@pytest.mark.usefixtures("windows")
def test_a_worker_on_windows_stops_when_its_input_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("not on Windows")

    reading, writing = os.pipe()
    monkeypatch.setattr(signal, "set_wakeup_fd", refuse)
    monkeypatch.setattr("select.select", refuse)
    with os.fdopen(reading, "rb", 0) as stdin, os.fdopen(writing, "wb", 0) as server:
        monkeypatch.setattr(worker.sys, "stdin", stdin, raising=False)
        stopped = threading.Event()
        wait: Callable[[], None] = worker._StopSignal().wait
        thread = threading.Thread(target=lambda: (wait(), stopped.set()))
        thread.start()
        server.write(b"anything")
        assert not stopped.wait(0.1)
        server.close()
        assert stopped.wait(10)
        thread.join()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM")
def test_a_worker_elsewhere_stops_at_sigterm_even_while_a_library_computes() -> None:
    code = """
import os, signal, sys, threading
from lyricsrec.web.work.worker import _StopSignal
stop = _StopSignal()
threading.Thread(target=lambda: (stop.wait(), os._exit(7)), daemon=True).start()
print("ready", flush=True)
# Without end, in C: a Python handler of the signal would never run.
sum(iter(lambda: 0, 1))
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 7


@pytest.mark.parametrize(("platform", "reuses"), [("win32", False), ("darwin", True), ("linux", True)])
def test_a_port_of_another_program_is_never_taken(monkeypatch: pytest.MonkeyPatch, platform: str, reuses: bool) -> None:
    # On Windows, SO_REUSEADDR would let two servers share a port.
    options: list[int] = []

    class Socket(socket.socket):
        def setsockopt(self, level: int, option: int, value: Any) -> None:  # type: ignore[override]
            options.append(option)
            super().setsockopt(level, option, value)

    monkeypatch.setattr(listen, "sys", FakeSys(platform))
    monkeypatch.setattr(listen.socket, "socket", Socket)
    listen.listen(ServeConfig(port=0)).close()
    assert (socket.SO_REUSEADDR in options) == reuses


def test_permissions_that_a_file_system_lacks_are_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    tmp_path.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", refuse)
    database.open_database(tmp_path).dispose()


def test_the_lock_of_a_folder_needs_no_soft_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A soft lock would stay after a crash: where no real lock exists, the server refuses to start.
    seen: dict[str, object] = {}

    class FakeLock:
        def __init__(self, _: Path, **options: object) -> None:
            seen.update(options)

        def acquire(self) -> None:
            raise NotImplementedError

        def release(self) -> None:
            raise AssertionError

    monkeypatch.setattr(lock, "FileLock", FakeLock)
    with pytest.raises(NotImplementedError), lock.locked(tmp_path):
        raise AssertionError
    assert seen == {"blocking": False, "fallback_to_soft": False}


def test_the_end_of_a_worker_closes_its_input_first(monkeypatch: pytest.MonkeyPatch) -> None:
    # Windows cannot send SIGTERM; closing standard input works everywhere.
    events: list[str] = []

    class Input(io.StringIO):
        def close(self) -> None:
            events.append("closed")

    class Process:
        stdin = Input()

        def wait(self, timeout: float | None = None) -> int:
            events.append("waited")
            if timeout is not None:
                raise subprocess.TimeoutExpired("worker", timeout)
            return 1

        def kill(self) -> None:
            events.append("killed")

    supervisor._stop(Process())  # type: ignore[arg-type]
    assert events == ["closed", "waited", "killed", "waited"]
