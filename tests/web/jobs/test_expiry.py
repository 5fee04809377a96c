"""Old jobs are removed, others are kept."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.web.planted_worker import add_job
from sqlalchemy import text

from lyricsrec.base.errors import OutputError
from lyricsrec.web.jobs.database import open_database
from lyricsrec.web.jobs.expiry import WARNING_DAYS, expire, expires_at, remove_job
from lyricsrec.web.jobs.folder import JobFolder, folders, new_id
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.settings import ServeConfig

KIB = 1 / (1 << 20)


@pytest.fixture
def config(tmp_path: Path) -> ServeConfig:
    return ServeConfig(folder=tmp_path, keep_days=1.0)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path)


def done(store: Store, root: Path, days_ago: float = 0.0) -> str:
    """A finished job of 1000 bytes."""
    job = add_job(store, root, bytes(1000))
    store.cancel(job.id)
    with open_database(root).begin() as connection:
        moved = text("UPDATE jobs SET finished_at = finished_at - :s WHERE id = :id")
        connection.execute(moved, {"s": days_ago * 86_400, "id": job.id})
    return job.id


@pytest.mark.parametrize("is_full", [False, True])
def test_a_job_can_be_removed_on_a_full_disk(
    store: Store, config: ServeConfig, monkeypatch: pytest.MonkeyPatch, is_full: bool
) -> None:
    folder = JobFolder(config.folder, add_job(store, config.folder, b"x").id)
    delete = store.delete

    def delete_when_there_is_room(id: str) -> bool:
        if is_full and folder.path.exists():
            raise OutputError("full")
        return delete(id)

    monkeypatch.setattr(store, "delete", delete_when_there_is_room)
    assert remove_job(store, folder)
    assert (store.jobs(), folders(config.folder)) == ([], [])
    assert not remove_job(store, folder)


def test_by_age(store: Store, config: ServeConfig) -> None:
    old, new = done(store, config.folder, 1.1), done(store, config.folder, 0.9)
    waiting = add_job(store, config.folder, b"x").id
    assert expire(store, config) == 1
    assert {job.id for job in store.jobs()} == {new, waiting}
    assert {folder.id for folder in folders(config.folder)} == {new, waiting}
    assert store.get(old) is None


def test_by_size_the_oldest_first_but_only_finished_ones(store: Store, config: ServeConfig) -> None:
    waiting = add_job(store, config.folder, bytes(1000)).id
    ids = [done(store, config.folder, days) for days in (0.1, 0.3, 0.2)]
    assert expire(store, replace(config, keep_gib=4 * KIB)) == 0
    assert expire(store, replace(config, keep_gib=2.5 * KIB)) == 2
    assert {job.id for job in store.jobs()} == {waiting, ids[0]}
    assert expire(store, replace(config, keep_gib=0.0)) == 1
    assert {folder.id for folder in folders(config.folder)} == {waiting}


def corrected(config: ServeConfig, id: str) -> JobFolder:
    folder = JobFolder(config.folder, id)
    folder.edited.write_bytes(b"x" * 1000)
    return folder


def test_corrected_lyrics_have_no_age(store: Store, config: ServeConfig) -> None:
    kept, old = (done(store, config.folder, 400) for _ in range(2))
    folder = corrected(config, kept)
    assert expire(store, config) == 1
    assert [job.id for job in store.jobs()] == [kept]
    assert expires_at(store.jobs()[0], folder, config) is None
    folder.edited.unlink()
    assert expires_at(store.jobs()[0], folder, config) == pytest.approx(time.time() - 399 * 86_400, abs=60)
    assert store.get(old) is None


def test_corrected_lyrics_leave_for_want_of_space_after_a_warning(store: Store, config: ServeConfig) -> None:
    plain, *ids = (done(store, config.folder, days) for days in (0.1, 0.3, 0.2))
    first, second = (corrected(config, id) for id in ids)
    full = replace(config, keep_gib=3 * KIB)
    # What was not corrected goes first, even if it is newer.
    assert expire(store, full) == 1
    assert store.get(plain) is None
    assert second.leaves_at is None
    assert first.leaves_at == pytest.approx(time.time() + WARNING_DAYS * 86_400, abs=60)
    assert expires_at(store.over()[0], first, full) == first.leaves_at
    assert expire(store, full) == 0
    assert expire(store, config) == 0
    assert first.leaves_at is None
    first.leaving.write_text("1")
    assert expire(store, full) == 1
    assert [job.id for job in store.jobs()] == [second.id]


def test_old_folders_without_a_job_are_removed(store: Store, config: ServeConfig) -> None:
    fresh, stale = JobFolder(config.folder, new_id()), JobFolder(config.folder, new_id())
    for folder in (fresh, stale):
        folder.make()
        folder.song_with_suffix(".wav").write_bytes(b"x")
        os.utime(folder.path, (1.0, 1.0))
    os.utime(stale.song_with_suffix(".wav"), (1.0, 1.0))
    assert expire(store, config) == 1
    assert folders(config.folder) == [fresh]
