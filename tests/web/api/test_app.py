"""Jobs, results and corrections over HTTP; the tests play the worker."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers.files import EXAMPLES
from helpers.web.served import TRANSCRIPT, WORDS, Served, serving

from lyricsrec.base.errors import OutputError
from lyricsrec.formats.registry import OUTPUT_FORMATS, TEXT_SUFFIXES
from lyricsrec.lyrics.transcript import Line, Placement
from lyricsrec.music.form.sections import with_sections
from lyricsrec.version import VERSION
from lyricsrec.web.api.results import attachment
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.store import Store

ABSENT = "A" * 22
Document = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.fixture(autouse=True)
def _nothing_there(server: Served) -> Iterator[None]:
    yield
    for job in server.service.store.jobs():
        server.client.delete(f"/api/jobs/{job.id}")


@pytest.fixture
def done(server: Served) -> str:
    """The path of a finished job."""
    job = server.add("Süße Töne.v2.mp3")
    server.finish(job)
    return f"/api/jobs/{job.id}"


def test_jobs_are_listed_newest_first(server: Served) -> None:
    jobs = [server.add(f"{number}.wav") for number in range(3)]
    listed = server.client.get("/api/jobs").json()["jobs"]
    assert [(job["id"], job["position"]) for job in listed] == [
        (job.id, i) for i, job in reversed([*enumerate(jobs, 1)])
    ]
    assert listed[0] == server.client.get(f"/api/jobs/{jobs[2].id}").json()
    assert set(listed[0]) >= {"state", "stage", "progress", "error", "created_at", "formats", "has_stems", "attempts"}


def test_a_job_is_cancelled_once(server: Served) -> None:
    job = server.add()
    for _ in range(2):
        answer = server.client.post(f"/api/jobs/{job.id}/cancel")
        assert answer.status_code == 200
        assert (answer.json()["state"], answer.json()["position"]) == ("cancelled", None)


def test_a_deleted_job_leaves_no_files(server: Served) -> None:
    job = server.add()
    assert server.client.delete(f"/api/jobs/{job.id}").status_code == 204
    assert server.client.get(f"/api/jobs/{job.id}").status_code == 404
    assert server.client.delete(f"/api/jobs/{job.id}").status_code == 404
    assert not list((server.service.config.folder / "jobs").iterdir())


def test_a_job_can_be_deleted_on_a_full_disk(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    job = server.add()
    folder = server.service.folder(job.id)
    delete = Store.delete

    def full(store: Store, id: str) -> bool:
        if folder.path.exists():
            raise OutputError("database or disk is full")
        return delete(store, id)

    monkeypatch.setattr(Store, "delete", full)
    assert server.client.delete(f"/api/jobs/{job.id}").status_code == 204
    assert server.client.get(f"/api/jobs/{job.id}").status_code == 404


def test_a_song_is_processed_again_without_an_upload(server: Served, done: str) -> None:
    before = server.client.get(done).json()
    answer = server.client.post(f"{done}/again", json={"kind": "align", "lyrics": "so far\naway", "stems": True})
    assert answer.status_code == 201
    new = answer.json()
    assert (new["kind"], new["stems"], new["state"]) == ("align", True, "queued")
    assert new["id"] != before["id"]
    assert [new[name] for name in ("name", "duration_s", "size_bytes")] == ["Süße Töne.v2.mp3", 10.0, 100]
    # The song and its lyrics stay, whatever happens to the other one.
    folder = server.service.folder(new["id"])
    assert folder.lyrics.read_text("utf-8") == "so far\naway"
    server.client.delete(done)
    assert folder.song is not None
    assert folder.song.read_bytes() == bytes(range(100))
    server.client.post(f"/api/jobs/{new['id']}/cancel")
    retried = server.client.post(f"/api/jobs/{new['id']}/again")
    assert retried.json()["kind"] == "align"
    assert server.service.folder(retried.json()["id"]).lyrics.read_text("utf-8") == "so far\naway"
    # A cancelled or failed one is replaced.
    assert [job["id"] for job in server.client.get("/api/jobs").json()["jobs"]] == [retried.json()["id"]]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"kind": "sing"}', 400),
        ('{"stems": "yes"}', 400),
        ('{"other": 1}', 400),
        ("[", 400),
        ('{"preset": "nothing"}', 400),
        ('{"language": "english"}', 400),
        ('{"lyrics": "la"}', 400),
        ('{"kind": "align", "lyrics": "  "}', 422),
        ('{"kind": "align"}', 422),
    ],
)
def test_what_cannot_be_done_again_leaves_nothing(server: Served, done: str, body: str, status: int) -> None:
    answer = server.client.post(f"{done}/again", content=body)
    assert (answer.status_code, set(answer.json())) == (status, {"error", "hint"})
    assert len(server.client.get("/api/jobs").json()["jobs"]) == 1
    assert server.leftovers() == []


PATHS = [
    "",
    "/cancel",
    "/again",
    "/follow-ups/melody",
    "/transcript",
    "/download/lrc",
    "/audio",
    "/stems/vocals",
    "/peaks",
    "/events",
]


@pytest.mark.parametrize("id", [ABSENT, "x", "..%2f..%2f..%2fetc%2fpasswd", "%00", "A" * 5000])
@pytest.mark.parametrize("path", PATHS)
def test_unknown_ids(server: Served, id: str, path: str) -> None:
    answer = server.client.request("POST" if path in ("/cancel", "/again") else "GET", f"/api/jobs/{id}{path}")
    assert answer.status_code == 404
    assert set(answer.json()) == {"error", "hint"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/api/nothing", 404),
        ("GET", "/static/nothing.js", 404),
        ("GET", "/static/..%2fapp.py", 404),
        ("GET", "/docs", 404),
        ("PATCH", "/api/jobs", 405),
        ("POST", "/", 405),
        ("GET", f"/api/jobs/{ABSENT}/stems/drums", 422),
        ("PUT", f"/api/jobs/{ABSENT}/transcript", 404),
    ],
)
def test_all_errors_have_one_form(server: Served, method: str, path: str, status: int) -> None:
    answer = server.client.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "hint"}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/jobs", "GET, POST"),
        (f"/api/jobs/{ABSENT}", "DELETE, GET, PATCH"),
        (f"/api/jobs/{ABSENT}/transcript", "DELETE, GET, PUT"),
        ("/", "GET, HEAD"),
        ("/static/app.js", "GET, HEAD"),
    ],
)
def test_a_wrong_method_gets_the_allowed_ones(server: Served, path: str, allowed: str) -> None:
    answer = server.client.options(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b"nonsense", b'{"revision": "x", "transcript": []}'])
def test_malformed_bodies(server: Served, done: str, body: bytes) -> None:
    answer = server.client.put(f"{done}/transcript", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert set(answer.json()) == {"error", "hint"}


def test_browsers_cache_the_page_and_revalidate_it(server: Served) -> None:
    for path in ("/", "/static/app.js", "/static/base.css"):
        answer = server.client.get(path)
        assert answer.status_code == 200
        again = server.client.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
    assert server.client.get("/").headers["content-type"].startswith("text/html")


def test_the_interface_has_an_openapi_document(server: Served) -> None:
    document = server.client.get("/api/openapi.json").json()
    assert document["info"]["version"] == VERSION
    upload = document["paths"]["/api/jobs"]["post"]
    fields = upload["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    assert set(fields) == {"file", "kind", "preset", "language", "lyrics", "stems"}
    assert {"201", "400", "413", "415", "429", "507"} <= set(upload["responses"])
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert all(operation["summary"] and operation["description"] for operation in operations)
    assert "ErrorOut" in json.dumps(upload["responses"])


def test_health(server: Served) -> None:
    server.add()
    expected = {"status": "ok", "version": VERSION, "queued": 1, "running": 0, "worker": "down"}
    assert server.client.get("/api/health").json() == expected


def test_a_locked_database_is_no_internal_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lyricsrec.web.jobs.database._BUSY_S", 0.2)
    with serving(tmp_path) as server:
        job = server.add()
        with sqlite3.connect(tmp_path / "jobs.sqlite", isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = server.client.post(f"/api/jobs/{job.id}/cancel")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
            assert answer.json()["error"] == "the jobs database is busy"
            assert server.client.get("/api/health").json()["queued"] == 1
        assert server.client.post(f"/api/jobs/{job.id}/cancel").json()["state"] == "cancelled"


def test_health_answers_while_counting_takes_long(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    server.client.get("/api/health")
    monkeypatch.setattr(type(server.service.store), "counts", lambda _: time.sleep(2.0))
    began = time.monotonic()
    assert server.client.get("/api/health").json()["status"] == "ok"
    assert time.monotonic() - began < 1.5


def test_presets_formats_and_limits(server: Served) -> None:
    models = server.client.get("/api/models").json()
    presets = {preset["name"]: preset for preset in models["presets"]}
    assert presets["builtin"]["available"] is True
    assert presets["builtin"]["languages"] == ["en"]
    assert presets["whisper"]["languages"] is None
    assert sum(preset["default"] for preset in models["presets"]) == 1
    assert [(form["name"], form["suffix"]) for form in models["formats"] if form["needs"] is None] == [
        (f.name, f.suffix) for f in OUTPUT_FORMATS.values()
    ]
    needs = {form["name"]: form["needs"] for form in models["formats"] if form["needs"]}
    assert needs == {"midi": "melody", "musicxml": "melody", "pitch": "melody", "text": "chords", "lab": "chords"}
    assert [found["name"] for found in models["follow_ups"]] == ["chords", "melody"]
    assert models["lyrics_suffixes"] == list(TEXT_SUFFIXES)
    assert models["limits"] == {"max_upload_mb": 300, "max_duration_s": 3600.0}


def test_a_result_in_every_format(server: Served, done: str) -> None:
    formats = server.client.get(done).json()["formats"]
    assert formats == list(OUTPUT_FORMATS)
    for name in formats:
        answer = server.client.get(f"{done}/download/{name}")
        assert answer.text == OUTPUT_FORMATS[name].render(TRANSCRIPT)
        assert answer.headers["content-disposition"] == attachment(f"Süße Töne.v2{OUTPUT_FORMATS[name].suffix}")
    assert server.client.get(f"{done}/download/docx").status_code == 404


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("song.lrc", "attachment; filename=\"song.lrc\"; filename*=UTF-8''song.lrc"),
        ("Süße.txt", "attachment; filename=\"Susse.txt\"; filename*=UTF-8''S%C3%BC%C3%9Fe.txt"),
        ('a"b\\c;d.txt', "attachment; filename=\"a_b_c_d.txt\"; filename*=UTF-8''a%22b%5Cc%3Bd.txt"),
        ("猫.txt", "attachment; filename=\"Mao.txt\"; filename*=UTF-8''%E7%8C%AB.txt"),
    ],
)
def test_names_of_downloads(name: str, header: str) -> None:
    assert attachment(name) == header


def test_a_job_that_is_not_done_has_no_lyrics(server: Served) -> None:
    job = server.add()
    for path in ("transcript", "download/lrc"):
        answer = server.client.get(f"/api/jobs/{job.id}/{path}")
        assert answer.status_code == 409
        assert "still queued" in answer.json()["error"]
    server.client.post(f"/api/jobs/{job.id}/cancel")
    assert "cancelled" in server.client.get(f"/api/jobs/{job.id}/transcript").json()["error"]


def test_a_song_that_browsers_cannot_play_is_sent_as_flac(server: Served, done: str) -> None:
    JobFolder(server.service.config.folder, done.rpartition("/")[2]).playable.write_bytes(b"a copy")
    answer = server.client.get(f"{done}/audio")
    assert (answer.content, answer.headers["content-type"]) == (b"a copy", "audio/flac")


def test_audio_supports_ranges(server: Served, done: str) -> None:
    whole = server.client.get(f"{done}/audio")
    assert (whole.content, whole.headers["content-type"]) == (bytes(range(100)), "audio/x-wav")
    part = server.client.get(f"{done}/audio", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
    assert part.headers["content-range"] == "bytes 10-19/100"
    assert server.client.head(f"{done}/audio").headers["content-length"] == "100"
    assert server.client.head("/").status_code == 200


@pytest.mark.parametrize(
    ("parts", "status"),
    [("bytes=200-", 416), ("bytes=-0", 416), ("bytes=5-2", 400), ("bytes=x", 400), ("lines=1-2", 400)],
)
def test_invalid_ranges(server: Served, done: str, parts: str, status: int) -> None:
    answer = server.client.get(f"{done}/audio", headers={"Range": parts})
    assert (answer.status_code, set(answer.json())) == (status, {"error", "hint"})
    assert answer.headers.get("content-range") == ("bytes */100" if status == 416 else None)


def test_stems_are_made_on_request(server: Served) -> None:
    job = server.add("A song.mp3")
    path = f"/api/jobs/{job.id}"
    early = server.client.post(f"{path}/stems")
    assert (early.status_code, early.json()["error"]) == (409, "this song is not ready: its job is queued")
    folder = server.finish(job)
    folder.stems_note.write_text("The tracks could not be made.")
    assert server.client.get(path).json()["stems_note"] == "The tracks could not be made."
    queued = server.client.post(f"{path}/stems")
    assert queued.status_code == 202
    assert {key: queued.json()[key] for key in ("state", "stems", "has_lyrics", "tracks", "stems_note")} == {
        "state": "queued",
        "stems": True,
        "has_lyrics": True,
        "tracks": [],
        "stems_note": None,
    }
    assert server.client.get(f"{path}/transcript").status_code == 200
    assert server.client.get(f"{path}/download/lrc").status_code == 200
    server.finish(job)
    folder.stem("vocals").write_bytes(b"voice")
    assert server.client.post(f"{path}/stems").json()["state"] == "done"
    sent = server.client.get(f"{path}/stems/vocals?download=true")
    assert sent.headers["Content-Disposition"].startswith('attachment; filename="A song.vocals.flac"')
    assert "Content-Disposition" not in server.client.get(f"{path}/stems/vocals").headers
    assert server.client.post(f"/api/jobs/{ABSENT}/stems").status_code == 404


def test_stems_and_peaks(server: Served) -> None:
    job = server.add()
    folder = server.finish(job)
    path = f"/api/jobs/{job.id}"
    assert not server.client.get(path).json()["has_stems"]
    assert (
        server.client.get(f"{path}/stems/vocals").status_code == server.client.get(f"{path}/peaks").status_code == 404
    )
    folder.stem("vocals").write_bytes(b"voice")
    folder.stem("instrumental").write_bytes(b"band")
    folder.peaks.write_text('{"hop_s":0.05,"peaks":[0.5,1.0]}')
    assert server.client.get(path).json()["has_stems"]
    assert server.client.get(f"{path}/stems/vocals").content == b"voice"
    assert server.client.get(f"{path}/stems/instrumental").headers["content-type"] == "audio/flac"
    assert server.client.get(f"{path}/peaks").json() == {"hop_s": 0.05, "peaks": [0.5, 1.0]}


def get_document(server: Served, done: str) -> Document:
    document: Document = server.client.get(f"{done}/transcript").json()
    return document


def put(server: Served, done: str, revision: int, transcript: Document) -> httpx.Response:
    # json.dumps writes NaN and Infinity, which are not JSON; the tests include them.
    body = json.dumps({"revision": revision, "transcript": transcript})
    return server.client.put(f"{done}/transcript", content=body, headers={"Content-Type": "application/json"})


def test_corrections_are_saved_and_discarded(server: Served, done: str) -> None:
    original = get_document(server, done)
    assert original == {"revision": 0, "edited": False, "transcript": json.loads(TRANSCRIPT.to_json())}
    lines = (Line(WORDS, Placement(0.5, "likely")), Line((replace(WORDS[0], text="home", start_s=None, end_s=None),)))
    corrected = json.loads(replace(TRANSCRIPT, lines=lines, song="forged", duration_s=99.0).to_json())
    assert put(server, done, 0, corrected).json() == {"revision": 1}
    expected = json.loads(with_sections(replace(TRANSCRIPT, lines=lines)).to_json())
    assert get_document(server, done) == {"revision": 1, "edited": True, "transcript": expected}
    assert server.client.get(done).json()["revision"] == 1
    assert server.client.get(f"{done}/download/txt").text == "so far away\nhome\n"
    assert put(server, done, 0, corrected).status_code == 409
    assert server.client.delete(f"{done}/transcript").json() == {"revision": 2}
    assert get_document(server, done) == original | {"revision": 2}


def test_all_lines_may_be_deleted(server: Served, done: str) -> None:
    assert put(server, done, 0, json.loads(replace(TRANSCRIPT, lines=()).to_json())).json() == {"revision": 1}
    assert server.client.get(f"{done}/download/srt").text == ""


def first_word(**changes: object) -> Callable[[Document], object]:
    return lambda transcript: transcript["lines"][0]["words"][0].update(changes)


@pytest.mark.parametrize(
    "spoil",
    [
        first_word(start_s=-1),
        first_word(start_s=1.6),
        first_word(end_s=11.1),
        first_word(end_s=None),
        first_word(start_s=float("nan")),
        first_word(end_s=float("inf")),
        first_word(end_s=10**400),
        first_word(text=7),
        first_word(text=""),
        first_word(text="so far"),
        first_word(text=" so"),
        first_word(text="a\nb"),
        first_word(text="a\x00b"),
        first_word(text="a\x1b[31m"),
        first_word(text="\ud800"),
        first_word(text="\ufeff"),
        first_word(text="x" * 501),
        first_word(confidence=2),
        lambda transcript: transcript.update(schema=2),
        lambda transcript: transcript.pop("lines"),
        lambda transcript: transcript.update(lines=5),
        lambda transcript: transcript["lines"][0].update(words=[]),
        lambda transcript: transcript["lines"][0].update(words=[{"text": "a", "start_s": 1, "end_s": 1}] * 100_001),
        lambda transcript: transcript["lines"][0].update(placement={"score": 2, "band": "sure"}),
        lambda transcript: transcript["lines"][0].update(placement={"score": 1, "band": "good"}),
        lambda transcript: transcript["lines"][0].update(placement={"score": 1, "band": "sure", "reason": 3}),
        lambda transcript: transcript["lines"][0].update(placement={"score": 1, "band": "sure", "reason": "\ud800"}),
        lambda transcript: transcript["lines"][0].update(placement={"score": 1, "band": [], "reason": None}),
    ],
)
def test_invalid_transcripts_are_refused(server: Served, done: str, spoil: Callable[[Document], object]) -> None:
    transcript = get_document(server, done)["transcript"]
    spoil(transcript)
    answer = put(server, done, 0, transcript)
    assert answer.status_code == 422
    assert set(answer.json()) == {"error", "hint"}
    assert get_document(server, done)["revision"] == 0


@pytest.mark.parametrize("change", [{"start_s": "1.0"}, {"start_s": True}, {"shoe_size": 43}])
def test_what_is_kept_of_a_lenient_document_is_strict(server: Served, done: str, change: dict[str, object]) -> None:
    transcript = get_document(server, done)["transcript"]
    first_word(**change)(transcript)
    assert put(server, done, 0, transcript).status_code == 200
    assert get_document(server, done)["transcript"] == json.loads(with_sections(TRANSCRIPT).to_json())


def test_a_word_may_end_slightly_after_the_song(server: Served, done: str) -> None:
    transcript = get_document(server, done)["transcript"]
    transcript["lines"][1]["words"][0]["end_s"] = 10.9
    assert put(server, done, 0, transcript).status_code == 200


def test_a_correction_that_cannot_be_written_changes_nothing(
    server: Served, done: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    transcript = get_document(server, done)["transcript"]
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        assert put(server, done, 0, transcript).status_code == 507
    assert (get_document(server, done)["revision"], get_document(server, done)["edited"]) == (0, False)
    folder = server.service.folder(done.rpartition("/")[2])
    assert not list(folder.path.glob(".lyricsrec-*"))


def test_the_server_does_not_import_the_worker_s_libraries() -> None:
    code = "import sys, lyricsrec.web.api.app\n"
    code += "assert not {'torch', 'transformers', 'demucs', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=EXAMPLES.parent)
