"""Songs that are deleted while a request works on them: 404, and nothing is left."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("fastapi")

from helpers.web.served import TRANSCRIPT, Served, serving, until

from lyricsrec.web.api import corrections, results
from lyricsrec.web.api.karaoke import routes as karaoke
from lyricsrec.web.jobs.expiry import remove_job
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.songs import drawings


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("data")) as server:
        yield server


def _untimed() -> dict[str, Any]:
    document = json.loads(TRANSCRIPT.to_json())
    document["lines"][0]["words"][0] |= {"start_s": None, "end_s": None}
    return {"revision": 0, "transcript": document}


CASES: dict[str, tuple[object, str, Callable[[httpx.Client, str], httpx.Response]]] = {
    "timing": (corrections, "read_edit", lambda client, path: client.post(f"{path}/timing", json=_untimed())),
    "karaoke": (karaoke, "config_of", lambda client, path: client.post(f"{path}/karaoke/ass", json={})),
    "audio": (results, "plain_file", lambda client, path: client.get(f"{path}/audio")),
    "correction": (corrections, "read_edit", lambda client, path: client.put(f"{path}/transcript", json=_untimed())),
}


@pytest.mark.parametrize("case", CASES)
def test_requests_for_deleted_songs_leave_nothing(server: Served, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, name, send = CASES[case]
    folder = server.finish(server.add())
    before = getattr(module, name)

    def deleting(*arguments: Any) -> Any:
        result = before(*arguments)
        remove_job(server.service.store, folder)
        return result

    monkeypatch.setattr(module, name, deleting)
    found = send(server.client, f"/api/jobs/{folder.id}")
    assert (found.status_code, found.json()["error"]) == (404, "no job has this id")
    until(lambda: not folder.path.exists())


def test_a_drawing_of_a_deleted_song_is_not_kept(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    folder: JobFolder = server.finish(server.add())

    def deleting(path: Path, *_: Any) -> str:
        remove_job(server.service.store, folder)
        return "{}"

    monkeypatch.setitem(drawings._READ, "spectrogram", deleting)
    assert server.client.get(f"/api/jobs/{folder.id}/spectrogram").status_code in (200, 404)
    until(lambda: not folder.path.exists())
