"""The worker times words of corrected lyrics that have no times."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.sung_verse import ALPHABET, sing
from helpers.web.planted_worker import add_job, planted

from lyricsrec.base.errors import ModelError
from lyricsrec.base.progress import Progress, Report, ignore
from lyricsrec.decoding.emission import Emission
from lyricsrec.lyrics.transcript import Transcript, Word
from lyricsrec.pipeline.pipeline import Pipeline
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.recognition.base import Piece
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.work.worker import Worker


class Singing:
    """Finds "lo" at 1.2 s in any song."""

    name, longest_s, vocabulary = "singing", 30.0, ALPHABET

    def __init__(self, asked: list[str]) -> None:
        self._asked = asked

    def recognize(
        self, pieces: Sequence[Piece], report: Report = ignore, *, language: str | None = None
    ) -> Iterator[Emission]:
        for piece in pieces:
            self._asked.append(f"{piece.voice.start_s:g}-{piece.voice.end_s:g}")
            whole = sing([(1.2, "lo")], 3.0)
            yield replace(whole, start_s=0.0)


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def config(tmp_path: Path) -> ServeConfig:
    return ServeConfig(folder=tmp_path / "data", device="cpu")


def corrected(folder: JobFolder) -> Transcript:
    """The lyrics "la la la" of a planted job, with another second word that has no time."""
    found = Transcript.from_json(folder.transcript.read_text("utf-8"))
    (line,) = found.lines
    return replace(found, lines=(replace(line, words=(line.words[0], Word("lo", None, None), line.words[2])),))


@pytest.mark.parametrize("problem", [None, ModelError("no such model"), RuntimeError("odd")])
def test_words_are_timed_and_the_lyrics_of_the_job_stay(
    config: ServeConfig, tone: Path, asked: list[str], problem: Exception | None
) -> None:
    def load(wanted: PipelineConfig, progress: Progress) -> Pipeline:
        made = planted(wanted, progress)
        if not wanted.aligns:
            return made
        if problem is not None:
            raise problem
        return replace(made, recognizer=Singing(asked))  # type: ignore[arg-type]

    store = Store.open(config.folder)
    worker = Worker(store, config, "w", load)
    job = add_job(store, config.folder, tone)
    assert worker.work()
    folder = JobFolder(config.folder, job.id)
    before = folder.transcript.read_text("utf-8")
    folder.untimed.write_text(corrected(folder).to_json(), "utf-8")
    assert store.want(job.id, "timing").state == "queued"  # type: ignore[union-attr]
    assert worker.work()
    done = store.get(job.id)
    assert done is not None
    assert (done.state, done.wanted, done.error) == ("done", "", None)
    assert folder.transcript.read_text("utf-8") == before
    result = json.loads(folder.retimed.read_text("utf-8"))
    if problem is None:
        words = [(word["text"], word["start_s"]) for word in result["transcript"]["lines"][0]["words"]]
        assert (words, asked) == ([("la", 0.0), ("lo", 1.2), ("la", 2.0)], ["0-3"])
    else:
        assert result == {
            "error": "the model that times lyrics is not available on this server"
            if isinstance(problem, ModelError)
            else "unexpected error while processing this song (RuntimeError); the server's log has details"
        }


def test_the_language_of_the_lyrics_is_kept(config: ServeConfig, tone: Path) -> None:
    def load(wanted: PipelineConfig, progress: Progress) -> Pipeline:
        made = planted(wanted, progress)
        return replace(made, provenance=replace(made.provenance, language="de"))

    store = Store.open(config.folder)
    job = add_job(store, config.folder, tone)
    assert Worker(store, config, "w", load).work()
    assert JobFolder(config.folder, job.id).language.read_text() == "de"
