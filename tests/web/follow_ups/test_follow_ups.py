"""Melody and chords of finished songs: how they are asked for, made, shown and downloaded."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.web.planted_worker import HalfVoice, add_job, planted
from helpers.web.served import TRANSCRIPT, Served, serving

from lyricsrec.base.errors import AudioError, ModelError, OutputError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.lyrics.music.harmony import Beats, Chord, Key
from lyricsrec.lyrics.transcript import Provenance, Transcript
from lyricsrec.web.follow_ups import chords, registry
from lyricsrec.web.follow_ups.base import FollowUp, Material
from lyricsrec.web.follow_ups.chords import CHORDS
from lyricsrec.web.follow_ups.melody import MELODY
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.karaoke.kept import KeptKaraoke
from lyricsrec.web.karaoke.request import KaraokeIn
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.work import worker as worker_module
from lyricsrec.web.work.wanted import karaoke as karaoke_module
from lyricsrec.web.work.worker import Worker

FRAMES = 700
VOICE = {
    "hop_s": 0.016,
    "hertz": [220.0] * FRAMES,
    "confidence": [0.9] * FRAMES,
    "onset": [0.0] * FRAMES,
    "beats": {"bpm": 120.0, "times_s": [0.0, 0.5]},
}
HARMONY = {
    "chords": [
        {"start_s": 1.0, "end_s": 2.0, "label": "A:min7", "confidence": 0.8},
        {"start_s": 2.0, "end_s": 10.0, "label": "N", "confidence": None},
    ],
    "key": {"tonic": "A", "mode": "minor", "tuning_cents": 0.0, "confidence": 0.5},
    "beats": None,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if all extras were installed."""
    real, modules = importlib.util.find_spec, {*MELODY.modules, *CHORDS.modules}
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: name in modules or real(name, *rest))


def test_a_follow_up_is_queued_once_and_its_result_shown(server: Served) -> None:
    job = server.add("A song.mp3")
    path = f"/api/jobs/{job.id}"
    early = server.client.post(f"{path}/follow-ups/melody")
    assert (early.status_code, early.json()["error"]) == (409, "this song is not ready: its job is queued")
    folder = server.finish(job)
    assert server.client.get(f"{path}/follow-ups/melody").status_code == 404
    assert server.client.get(f"{path}/download/midi").status_code == 404
    folder.follow_up_note("melody").write_text("no voice found")
    assert server.client.get(path).json()["not_found"] == {"melody": "no voice found"}
    for name in ("melody", "chords", "melody"):
        queued = server.client.post(f"{path}/follow-ups/{name}")
        assert queued.status_code == 202
    shown = {key: queued.json()[key] for key in ("state", "wanted", "found", "not_found", "has_lyrics")}
    wanted = {"state": "queued", "wanted": ["melody", "chords"], "found": [], "not_found": {}, "has_lyrics": True}
    assert shown == wanted
    folder.follow_up("melody").write_text(json.dumps(VOICE))
    assert server.client.post(f"{path}/cancel").json()["wanted"] == []
    done = server.client.post(f"{path}/follow-ups/melody").json()
    assert (done["state"], done["found"]) == ("done", ["melody"])
    assert server.client.post(f"{path}/follow-ups/lyrics").status_code == 422


def test_notes_and_chords_go_into_the_formats_that_can_hold_them(server: Served) -> None:
    job = server.add("A song.mp3")
    path = f"/api/jobs/{job.id}"
    folder = server.finish(job)
    folder.follow_up("melody").write_text(json.dumps(VOICE))
    notes = server.client.get(f"{path}/follow-ups/melody").json()["notes"]
    assert [(note["text"], note["pitch"], note["word"]) for note in notes[:2]] == [("so", 57, 0), ("far", 57, 1)]
    assert "lab" not in server.client.get(path).json()["formats"]
    folder.follow_up("chords").write_text(json.dumps(HARMONY))
    found = server.client.get(f"{path}/follow-ups/chords").json()
    assert found == {
        "key": {"tonic": "A", "mode": "minor"},
        "bpm": None,
        "beats": [],
        "chords": [
            {"start_s": 1.0, "end_s": 2.0, "label": "A:min7", "symbol": "Am7"},
            {"start_s": 2.0, "end_s": 10.0, "label": "N", "symbol": None},
        ],
    }
    formats = server.client.get(path).json()["formats"]
    assert {"midi", "musicxml", "pitch", "text", "lab"} <= set(formats)
    texts = {name: server.client.get(f"{path}/download/{name}") for name in formats}
    assert all(text.status_code == 200 for text in texts.values())
    assert "[Am7]so" in texts["chordpro"].text
    assert texts["text"].text.splitlines()[:2] == ["Am7", "so far"]
    assert texts["midi"].content[:4] == b"MThd"
    assert texts["midi"].headers["content-type"] == "audio/midi"
    assert "A song.mid" in texts["midi"].headers["content-disposition"]
    assert texts["lab"].text.split() == ["1.000", "2.000", "A:min7", "2.000", "10.000", "N"]
    # A4 is note 69, C4 is 0 in UltraStar: 57 is -3.
    assert ": -3 so" in " ".join(
        row[0] + " " + " ".join(row.split()[3:]) for row in texts["ultrastar"].text.splitlines()
    )


def test_damaged_files_are_looked_for_again_and_break_no_download(server: Served) -> None:
    job = server.add()
    folder = server.finish(job)
    path = f"/api/jobs/{job.id}"
    for name, text in {"melody": "{", "chords": ""}.items():
        folder.follow_up(name).write_text(text)  # type: ignore[arg-type]
    assert "so far" in server.client.get(f"{path}/download/chordpro").text
    assert server.client.get(path).json()["found"] == []
    folder.follow_up("chords").write_text("{}")
    answer = server.client.get(f"{path}/follow-ups/chords")
    assert (answer.status_code, answer.json()["error"]) == (404, "this song has no chords yet")
    assert server.client.post(f"{path}/follow-ups/chords").json()["wanted"] == ["chords"]
    server.client.delete(path)


def test_the_note_of_a_failure_stays_where_the_queue_is_full(tmp_path: Path) -> None:
    with serving(tmp_path, max_queued=1) as server:
        job = server.add()
        folder = server.finish(job)
        server.add()
        path = f"/api/jobs/{job.id}"
        folder.stems_note.write_text("no voice")
        folder.follow_up_note("melody").write_text("nobody sings")
        for name in ("stems", "follow-ups/melody"):
            assert server.client.post(f"{path}/{name}").status_code == 429
        shown = server.client.get(path).json()
        assert (shown["stems_note"], shown["not_found"]) == ("no voice", {"melody": "nobody sings"})


def test_stems_that_are_asked_for_while_something_else_is_wanted_are_made(server: Served) -> None:
    job = server.add()
    server.finish(job)
    path = f"/api/jobs/{job.id}"
    server.client.post(f"{path}/follow-ups/chords")
    for _ in range(2):
        asked = server.client.post(f"{path}/stems").json()
        assert (asked["stems"], asked["wanted"]) == (True, ["chords"])
    now = server.service.store.get(job.id)
    assert now is not None
    assert now.wanted == "chords stems"
    server.client.delete(path)


def test_a_missing_package_is_named(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    job = server.add()
    server.finish(job)
    answer = server.client.post(f"/api/jobs/{job.id}/follow-ups/chords")
    assert answer.status_code == 409
    assert answer.json()["hint"] == "On the server, run pip install 'lyricsrec[chords]'."
    found = {each["name"]: each for each in server.client.get("/api/models").json()["follow_ups"]}
    assert found["melody"] == {
        "name": "melody",
        "available": False,
        "hint": "On the server, run pip install 'lyricsrec[melody]'.",
    }


class Maker:
    """Takes the place of a kind of follow-up."""

    def __init__(self, store: Store) -> None:
        self.store, self.made, self.error = store, 0, None
        self.error: Exception | None = None

    def __call__(self, material: Material, path: Path, progress: Progress) -> None:
        self.made += 1
        progress.update("finding", 0.5, 1.0)
        assert material.separator(progress).name == "half"
        # Asked for while this one is made.
        self.store.want(material.folder.id, "chords")
        if self.error is not None:
            raise self.error
        path.write_text("{}")


@pytest.mark.parametrize(
    ("error", "note"),
    [
        (None, None),
        (AudioError("My song.wav: no voice found"), "no voice found"),
        (ModelError("swift-f0 is broken"), "the models that this needs are not available on this server"),
        (
            RuntimeError("odd"),
            "unexpected error while processing this song (RuntimeError); the server's log has details",
        ),
    ],
)
def test_the_worker_makes_what_is_wanted_and_notes_what_fails(
    tmp_path: Path, tone: Path, monkeypatch: pytest.MonkeyPatch, error: Exception | None, note: str | None
) -> None:
    config = ServeConfig(folder=tmp_path / "data", device="cpu")
    store = Store.open(config.folder)
    maker = Maker(store)
    for kind in (MELODY, CHORDS):
        fake = FollowUp(kind.name, make=maker, add=kind.add, show=kind.show, extra="", modules=())
        monkeypatch.setitem(registry.FOLLOW_UPS, kind.name, fake)
    worker = Worker(store, config, "w", planted, load_separator=lambda _: HalfVoice())
    job = add_job(store, config.folder, tone)
    assert worker.work()
    folder = JobFolder(config.folder, job.id)
    written = folder.transcript.stat().st_mtime_ns
    maker.error = error
    store.want(job.id, "melody")
    assert worker.work()
    done = store.get(job.id)
    assert done is not None
    assert (done.state, done.wanted, done.error, maker.made) == ("done", "", None, 2)
    assert folder.transcript.stat().st_mtime_ns == written
    found = [] if error else ["chords", "melody"]
    assert registry.found_in(folder) == found
    for kind_name in ("melody", "chords"):
        path = folder.follow_up_note(kind_name)  # type: ignore[arg-type]
        assert (path.read_text() if path.is_file() else None) == note


def test_a_full_disk_is_tried_again_before_it_is_noted(
    tmp_path: Path, tone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OutputError("no space left on device")

    monkeypatch.setattr(worker_module, "_DISK_PAUSE_S", 0.0)
    monkeypatch.setitem(karaoke_module._MAKE, "ass", fail)
    fake = FollowUp("melody", make=fail, add=MELODY.add, show=MELODY.show, extra="", modules=())
    monkeypatch.setitem(registry.FOLLOW_UPS, "melody", fake)
    config = ServeConfig(folder=tmp_path / "data", device="cpu")
    store = Store.open(config.folder)
    worker = Worker(store, config, "w", planted, load_separator=lambda _: HalfVoice())
    job = add_job(store, config.folder, tone)
    assert worker.work()
    folder = JobFolder(config.folder, job.id)
    kept = KeptKaraoke(folder, "ass")
    kept.ask(KaraokeIn(), 0)
    for name, note in {"melody": folder.follow_up_note("melody"), kept.name: kept.note}.items():
        store.want(job.id, name)
        for _ in range(config.max_attempts - 1):
            assert worker.work()
            now = store.get(job.id)
            assert now is not None
            assert (now.state, now.wanted, note.exists()) == ("queued", name, False)
        assert worker.work()
        now = store.get(job.id)
        assert now is not None
        assert (now.state, now.wanted) == ("done", "")
        assert note.read_text() == "the result could not be saved: the server's disk is full or not writable"


def test_chords_are_kept_as_they_were_found(tmp_path: Path, tone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lyricsrec.audio.media import open_path
    from lyricsrec.pipeline.music import chords as stage

    key, beats = Key("Eb", "major"), Beats(90.0, (0.1, 0.7))
    lyrics = Transcript("song", 3.0, (), provenance=Provenance("0", "none", "none", decoder="none"))

    def find(*_: Any, **__: Any) -> Transcript:
        return Transcript(
            "song", 3.0, (), provenance=lyrics.provenance, chords=(Chord(0.0, 3.0, "Ab:maj/3"),), key=key, beats=beats
        )

    monkeypatch.setattr(stage, "find_chords", find)
    path = tmp_path / "found.json"
    material = Material(None, open_song=lambda: open_path(tone), separator=lambda _: HalfVoice())  # type: ignore[arg-type]
    chords.CHORDS.make(material, path, SILENT)
    added = chords.CHORDS.add(lyrics, path)
    assert (added.chords, added.key, added.beats) == ((Chord(0.0, 3.0, "Ab:maj/3"),), key, beats)
    assert chords.CHORDS.show(added)["chords"][0]["symbol"] == "Ab/C"


@pytest.mark.parametrize("has_stem", [True, False])
def test_the_melody_is_that_of_the_vocals_track_where_it_exists(
    tmp_path: Path, tone: Path, monkeypatch: pytest.MonkeyPatch, has_stem: bool
) -> None:
    from lyricsrec.audio.media import open_path
    from lyricsrec.music.melody import melody as stage

    separators: list[str] = []

    def track(song: Any, separator: Any, *_: Any, **__: Any) -> stage.Tracked:
        separators.append(separator.name)
        numbers = np.full(FRAMES, 220.0)
        return stage.Tracked(stage.Voice(numbers, numbers / 250, 0 * numbers, hop_s=0.016), Beats(60.0, (1.0,)))

    monkeypatch.setattr(stage, "track_voice", track)
    folder = JobFolder(tmp_path, "A" * 22)
    folder.make()
    if has_stem:
        folder.stem("vocals").write_bytes(tone.read_bytes())
    path = folder.follow_up("melody")
    MELODY.make(Material(folder, open_song=lambda: open_path(tone), separator=lambda _: HalfVoice()), path, SILENT)
    assert separators == ["none" if has_stem else "half"]
    added = MELODY.add(TRANSCRIPT, path)
    assert added.melody is not None
    assert [note.pitch for note in added.melody.notes] == [57, 57, 57, 57]
    assert (added.beats == Beats(60.0, (1.0,))) is not has_stem
