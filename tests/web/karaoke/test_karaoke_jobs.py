"""Karaoke files of finished songs: how they are asked for, made, shown and downloaded."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.karaoke import make_noise, sound_lag_s
from helpers.web.planted_worker import HalfVoice, add_job, planted
from helpers.web.served import TRANSCRIPT, Served, serving
from PIL import Image

from lyricsrec.base.errors import UsageError
from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.karaoke.kept import KeptKaraoke
from lyricsrec.web.karaoke.request import KaraokeIn, KaraokeKind, LookIn, config_of
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.work.worker import Worker

LOOK = KaraokeIn()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("data")) as server:
        yield server


def test_a_file_is_queued_once_and_can_be_cancelled_and_downloaded(server: Served) -> None:
    job = server.add("A song.mp3")
    path = f"/api/jobs/{job.id}"
    assert server.client.post(f"{path}/karaoke/mp4", json={}).status_code == 409
    folder = server.finish(job)
    assert server.client.get(path).json()["karaoke"] == []
    queued = server.client.post(f"{path}/karaoke/mp4", json={"style": "stage", "lines": 4})
    assert queued.status_code == 202
    (shown,) = queued.json()["karaoke"]
    assert (shown["kind"], shown["state"], shown["look"]["style"]) == ("mp4", "wanted", "stage")
    assert (queued.json()["state"], queued.json()["has_lyrics"], queued.json()["wanted"]) == ("queued", True, [])
    again = server.client.post(f"{path}/karaoke/mp4", json={})
    assert (again.status_code, again.json()["error"]) == (409, "this file is being made")
    (stopped,) = server.client.post(f"{path}/cancel").json()["karaoke"]
    assert stopped["state"] == "stopped"
    kept = KeptKaraoke(folder, "mp4")
    kept.note.write_text("the disk is full")
    (failed,) = server.client.get(path).json()["karaoke"]
    assert (failed["state"], failed["error"]) == ("failed", "the disk is full")
    assert server.client.get(f"{path}/karaoke/mp4").status_code == 404
    kept.path.write_bytes(b"video")
    (done,) = server.client.get(path).json()["karaoke"]
    assert (done["state"], done["size_bytes"]) == ("done", 5)
    file = server.client.get(f"{path}/karaoke/mp4")
    assert (file.content, file.headers["content-type"]) == (b"video", "video/mp4")
    assert 'filename="A song.mp4"' in file.headers["content-disposition"]


@pytest.mark.parametrize(
    "look",
    [{"style": "/etc/passwd"}, {"background": "/etc/passwd"}, {"font": "/etc/hosts"}, {"lines": 9}, {"size": "4k"}],
)
def test_nothing_but_the_settings_that_are_offered_is_taken(server: Served, look: dict[str, Any]) -> None:
    job = server.add()
    server.finish(job)
    assert server.client.post(f"/api/jobs/{job.id}/karaoke/mp4", json=look).status_code == 422
    assert server.client.get(f"/api/jobs/{job.id}").json()["karaoke"] == []


def test_a_look_is_a_style_with_changes() -> None:
    style = config_of(LookIn(style="stage", sung="#ff0000", lines=2)).style
    assert not isinstance(style, str)
    assert (style.sung[0], style.sung[1], style.lines, style.background) == ("#ff0000", "#35e0ff", 2, "#0b1040")
    with pytest.raises(UsageError, match="does not have that font"):
        config_of(LookIn(font="Nothing"))


def picture(server: Served, id: str, **query: Any) -> np.ndarray:
    answer = server.client.get(f"/api/jobs/{id}/karaoke-preview", params=query)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def test_a_preview_shows_the_colours(server: Served) -> None:
    job = server.add()
    server.finish(job)
    found = picture(server, job.id, background="#203040", sung="#ff0000", unsung="#00ff00", at_s=1.2).astype(int)
    assert found.shape == (360, 640, 3)
    assert np.abs(found[0, 0] - [0x20, 0x30, 0x40]).max() <= 3
    red, green, blue = found[..., 0], found[..., 1], found[..., 2]
    assert ((red > 200) & (green < 60) & (blue < 60)).any()
    assert ((green > 200) & (red < 60) & (blue < 60)).any()
    options = server.client.get("/api/karaoke").json()
    assert [style["name"] for style in options["styles"]] == ["clean", "paper", "stage"]
    assert "DejaVu Sans" in options["fonts"]


def test_a_preview_needs_words_with_times_and_letters_of_the_font(server: Served) -> None:
    job = server.add()
    folder = server.finish(job)
    path = f"/api/jobs/{job.id}/karaoke-preview"
    cases = {"歌う": (1.0, 422, "Choose another font."), "so": (None, 409, "Place the words first.")}
    for text, (start_s, status, hint) in cases.items():
        words = (Word(text, start_s, start_s and start_s + 1),)
        document = TRANSCRIPT.__class__(**vars(TRANSCRIPT) | {"lines": (Line(words),)})
        folder.transcript.write_text(document.to_json(), "utf-8")
        answer = server.client.get(path)
        assert (answer.status_code, answer.json()["hint"]) == (status, hint)


class Song:
    """A finished song, and a worker for what is wanted of it."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder)
        self.noise = make_noise(folder / "noise.wav")
        self.worker = Worker(self.store, ServeConfig(folder=folder), "w", planted, load_separator=lambda _: HalfVoice())
        self.job = add_job(self.store, folder, self.noise, title="Tune", artist="Ann")
        self.folder = JobFolder(folder, self.job.id)
        self.worker.work()

    def make(self, kind: KaraokeKind) -> KeptKaraoke:
        kept = KeptKaraoke(self.folder, kind)
        kept.ask(LOOK, 0)
        self.store.want(self.job.id, kept.name)
        assert self.worker.work()
        job = self.store.get(self.job.id)
        assert job is not None
        assert (job.state, job.wanted, job.error) == ("done", "", None)
        return kept


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Song:
    return Song(tmp_path_factory.mktemp("work"))


def test_subtitles_are_made_of_the_corrected_words_without_stems(song: Song) -> None:
    text = song.folder.transcript.read_text("utf-8").replace('"la"', '"lo"')
    song.folder.edited.write_text(text, "utf-8")
    made = song.make("ass")
    assert "lo" in made.path.read_text("utf-8")
    assert song.folder.stems_found == []


def test_the_stems_are_made_once_and_used(song: Song, tmp_path: Path) -> None:
    with zipfile.ZipFile(song.make("cdg").path) as archive:
        assert archive.namelist() == ["Ann - Tune.cdg", "Ann - Tune.mp3"]
        archive.extractall(tmp_path)
    assert abs(sound_lag_s(tmp_path / "Ann - Tune.mp3", song.noise)) < 0.01
    assert song.folder.stems_found == ["vocals", "instrumental"]
    instrumental = song.folder.stem("instrumental").stat()
    with zipfile.ZipFile(song.make("ultrastar").path) as archive:
        names = [name.removeprefix("Ann - Tune/Ann - Tune") for name in archive.namelist()]
        assert names == [" [INSTR].mp3", " [VOC].mp3", ".mp3", ".txt"]
        rows = archive.read("Ann - Tune/Ann - Tune.txt").decode().splitlines()
    assert "#VOCALS:Ann - Tune [VOC].mp3" in rows
    assert song.folder.stem("instrumental").stat() == instrumental


def test_a_failure_is_noted_and_leaves_nothing(song: Song, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise UsageError("the font Thin.ttf has no Cyrillic")

    monkeypatch.setitem(__import__("lyricsrec.web.work.wanted.karaoke", fromlist=["x"])._MAKE, "webm", fail)
    failed = song.make("webm")
    job = song.store.get(song.job.id)
    assert job is not None
    shown = failed.show(job)
    assert shown is not None
    assert (shown.state, shown.error) == ("failed", "the font Thin.ttf has no Cyrillic")
    assert not [path for path in song.folder.path.iterdir() if path.name.startswith(".")]
