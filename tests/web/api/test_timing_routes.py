"""Times for words without times, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("fastapi")

from helpers.web.served import TRANSCRIPT, Served, serving

from lyricsrec.web.jobs.folder import JobFolder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.fixture
def folder(server: Served) -> JobFolder:
    """A song with lyrics."""
    for job in server.service.store.jobs():
        server.client.delete(f"/api/jobs/{job.id}")
    return server.finish(server.add())


def untimed() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(TRANSCRIPT.to_json())
    document["lines"][0]["words"][1].update(start_s=None, end_s=None)
    return {"revision": 0, "transcript": document}


def test_words_are_timed_by_the_worker_and_nothing_is_saved(server: Served, folder: JobFolder) -> None:
    path = f"/api/jobs/{folder.id}/timing"
    assert server.client.get(path).status_code == 404
    asked = server.client.post(path, json=untimed())
    assert (asked.status_code, asked.json()["wanted"], asked.json()["has_lyrics"]) == (202, ["timing"], True)
    assert json.loads(folder.untimed.read_text())["lines"][0]["words"][1]["start_s"] is None
    assert [server.client.get(path).status_code, server.client.post(path, json=untimed()).status_code] == [409, 409]
    stopped = server.client.delete(path)
    assert (stopped.status_code, stopped.json()["wanted"], stopped.json()["state"]) == (200, [], "done")
    assert server.client.get(path).json() == {
        "error": "no words of this song were timed", "hint": "POST /api/jobs/ID/timing does."
    }  # fmt: skip
    folder.retimed.write_text('{"transcript": {"schema": 1}}')
    assert server.client.get(path).json() == {"transcript": {"schema": 1}}
    folder.retimed.write_text('{"error": "nobody sings"}')
    failed = server.client.get(path)
    assert (failed.status_code, failed.json()["error"]) == (409, "the words could not be timed: nobody sings")
    # The next request does not find old results.
    server.client.post(path, json=untimed())
    assert not folder.retimed.exists()
    assert (server.client.get(f"/api/jobs/{folder.id}").json()["revision"], folder.edited.exists()) == (0, False)


def test_what_cannot_be_timed_is_refused(server: Served, folder: JobFolder) -> None:
    path = f"/api/jobs/{folder.id}/timing"
    complete = {"revision": 0, "transcript": json.loads(TRANSCRIPT.to_json())}
    answers = [
        server.client.post(path, json=complete),
        server.client.post(path, json={"revision": 0}),
        server.client.post(path, content=b"\xff"),
        server.client.post(f"/api/jobs/{server.add().id}/timing", json=untimed()),
        server.client.post("/api/jobs/none/timing", json=untimed()),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 409, 404]
    assert answers[0].json()["error"] == "all words have times"
    assert not folder.untimed.exists()
