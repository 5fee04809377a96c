"""Opens the SQLite database of jobs and migrates it to the schema of this version."""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from lyricsrec.base.errors import DataError, OutputError
from lyricsrec.base.output import display_name

FILE_NAME = "jobs.sqlite"
WRITES = "writes"
"""Execution option of connections whose transactions write: they take the write lock when they begin."""

_FILES = {FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm", "serve.lock"}
_FOLDERS = {"jobs", "incoming"}
_BUSY_S = 30
# Each thread that waits for the write lock occupies a connection; enough must be left for readers.
_CONNECTIONS = 60
_MIGRATIONS = Path(__file__).parent / "migrations"


class StoreBusy(OutputError):  # noqa: N818
    """The database stayed locked for long."""

    def __init__(self) -> None:
        super().__init__("the jobs database is busy", "Try again in a moment.")


def open_database(folder: Path) -> Engine:
    """Open the database in a data folder; create or migrate it if needed.

    Raises OutputError when it cannot be written, DataError when it is damaged or a newer version of lyricsrec made it.
    """
    path = folder / FILE_NAME
    try:
        make_private(folder)
        engine = _engine(path)
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            _migrate(connection, path)
    except OSError as error:
        raise OutputError(f"cannot write to {display_name(folder)} ({error.strerror})") from None
    except OperationalError as error:
        raise OutputError(f"cannot write {display_name(path)} ({error.orig})") from None
    except DatabaseError as error:
        raise DataError(f"{display_name(path)}: not a jobs database, or damaged ({error.orig})") from None
    return engine


def make_private(folder: Path) -> None:
    """Create a data folder that only this user can read, and close one that others can read. Raises OSError.

    A folder that also holds foreign files keeps its permissions; what is stored in it is closed.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / FILE_NAME
    path.touch(mode=0o600)
    inside = {entry.name for entry in folder.iterdir()}
    for name in inside & _FOLDERS:
        _close(folder / name, 0o700)
    for name in inside & _FILES:
        _close(folder / name, 0o600)
    if inside <= _FOLDERS | _FILES:
        _close(folder, 0o700)


def _close(path: Path, mode: int) -> None:
    # Another user's, or on a file system without permissions.
    with contextlib.suppress(OSError):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(mode)


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _BUSY_S}, pool_size=_CONNECTIONS)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:
        # Transactions are begun explicitly below, not implicitly by Python's sqlite3.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        # Each commit is on the disk before it counts: a power cut loses no job.
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later cannot wait for the write lock: SQLite would fail at once.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITES) else "BEGIN")

    return engine


def _migrate(connection: Connection, path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    present = MigrationContext.configure(connection).get_current_revision()
    if present == scripts.get_current_head():
        return
    if present not in {None, *(script.revision for script in scripts.walk_revisions())}:
        raise DataError(
            f"{display_name(path)}: made by a newer version of lyricsrec",
            "Update lyricsrec, or choose another folder with --data.",
        )
    command.upgrade(config, "head")


@contextlib.contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction; its errors are OutputError, StoreBusy or DataError."""
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        if "locked" in str(error.orig):
            raise StoreBusy from None
        raise OutputError(
            f"the jobs database cannot be used ({error.orig})", "Check whether the disk is full."
        ) from None
    except PoolTimeout:
        raise StoreBusy from None
    except DatabaseError as error:
        raise DataError(f"the jobs database is damaged ({error.orig})") from None
