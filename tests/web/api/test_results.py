"""Stems in another key, and lyrics at another tempo, over HTTP."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
import soundfile

pytest.importorskip("fastapi")
pytest.importorskip("python_stretch")

from helpers.web.served import Served, serving

from lyricsrec.web.jobs.folder import JobFolder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.fixture
def sung(server: Served) -> JobFolder:
    """The folder of a song with an instrumental of two seconds: 440 Hz."""
    for job in server.service.store.jobs():
        server.client.delete(f"/api/jobs/{job.id}")
    folder = server.finish(server.add("A song.mp3"))
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(88_200) / 44_100)
    soundfile.write(folder.stem("instrumental"), np.stack([tone, tone], axis=1), 44_100, "PCM_24")
    return folder


def test_the_instrumental_in_another_key_and_tempo(server: Served, sung: JobFolder) -> None:
    path = f"/api/jobs/{sung.id}/stems/instrumental"
    answer = server.client.get(f"{path}?semitones=3&tempo=80&download=true")
    assert answer.headers["Content-Disposition"].startswith(
        'attachment; filename="A song.instrumental.key+3.tempo80.flac"'
    )
    sound, rate = soundfile.read(io.BytesIO(answer.content))
    assert (len(sound), rate) == (110_250, 44_100)
    spectrum = np.abs(np.fft.rfft(sound[22_050:-22_050, 0]))
    assert spectrum.argmax() * rate / 66_150 == pytest.approx(440 * 2 ** (3 / 12), rel=0.004)
    assert [made.name for made in sung.all_shifted()] == ["shifted.instrumental.+3.80.flac"]
    # The second time the file is there already; parts of it can be asked for.
    part = server.client.get(f"{path}?semitones=3&tempo=80", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"fLaC")
    assert server.client.get(f"/api/jobs/{sung.id}/stems/vocals?semitones=3").status_code == 404
    server.client.delete(f"/api/jobs/{sung.id}")
    assert not sung.path.exists()


@pytest.mark.parametrize("query", ["semitones=7", "semitones=1.5", "semitones=x", "tempo=49", "tempo=201"])
def test_other_keys_and_tempos_are_refused(server: Served, sung: JobFolder, query: str) -> None:
    answer = server.client.get(f"/api/jobs/{sung.id}/stems/instrumental?{query}")
    assert (answer.status_code, set(answer.json())) == (422, {"error", "hint"})
    assert sung.all_shifted() == []


def test_a_key_that_cannot_be_made_is_an_error(server: Served, sung: JobFolder) -> None:
    sung.stem("instrumental").write_bytes(b"no sound")
    answer = server.client.get(f"/api/jobs/{sung.id}/stems/instrumental?semitones=1")
    assert (answer.status_code, answer.json()["error"]) == (503, "the key could not be changed")
    assert server.leftovers() == []


def test_lyrics_at_another_tempo(server: Served, sung: JobFolder) -> None:
    assert server.client.get(f"/api/jobs/{sung.id}/download/lrc").text.splitlines()[-1] == "[00:02.00]away"
    assert server.client.get(f"/api/jobs/{sung.id}/download/lrc?tempo=80").text.splitlines()[-1] == "[00:02.50]away"


def test_drawings_of_the_tracks(server: Served, sung: JobFolder) -> None:
    path = f"/api/jobs/{sung.id}"
    peaks = server.client.get(f"{path}/peaks?track=instrumental").json()
    assert (peaks["hop_s"], len(peaks["peaks"]), max(peaks["peaks"])) == (0.05, 40, 1.0)
    assert server.client.get(f"{path}/spectrogram?track=instrumental").json()["bands"] == 96
    assert sorted(made.name for made in sung.path.glob("*.instrumental.json")) == [
        "peaks.instrumental.json",
        "spectrogram.instrumental.json",
    ]
    for missing in ("peaks?track=vocals", "spectrogram?track=vocals", "spectrogram", "peaks"):
        answer = server.client.get(f"{path}/{missing}")
        assert (answer.status_code, set(answer.json())) == (404, {"error", "hint"})
    assert server.client.get(f"{path}/peaks?track=drums").status_code == 422
