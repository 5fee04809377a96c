"""Uploads: what is accepted, what is refused, and that a refused upload leaves no files."""

from __future__ import annotations

import contextlib
import errno
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy
from helpers.sounds import chord, write_song
from helpers.web.served import LYRICS, SONG, Served, serving, until

from lyricsrec.base.errors import OutputError
from lyricsrec.web.failures import Refused
from lyricsrec.web.intake import body_limit, form, intake
from lyricsrec.web.intake.form import MAX_NAME, display_title
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.songs.probe import Probed

BUILTIN = {"preset": "builtin"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("data"), max_upload_mb=2, max_duration_s=14) as server:
        yield server


@pytest.fixture
def unprobed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accepts any file as a song, at once."""
    monkeypatch.setattr(intake, "probe", lambda *_: Probed(10.0, ".wav"))


@pytest.fixture(autouse=True)
def _nothing_is_left(server: Served) -> Iterator[None]:
    for job in server.service.store.jobs():
        server.client.delete(f"/api/jobs/{job.id}")
    yield
    assert not server.leftovers()
    folders = {path.name for path in (server.service.config.folder / "jobs").glob("*")}
    assert folders == {job.id for job in server.service.store.jobs()}


def post(server: Served, content: bytes = b"sound", name: str = "song.wav", **fields: str) -> httpx.Response:
    return server.client.post("/api/jobs", files={"file": (name, content)}, data=BUILTIN | fields)


def test_a_song_becomes_a_job(server: Served) -> None:
    answer = post(server, SONG.read_bytes(), "Süße Töne.mp3", stems="true")
    assert answer.status_code == 201
    job = answer.json()
    assert (job["name"], job["kind"], job["state"], job["preset"]) == (
        "Süße Töne.mp3",
        "transcribe",
        "queued",
        "builtin",
    )
    assert (job["stems"], job["language"], job["position"], job["formats"]) == (True, None, 1, [])
    assert job["size_bytes"] == SONG.stat().st_size
    assert job["duration_s"] == pytest.approx(13.68, abs=0.01)
    folder = JobFolder(server.service.config.folder, job["id"])
    # The suffix fits the content, not the client's file name.
    assert folder.song == folder.song_with_suffix(".flac")
    assert folder.song.read_bytes() == SONG.read_bytes()
    assert server.client.get(f"/api/jobs/{job['id']}").json() == job


@pytest.mark.usefixtures("unprobed")
@pytest.mark.parametrize("as_file", [False, True])
def test_lyrics_come_as_text_or_as_a_file(server: Served, as_file: bool) -> None:
    lyrics = "[00:01.00]süß\r\n[00:02.00]so far\n".encode()
    files = {"file": ("song.wav", b"sound")} | ({"lyrics": ("song.lrc", lyrics)} if as_file else {})
    data = {"kind": "align", "language": "DE"} | ({} if as_file else {"lyrics": lyrics.decode()})
    job = server.client.post("/api/jobs", files=files, data=data).json()
    assert (job["kind"], job["language"]) == ("align", "de")
    assert JobFolder(server.service.config.folder, job["id"]).lyrics.read_bytes() == lyrics


@pytest.mark.parametrize(
    ("fields", "status", "word"),
    [
        ({"preset": "nobodys"}, 400, "preset"),
        ({"preset": "../../models"}, 400, "preset"),
        ({"preset": "whisper"}, 400, "not on this server"),
        ({"kind": "guess"}, 400, "kind"),
        ({"language": "../x"}, 400, "language"),
        ({"language": "english"}, 400, "language"),
        ({"language": "de"}, 400, "does not support"),
        ({"stems": "perhaps"}, 400, "stems"),
        ({"lyrics": "la la"}, 400, "not used"),
        ({"speed": "fast"}, 400, "unknown field 'speed'"),
        ({"kind": "align"}, 422, "no lyrics"),
        ({"kind": "align", "lyrics": " \n\n"}, 422, "no lyrics"),
        ({"kind": "align", "lyrics": "[Chorus]\n"}, 422, "no lyrics"),
        ({"kind": "align", "lyrics": "la\n" * 70_000}, 400, "too long"),
    ],
)
@pytest.mark.usefixtures("unprobed")
def test_invalid_fields_are_refused(server: Served, fields: dict[str, str], status: int, word: str) -> None:
    answer = post(server, **fields)
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error", "hint"}
    assert word in answer.json()["error"]


@pytest.mark.parametrize(
    ("body", "kind", "word"),
    [
        (b"{}", "application/json", "not a multipart form"),
        (b"", "text/plain", "not a multipart form"),
        (b"anything", "multipart/form-data", "not a multipart form"),
        (b"anything", "multipart/form-data; boundary=x", "not a multipart form"),
        (b"anything", "multipart/form-data; boundary=" + "x" * 300, "not a multipart form"),
        (b"--x\r\n\r\n\r\n--x--\r\n", "multipart/form-data; boundary=x", "unknown field ''"),
        (b"--x--\r\n", "multipart/form-data; boundary=x", "no song"),
        (b'--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--x--\r\n', "", "no song"),
        (b'--x\r\nContent-Disposition: form-data; name="file"; filename="s"\r\n\r\nbegun', "", "incomplete"),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="s"\r\n\r\n1\r\n' * 2 + b"--x--",
            "",
            "more than one",
        ),
        (b'--x\r\nContent-Disposition: form-data; name="kind"\r\n\r\n1\r\n' * 2 + b"--x--", "", "more than one"),
    ],
)
def test_malformed_forms_are_refused(server: Served, body: bytes, kind: str, word: str) -> None:
    kind = kind or "multipart/form-data; boundary=x"
    answer = server.client.post("/api/jobs", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert word in answer.json()["error"]


def test_files_that_are_not_audio_are_refused(server: Served) -> None:
    answer = post(server, b"<html>" * 1000, "song.mp3")
    assert answer.status_code == 415
    assert "song.mp3" in answer.json()["error"]
    assert str(server.service.config.folder) not in answer.text


def test_songs_that_are_too_long_are_refused(server: Served, tmp_path: Path) -> None:
    song = write_song(tmp_path / "long.wav", chord(20.0, 8000), 8000)
    answer = post(server, song.read_bytes())
    assert answer.status_code == 413
    assert "longer than" in answer.json()["error"]


@pytest.mark.parametrize("is_announced", [True, False])
@pytest.mark.usefixtures("unprobed")
def test_files_that_are_too_large_are_refused(server: Served, is_announced: bool) -> None:
    request = server.client.build_request("POST", "/api/jobs", files={"file": ("song.wav", bytes(3_000_000))})
    body = request.read()
    content = body if is_announced else (body[i : i + 50_000] for i in range(0, len(body), 50_000))
    answer = server.client.post("/api/jobs", content=content, headers={"Content-Type": request.headers["content-type"]})
    assert answer.status_code == 413
    assert answer.json() == {"error": "the upload is too large", "hint": "The limit is 2 MB."}


def test_large_documents_are_refused(server: Served) -> None:
    answer = server.client.put("/api/jobs/x/transcript", content=(bytes(1 << 20) for _ in range(40)))
    assert answer.status_code == 413


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/jobs"), ("PUT", f"/api/jobs/{'A' * 22}/transcript")])
def test_a_slow_body_is_refused(server: Served, monkeypatch: pytest.MonkeyPatch, method: str, path: str) -> None:
    monkeypatch.setattr(body_limit, "_MAX_WAIT_S", 0.5)
    kind = "multipart/form-data; boundary=b" if method == "POST" else "application/json"
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: 5000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", httpx.URL(server.url).port or 0)) as connection:
        connection.settimeout(0.1)
        connection.sendall(head.encode() + b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n')
        answer, began = b"", time.monotonic()
        while not answer and time.monotonic() - began < 30:
            with contextlib.suppress(TimeoutError):
                connection.sendall(b"-")
                answer = connection.recv(1000)
    assert answer.startswith(b"HTTP/1.1 408")
    assert not server.leftovers()


@pytest.mark.usefixtures("unprobed")
def test_a_client_that_disconnects_leaves_no_files(server: Served) -> None:
    def broken() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="s.wav"\r\n\r\n' + bytes(500_000)
        until(server.leftovers)
        raise ConnectionError

    with httpx.Client(base_url=server.url) as client, pytest.raises(ConnectionError):
        client.post("/api/jobs", content=broken(), headers={"Content-Type": "multipart/form-data; boundary=x"})
    until(lambda: not server.leftovers())
    assert not server.service.store.jobs()


@pytest.mark.usefixtures("unprobed")
def test_a_full_disk_is_reported_and_leaves_no_files(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/somewhere/secret")

    with monkeypatch.context() as patch:
        patch.setattr(form._FormWriter, "write", full)
        first = post(server)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", full)
        second = post(server)
    with monkeypatch.context() as patch:
        # Fails like a write through base.output.
        patch.setattr(Path, "replace", full)
        third = post(server, kind="align", lyrics="la la")
    for answer in (first, second, third):
        assert answer.status_code == 507
        assert "disk" in answer.json()["error"]
        assert "secret" not in answer.text
    assert post(server).status_code == 201


@pytest.mark.usefixtures("unprobed")
def test_a_database_that_cannot_grow_is_a_full_disk(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        cause = sqlite3.OperationalError("database or disk is full")
        raise OutputError("cannot be written") from sqlalchemy.exc.OperationalError("INSERT", {}, cause)

    monkeypatch.setattr(type(server.service.store), "add", full)
    assert post(server).status_code == 507


@pytest.mark.usefixtures("unprobed")
def test_an_unexpected_error_shows_no_traceback(
    server: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(type(server.service.store), "add", lambda *_: 1 / 0)
    answer = post(server)
    assert answer.status_code == 500
    assert "division" not in answer.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.usefixtures("unprobed")
def test_a_full_queue_says_when_to_retry(tmp_path: Path) -> None:
    with serving(tmp_path, max_queued=2) as server:
        answers = [post(server) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        assert int(answers[2].headers["retry-after"]) > 0
        assert [answer.json()["position"] for answer in answers[:2]] == [1, 2]
        assert len(list((tmp_path / "jobs").iterdir())) == 2


def test_remains_of_a_killed_server_are_removed_at_the_start(tmp_path: Path) -> None:
    remains = JobFolder(tmp_path / "incoming", "A" * 22)
    remains.make()
    remains.song_with_suffix(".part").write_bytes(b"half")
    with serving(tmp_path) as server:
        assert not server.leftovers()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("song.mp3", "song.mp3"),
        ("../../etc/passwd", "passwd"),
        ("C:\\songs\\a.mp3", "a.mp3"),
        ("a\nb\x00\x1b[31m.mp3", "ab[31m.mp3"),
        ("\u202e3pm.exe", "3pm.exe"),
        ("  so   far ", "so far"),
        ("..", ".."),
        ("", "song"),
        ("\n", "song"),
        ("x" * 300, "x" * MAX_NAME),
    ],
)
def test_file_names_become_display_titles(given: str, shown: str) -> None:
    assert display_title(given) == shown


def test_refused_is_an_http_error() -> None:
    refused = Refused(418, "short and stout", "Pour.")
    assert (refused.status_code, refused.detail, refused.hint) == (418, "short and stout", "Pour.")


def test_the_lyrics_of_the_example_are_accepted(server: Served) -> None:
    assert post(server, SONG.read_bytes(), kind="align", lyrics=LYRICS.read_text()).status_code == 201
