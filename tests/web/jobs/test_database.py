"""The database is created and migrated, but never downgraded."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from helpers.web.planted_worker import SONG
from sqlalchemy import text

from lyricsrec.base.errors import DataError, OutputError
from lyricsrec.web.jobs import database
from lyricsrec.web.jobs.database import StoreBusy, open_database
from lyricsrec.web.jobs.folder import new_id
from lyricsrec.web.jobs.store import METADATA, Store


def test_migrations_create_the_tables_of_the_store(tmp_path: Path) -> None:
    with open_database(tmp_path).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_jobs_survive_reopening(tmp_path: Path) -> None:
    job = Store.open(tmp_path / "new" / "folder").add(SONG, new_id())
    assert Store.open(tmp_path / "new" / "folder").jobs() == [job]
    assert (tmp_path / "new" / "folder").stat().st_mode & 0o077 == 0


def test_jobs_of_the_first_version_are_kept(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    job = Store.open(tmp_path).add(SONG, new_id())
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER job_changed"))
        connection.execute(text("CREATE TRIGGER job_changed AFTER UPDATE OF state ON jobs BEGIN SELECT 1; END"))
        for column in ("title", "artist", "wanted"):
            connection.execute(text(f"ALTER TABLE jobs DROP COLUMN {column}"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    assert Store.open(tmp_path).jobs() == [job]


def test_a_database_of_a_newer_version_is_refused_and_unchanged(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    before = (tmp_path / "jobs.sqlite").read_bytes()
    with pytest.raises(DataError, match="made by a newer version of lyricsrec") as caught:
        Store.open(tmp_path)
    assert caught.value.hint == "Update lyricsrec, or choose another folder with --data."
    assert (tmp_path / "jobs.sqlite").read_bytes() == before


def test_a_file_that_is_not_a_database(tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").write_bytes(b"This is not a database at all. " * 40)
    with pytest.raises(DataError, match="not a jobs database, or damaged"):
        Store.open(tmp_path)


def test_a_folder_that_cannot_be_created(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write to"):
        Store.open(tmp_path / "file" / "folder")


def test_many_processes_open_a_new_folder_at_once(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from lyricsrec.web.jobs.store import Store\n"
    code += "Store.open(Path(sys.argv[1]))"
    opening = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stderr=subprocess.PIPE) for _ in range(4)]
    assert [process.communicate(timeout=60)[1] for process in opening] == [b""] * 4
    assert [process.returncode for process in opening] == [0] * 4


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
@pytest.mark.parametrize("has_foreign_files", [False, True])
def test_a_folder_that_others_could_read_is_closed(tmp_path: Path, has_foreign_files: bool) -> None:
    tmp_path.chmod(0o755)
    open_database(tmp_path).dispose()
    for name in ("jobs", "incoming"):
        (tmp_path / name).mkdir()
    (tmp_path / "serve.lock").touch()
    if has_foreign_files:
        (tmp_path / "notes.txt").touch()
    for path in (tmp_path, *tmp_path.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    open_database(tmp_path).dispose()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes.pop("notes.txt", 0o644) == 0o644
    assert {modes.pop(name) for name in ("jobs", "incoming")} == {0o700}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(tmp_path.stat().st_mode) == (0o755 if has_foreign_files else 0o700)


def test_a_commit_is_on_the_disk(tmp_path: Path) -> None:
    with open_database(tmp_path).connect() as connection:
        # FULL: SQLite flushes its log at every commit.
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_a_database_that_stays_locked_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_S", 0.1)
    store = Store.open(tmp_path)
    with sqlite3.connect(tmp_path / database.FILE_NAME, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="the jobs database is busy"):
            store.add(SONG, new_id())
        assert store.counts() == {}
    store.add(SONG, new_id())
