"""Jobs in SQLite: none is lost and none is started twice, with any number of processes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest
from helpers.web.planted_worker import SONG
from sqlalchemy.exc import OperationalError

from lyricsrec.base.errors import DataError, OutputError
from lyricsrec.web.jobs.folder import new_id
from lyricsrec.web.jobs.job import Job, NewJob
from lyricsrec.web.jobs.store import QueueFull, Store

LEASE_S = 60.0


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path)


def add(store: Store) -> Job:
    return store.add(SONG, new_id())


def test_a_job_from_the_queue_to_its_end(store: Store) -> None:
    added = add(store)
    assert {key: value for key, value in asdict(added).items() if key in asdict(SONG)} == asdict(SONG)
    assert (added.state, added.attempts, added.revision, added.is_over) == ("queued", 0, 0, False)
    assert store.get(added.id) == added
    taken = store.claim("w", LEASE_S)
    assert taken is not None
    assert (taken.id, taken.state, taken.attempts, taken.started_at is not None) == (added.id, "running", 1, True)
    assert store.report(added.id, "w", "separating", 0.5)
    shown = store.get(added.id)
    assert shown is not None
    assert (shown.stage, shown.progress) == ("separating", 0.5)
    assert store.renew(added.id, "w", LEASE_S)
    assert store.finish(added.id, "w")
    done = store.get(added.id)
    assert done is not None
    assert (done.state, done.stage, done.progress, done.error, done.is_over) == ("done", None, None, None, True)
    assert done.finished_at is not None
    assert done.finished_at >= taken.started_at >= added.created_at  # type: ignore[operator]


def test_an_error_is_kept(store: Store) -> None:
    job = add(store)
    store.claim("w", LEASE_S)
    store.finish(job.id, "w", error="no sound")
    failed = store.get(job.id)
    assert failed is not None
    assert (failed.state, failed.error) == ("failed", "no sound")


def test_jobs_start_in_order_and_have_positions(store: Store) -> None:
    jobs = [add(store) for _ in range(3)]
    assert [store.position(job.id) for job in jobs] == [1, 2, 3]
    assert [job.id for job in store.jobs()] == [job.id for job in reversed(jobs)]
    assert [job.id for job in store.jobs(limit=1)] == [jobs[2].id]
    first = store.claim("w", LEASE_S)
    assert first is not None
    assert first.id == jobs[0].id
    assert [store.position(job.id) for job in jobs] == [None, 1, 2]
    assert store.position("unknown") is None
    assert store.counts() == {"queued": 2, "running": 1}


def test_a_released_job_keeps_its_position_and_attempts(store: Store) -> None:
    jobs = [add(store), add(store)]
    store.claim("w", LEASE_S)
    assert store.release(jobs[0].id, "w")
    again = store.claim("w", LEASE_S)
    assert again is not None
    assert (again.id, again.attempts) == (jobs[0].id, 1)
    store.release(jobs[0].id, "w", counted=True)
    again = store.claim("w", LEASE_S)
    assert again is not None
    assert (again.id, again.attempts) == (jobs[0].id, 2)


def test_a_full_queue_refuses_jobs(tmp_path: Path) -> None:
    store = Store.open(tmp_path, max_queued=2)
    add(store)
    add(store)
    with pytest.raises(QueueFull, match="2 jobs are waiting"):
        add(store)
    store.claim("w", LEASE_S)
    add(store)


def test_many_threads_fill_the_queue_exactly(tmp_path: Path) -> None:
    store = Store.open(tmp_path, max_queued=20)

    def try_to_add(_: int) -> bool:
        try:
            add(store)
        except QueueFull:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(try_to_add, range(60))) == 20


def test_a_worker_loses_a_cancelled_job(store: Store) -> None:
    job = add(store)
    store.claim("w", LEASE_S)
    cancelled = store.cancel(job.id)
    assert cancelled is not None
    assert cancelled.state == "cancelled"
    assert cancelled.finished_at is not None
    assert not store.renew(job.id, "w", LEASE_S)
    assert not store.report(job.id, "w", "separating", 0.1)
    assert not store.finish(job.id, "w")
    assert not store.release(job.id, "w")
    assert store.get(job.id) == cancelled


def test_cancelling_queued_and_finished_jobs(store: Store) -> None:
    waiting = add(store)
    assert store.cancel(waiting.id).state == "cancelled"  # type: ignore[union-attr]
    assert store.claim("w", LEASE_S) is None
    job = add(store)
    store.claim("w", LEASE_S)
    store.finish(job.id, "w")
    assert store.cancel(job.id).state == "done"  # type: ignore[union-attr]
    assert store.cancel("unknown") is None


def test_a_deleted_job_is_not_found(store: Store) -> None:
    job = add(store)
    store.claim("w", LEASE_S)
    assert store.delete(job.id)
    assert not store.delete(job.id)
    assert store.get(job.id) is None
    assert not store.renew(job.id, "w", LEASE_S)


def test_a_database_that_is_damaged_while_open(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    add(store)
    store.close()
    path = tmp_path / "jobs.sqlite"
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 10_000)
    with pytest.raises(DataError, match="the jobs database is damaged"):
        store.jobs()
    with pytest.raises(DataError, match="the jobs database is damaged"):
        store.claim("w", 60.0)


def claimed(store: Store) -> Job:
    job = store.claim("w", 60)
    assert job is not None
    return job


def seen(store: Store, job: Job) -> Job:
    found = store.get(job.id)
    assert found is not None
    return found


def test_a_job_whose_lyrics_exist_ends_as_done_whatever_happens_to_its_stems(store: Store) -> None:
    job = add(store)
    assert store.want(job.id, "stems") == job
    assert not claimed(store).has_lyrics
    assert store.lyrics_exist(job.id, "w")
    assert not store.lyrics_exist(job.id, "other")
    running = seen(store, job)
    assert (running.state, running.has_lyrics) == ("running", True)
    cancelled = store.cancel(job.id)
    assert cancelled is not None
    assert (cancelled.state, cancelled.error, cancelled.finished_at) == ("done", None, running.finished_at)

    store.want(job.id, "stems")
    for attempt in (1, 2, 3):
        queued = seen(store, job)
        assert (queued.state, queued.has_lyrics, queued.stems) == ("queued", True, True)
        assert claimed(store).attempts == attempt
        assert store.requeue_lost("w") == 1
    assert (seen(store, job).state, seen(store, job).error) == ("done", None)

    store.want(job.id, "stems")
    claimed(store)
    assert store.finish(job.id, "w", error="the disk is full")
    assert (seen(store, job).state, seen(store, job).error) == ("done", None)
    assert seen(store, job).finished_at == running.finished_at
    assert store.want("unknown", "stems") is None


def test_follow_ups_are_wanted_once_each_and_made_in_any_order(store: Store) -> None:
    job = add(store)
    assert store.want(job.id, "melody") == job
    assert store.want("unknown", "melody") is None
    claimed(store)
    assert store.finish(job.id, "w")
    before = store.version()
    for _ in range(2):
        store.want(job.id, "melody")
    store.want(job.id, "chords")
    queued = seen(store, job)
    assert (queued.state, queued.wanted, queued.attempts) == ("queued", "melody chords", 0)
    assert store.version() > before
    claimed(store)
    assert store.made(job.id, "w", "melody")
    assert not store.made(job.id, "other", "chords")
    assert seen(store, job).wanted == "chords"
    # One that is asked for just before the end gets the next turn.
    assert store.finish(job.id, "w")
    assert (seen(store, job).state, seen(store, job).wanted) == ("queued", "chords")
    assert store.cancel(job.id) is not None
    assert (seen(store, job).state, seen(store, job).wanted) == ("done", "")


def test_what_is_taken_back_leaves_the_queue_unless_something_else_is_wanted(store: Store) -> None:
    job = add(store)
    claimed(store)
    assert store.finish(job.id, "w")
    store.want(job.id, "timing")
    store.want(job.id, "stems")
    left = store.unwant(job.id, "timing")
    assert left is not None
    assert (left.state, left.wanted, left.stems) == ("queued", "stems", True)
    claimed(store)
    assert [job.id for job in store.wanting()] == [job.id]
    assert store.made(job.id, "w", "stems")
    assert store.wanting() == []
    assert store.finish(job.id, "w")
    store.want(job.id, "timing")
    left = store.unwant(job.id, "timing")
    assert left is not None
    assert (left.state, left.wanted) == ("done", "")


def test_an_abandoned_job_is_requeued_and_fails_the_third_time(store: Store) -> None:
    job = add(store)
    for attempt in (1, 2):
        store.claim("w", -1.0)
        assert store.requeue_lost() == 1
        found = store.get(job.id)
        assert found is not None
        assert (found.state, found.attempts, found.stage, found.started_at) == ("queued", attempt, None, None)
    store.claim("w", -1.0)
    assert store.requeue_lost() == 1
    failed = store.get(job.id)
    assert failed is not None
    assert failed.state == "failed"
    assert str(failed.error).startswith("processing crashed 3 times on this song: it may need more memory")
    assert store.requeue_lost() == 0


def test_only_abandoned_jobs_are_requeued(store: Store) -> None:
    kept, lost = add(store), add(store)
    store.claim("alive", LEASE_S)
    store.claim("dead", LEASE_S)
    assert store.requeue_lost() == 0
    assert store.requeue_lost("dead") == 1
    assert store.get(kept.id).state == "running"  # type: ignore[union-attr]
    assert store.get(lost.id).state == "queued"  # type: ignore[union-attr]
    # The worker that was assumed dead cannot finish the job any more.
    assert not store.finish(lost.id, "dead")


def test_a_revision_is_bumped_only_from_the_current_one(store: Store) -> None:
    job = add(store)
    assert store.bump_revision(job.id, 0) == 1
    assert store.bump_revision(job.id, 0) is None
    assert store.bump_revision(job.id, 1) == 2
    assert store.bump_revision("unknown", 0) is None
    assert store.get(job.id).revision == 2  # type: ignore[union-attr]


def test_the_version_changes_exactly_with_what_clients_see(store: Store) -> None:
    def changes() -> bool:
        nonlocal before
        before, last = store.version(), before
        return before != last

    before = store.version()
    job = add(store)
    assert changes()
    store.claim("w", LEASE_S)
    assert changes()
    store.report(job.id, "w", "separating", 0.5)
    assert changes()
    store.renew(job.id, "w", LEASE_S)
    store.claim("w", LEASE_S)
    store.requeue_lost()
    assert not changes()
    store.finish(job.id, "w")
    assert changes()
    store.bump_revision(job.id, 0)
    assert changes()
    store.delete(job.id)
    assert changes()


def test_finished_jobs_are_listed_in_the_order_of_their_ends(store: Store) -> None:
    jobs = [add(store) for _ in range(3)]
    store.cancel(jobs[1].id)
    store.claim("w", LEASE_S)
    store.finish(jobs[0].id, "w")
    assert [job.id for job in store.over()] == [jobs[1].id, jobs[0].id]


CLAIM_ALL = """
import sys
from pathlib import Path
from lyricsrec.web.jobs.store import Store
store = Store.open(Path(sys.argv[1]))
sys.stdin.readline()
while (job := store.claim(sys.argv[2], 60.0)) is not None:
    store.report(job.id, sys.argv[2], "x", 0.5)
    store.finish(job.id, sys.argv[2])
    print(job.id)
"""


def test_no_two_processes_claim_the_same_job(store: Store, tmp_path: Path) -> None:
    ids = [add(store).id for _ in range(60)]
    command = [sys.executable, "-c", CLAIM_ALL, str(tmp_path)]
    workers = [
        subprocess.Popen([*command, f"w{i}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for i in range(4)
    ]
    for worker in workers:
        worker.stdin.write("go\n")  # type: ignore[union-attr]
        worker.stdin.flush()  # type: ignore[union-attr]
    taken = [worker.communicate(timeout=60)[0].split() for worker in workers]
    assert sorted(id for part in taken for id in part) == sorted(ids)
    assert [worker.returncode for worker in workers] == [0] * 4
    assert all(job.attempts == 1 and job.state == "done" for job in store.jobs())


FILL = """
import resource, sys
from pathlib import Path
from lyricsrec.base.errors import OutputError
from lyricsrec.web.jobs.folder import new_id
from lyricsrec.web.jobs.job import NewJob
from lyricsrec.web.jobs.store import Store
store = Store.open(Path(sys.argv[1]), max_queued=10**6)
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
job = NewJob("transcribe", "n" * 2000, "p", language=None, stems=False, duration_s=1.0, size_bytes=1)
try:
    while True:
        print(store.add(job, new_id()).id)
except OutputError as error:
    print("full:", error.hint)
"""


def test_a_full_disk_loses_no_queued_job(tmp_path: Path) -> None:
    # A limit on file sizes simulates a full disk: writes fail in the middle of a file.
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )
    *ids, last = done.stdout.splitlines()
    assert last == "full: Check whether the disk is full.", done.stderr
    store = Store.open(tmp_path, max_queued=10**6)
    assert [job.id for job in store.jobs(limit=10**6)] == ids[::-1]
    assert len(ids) > 5
    add(store)
    with sqlite3.connect(tmp_path / "jobs.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_failed_write_is_an_output_error(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr("lyricsrec.web.jobs.store._count", fail)
    with pytest.raises(OutputError, match=r"^the jobs database cannot be used \(database or disk is full\)$"):
        add(store)
    monkeypatch.undo()
    add(store)


def test_reading_does_not_wait_for_writers(store: Store, tmp_path: Path) -> None:
    job = add(store)
    other = sqlite3.connect(tmp_path / "jobs.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE jobs SET state = 'running'")
    found: list[Job | None] = []
    reader = threading.Thread(target=lambda: found.append(store.get(job.id)))
    reader.start()
    reader.join(5)
    other.execute("ROLLBACK")
    other.close()
    assert found == [job]


def test_values_that_look_like_sql(store: Store) -> None:
    name = "x'; DROP TABLE jobs; --"
    job = store.add(NewJob("transcribe", name, "p", language="'", stems=True, duration_s=None, size_bytes=1), new_id())
    assert store.get(job.id).name == name  # type: ignore[union-attr]
    assert store.get("' OR 1=1 --") is None
