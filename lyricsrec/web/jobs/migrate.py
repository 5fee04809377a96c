"""The database of jobs: opened, and brought to the shape that this version knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError

from lyricsrec.base.errors import DataError, OutputError
from lyricsrec.base.output import display_name

FILE_NAME = "jobs.sqlite"
WRITES = "writes"
"""Execution option of connections whose transactions write: they wait for their turn when they begin."""

_BUSY_S = 30
# A thread that writes and waits for its turn keeps one: there must be some left for those that read.
_CONNECTIONS = 60
_MIGRATIONS = Path(__file__).parent / "migrations"


def open_database(folder: Path) -> Engine:
    """Open the database in a data folder, made or brought up to date where needed.

    Raises OutputError when it cannot be written, DataError when a newer version of lyricsrec made it, or it is damaged.
    """
    path = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = _engine(path)
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            _migrate(connection, path)
    except OSError as error:
        raise OutputError(f"cannot write into {display_name(folder)} ({error.strerror})") from None
    except OperationalError as error:
        raise OutputError(f"cannot write {display_name(path)} ({error.orig})") from None
    except DatabaseError as error:
        raise DataError(f"{display_name(path)}: no database of jobs, or damaged ({error.orig})") from None
    return engine


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _BUSY_S}, pool_size=_CONNECTIONS)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:
        # Transactions begin where we say so, not where Python's sqlite3 guesses.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # One that reads first and writes later cannot wait for others: it would fail at once.
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
            f"{display_name(path)}: made by a newer version of lyricsrec", "Update lyricsrec, or name another folder."
        )
    command.upgrade(config, "head")
