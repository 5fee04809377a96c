"""A song gets another title and artist, over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("fastapi")

from helpers.web.served import serving


def test_a_song_is_renamed_in_the_list_and_in_downloads(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        folder = server.finish(server.add("track 7.mp3"))
        path, lrc = f"/api/jobs/{folder.id}", f"/api/jobs/{folder.id}/download/lrc"
        assert "[ti:song]" in server.client.get(lrc).text
        version = server.service.store.version()
        renamed = server.client.patch(path, json={"title": " On the Run ", "artist": "Josh"}).json()
        assert (renamed["title"], renamed["artist"], renamed["name"]) == ("On the Run", "Josh", "track 7.mp3")
        # Other pages are told.
        assert server.service.store.version() > version
        assert server.client.get("/api/jobs").json()["jobs"][0]["title"] == "On the Run"
        assert server.client.get(lrc).text.splitlines()[:2] == ["[ti:On the Run]", "[ar:Josh]"]
        names = [*(f"a{sign}b" for sign in "\n\x85\u2028\u202e"), "x" * 201]
        for wrong in (*({"title": name} for name in names), {"artist": "no title"}, {"title": "a", "state": "done"}):
            assert server.client.patch(path, json=wrong).status_code == 422
        assert server.client.patch("/api/jobs/none", json={"title": "a"}).status_code == 404
        assert server.client.patch(path, json={"title": ""}).json()["title"] is None
        assert "[ti:song]" in server.client.get(lrc).text


def test_a_job_has_the_language_that_was_asked_for_or_found(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        folder = server.finish(server.add("song.mp3"))
        path = f"/api/jobs/{folder.id}"
        assert server.client.get(path).json()["sung_language"] is None
        folder.language.write_text("de")
        found = server.client.get(path).json()
        assert (found["sung_language"], found["language"]) == ("de", None)
