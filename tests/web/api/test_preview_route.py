"""A preview of pasted lyrics, over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("fastapi")

from helpers.web.served import serving


def test_pasted_lyrics_are_previewed(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        answer = server.client.post("/api/lyrics/preview", json={"lyrics": "[Chorus]\nSo far (x2)"})
        rows = answer.json()["rows"]
        assert (answer.status_code, answer.json()["sung"]) == (200, ["So far", "So far"])
        assert [row["left_out"] for row in rows] == [
            [{"text": "[Chorus]", "reason": "a heading"}],
            [{"text": "(x2)", "reason": "sung 2 times"}],
        ]
        for body in (b"", b"[]", b'{"lyrics": 1}', b'{"lyrics": "a", "more": 1}'):
            refused = server.client.post("/api/lyrics/preview", content=body)
            assert (refused.status_code, refused.json()["error"]) == (400, "invalid request")
        assert server.leftovers() == []
