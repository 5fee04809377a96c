"""Server-sent events: the current state first, then every change, to all subscribers."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from helpers.web.served import Listener, Served, serving, until


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.fixture(autouse=True)
def _nothing_there(server: Served) -> Iterator[None]:
    yield
    for job in server.service.store.jobs():
        server.client.delete(f"/api/jobs/{job.id}")
    # Subscribers that disconnected are forgotten, and polling stops.
    until(lambda: server.service.feed.num_subscribers == 0)


def test_all_jobs_as_they_change(server: Served) -> None:
    first, second = server.add("first.wav"), server.add("second.wav")
    store = server.service.store
    with Listener(server.url, "/api/events") as events:
        present = [events.next(), events.next()]
        assert [(event.data["id"], event.data["position"]) for event in present if event] == [
            (first.id, 1),
            (second.id, 2),
        ]
        assert store.claim("w", 60) is not None
        running = events.until_state(first.id, "running")[-1]
        assert (running.name, running.data["stage"], running.data["position"]) == ("job", None, None)
        # The other one moved up, too.
        assert [event.data for event in events.until(lambda event: event.data["id"] == second.id)][-1]["position"] == 1
        store.report(first.id, "w", "separating", 0.5)
        moved = events.next()
        assert moved is not None
        assert (moved.data["stage"], moved.data["progress"]) == ("separating", 0.5)
        store.finish(first.id, "w")
        assert events.until_state(first.id, "done")[-1].data["formats"]
        server.client.delete(f"/api/jobs/{second.id}")
        gone = events.next()
        assert gone is not None
        assert (gone.name, gone.data) == ("deleted", {"id": second.id})


def test_events_are_the_jobs_of_the_list(server: Served) -> None:
    job = server.add()
    with Listener(server.url, "/api/events") as events:
        event = events.next()
        assert event is not None
        assert event.data == server.client.get(f"/api/jobs/{job.id}").json()
        server.finish(job)
        assert events.until_state(job.id, "done")[-1].data == server.client.get("/api/jobs").json()["jobs"][0]


def test_one_job_and_its_end(server: Served) -> None:
    job, _other = server.add(), server.add()
    with Listener(server.url, f"/api/jobs/{job.id}/events") as events:
        server.client.post(f"/api/jobs/{job.id}/cancel")
        assert {event.data["id"] for event in events.until_state(job.id, "cancelled")} == {job.id}
        assert events.next() is None
    # A finished job sends its final state, and the stream ends.
    with Listener(server.url, f"/api/jobs/{job.id}/events") as events:
        assert [event.data["state"] for event in events.until_state(job.id, "cancelled")] == ["cancelled"]
        assert events.next() is None


def test_a_browser_does_not_reconnect_to_a_finished_job(server: Served) -> None:
    job = server.add()
    path = f"/api/jobs/{job.id}/events"
    server.client.post(f"/api/jobs/{job.id}/cancel")
    events = server.client.get(path).text
    assert events.splitlines()[0] == "id: cancelled"
    assert server.client.get(path, headers={"Last-Event-ID": "cancelled"}).status_code == 204
    assert server.client.get(path, headers={"Last-Event-ID": "done"}).text == events


def test_one_job_that_is_deleted(server: Served) -> None:
    job, _other = server.add(), server.add()
    with Listener(server.url, f"/api/jobs/{job.id}/events") as events:
        assert events.next() is not None
        server.client.delete(f"/api/jobs/{job.id}")
        gone = events.next()
        assert gone is not None
        assert (gone.name, gone.data) == ("deleted", {"id": job.id})
        assert events.next() is None


def test_an_unchanged_job_sends_no_event(server: Served) -> None:
    job, other = server.add(), server.add()
    with (
        Listener(server.url, f"/api/jobs/{job.id}/events") as events,
        Listener(server.url, "/api/events") as all_events,
    ):
        assert events.next() is not None
        server.client.post(f"/api/jobs/{other.id}/cancel")
        all_events.until_state(other.id, "cancelled")
        server.client.post(f"/api/jobs/{job.id}/cancel")
        assert [event.data["state"] for event in events.until_state(job.id, "cancelled")] == ["cancelled"]


def test_many_subscribers_share_one_query(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    queries = []
    jobs = type(server.service.store).jobs
    monkeypatch.setattr(type(server.service.store), "jobs", lambda *args: queries.append(1) or jobs(*args))
    job = server.add()
    listeners = [Listener(server.url, "/api/events") for _ in range(20)]
    try:
        for events in listeners:
            events.until_state(job.id, "queued")
        assert server.service.feed.num_subscribers == 20
        before = len(queries)
        server.service.store.cancel(job.id)
        for events in listeners:
            events.until_state(job.id, "cancelled")
        assert len(queries) == before + 1
    finally:
        for events in listeners:
            events.__exit__(None, None, None)


def test_polling_survives_a_failing_database(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    job = server.add()
    with Listener(server.url, "/api/events") as events:
        assert events.next() is not None
        with monkeypatch.context() as patch:
            failed = []
            patch.setattr(type(server.service.store), "version", lambda _: failed.append(1) or 1 / 0)
            until(lambda: failed)
        server.service.store.cancel(job.id)
        assert events.until_state(job.id, "cancelled")


@pytest.mark.parametrize("id", ["nothing", "A" * 22, "..%2f..%2fetc"])
def test_an_unknown_job(server: Served, id: str) -> None:
    assert server.client.get(f"/api/jobs/{id}/events").status_code == 404


def test_events_are_not_cached(server: Served) -> None:
    with httpx.stream("GET", f"{server.url}/api/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
