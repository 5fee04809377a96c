"""Transcribing a data set with a pipeline, and caching the transcripts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
import soundfile
from helpers.data_sets import make_data
from helpers.progress import Warnings
from helpers.sounds import chord, write_song

from lyricsrec.audio.media import Song
from lyricsrec.base.cache import Cache
from lyricsrec.base.errors import ModelError, OutputError
from lyricsrec.base.progress import SILENT
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word
from lyricsrec.pipeline.pipeline import Pipeline
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.scoring import recognise
from lyricsrec.scoring.metrics.separation import TrueStems
from lyricsrec.scoring.recognise import Recognition, System, key_of_system, recognize_all
from lyricsrec.scoring.results import Report, RunFigures, SeparationFigures
from lyricsrec.scoring.score import ScoreConfig, limited, score
from lyricsrec.scoring.texts.manifests import find_split

Loads = list[PipelineConfig]


class FakePipeline:
    """Returns "one two" for every song, and raises an error for songs with given titles."""

    breaks: dict[str, BaseException]

    def __init__(self) -> None:
        self.breaks = {}
        self.provenance = Provenance("0", "none", "fake", decoder="none", settings={"device": "cpu", "seed": 0})
        self.transcribed: list[str] = []

    def transcribe(self, song: Song, *, progress: object = None, stems: Path | None = None) -> Transcript:
        self.transcribed.append(song.title)
        if song.title in self.breaks:
            raise self.breaks[song.title]
        duration_s = sum(block.duration_s for block in song.blocks())
        words = (Word("one", 1.125, 1.5, confidence=0.9), Word("two", 2.0, 2.5, confidence=0.5))
        return Transcript(song.title, duration_s, (Line(words),), provenance=self.provenance)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakePipeline:
    pipeline = FakePipeline()
    monkeypatch.setattr("lyricsrec.scoring.recognise.load_pipeline", lambda config, progress: pipeline)
    return pipeline


@pytest.fixture
def forbidden(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def load(config: PipelineConfig, progress: object) -> Pipeline:
        raise AssertionError("nothing is to be loaded")

    return lambda: monkeypatch.setattr("lyricsrec.scoring.recognise.load_pipeline", load)


@pytest.fixture
def model(tmp_path: Path, ctc_folder: Path) -> Path:
    return Path(copytree(ctc_folder, tmp_path / "model"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three songs with different audio, because the same audio is transcribed only once."""
    folder = make_data(tmp_path, [{}, {}, {}])
    for number in (1, 2, 3):
        write_song(tmp_path / "audio" / f"a{number}.wav", chord(12.0, 8000) / number, 8000)
    return folder


def config_of(model: Path, **changes: object) -> PipelineConfig:
    return PipelineConfig(model=str(model), separator="none", device="cpu", **changes)  # type: ignore[arg-type]


def scored_by(
    data: Path, config: PipelineConfig, cache: Path | None, progress: Warnings | None = None, protocol: str = "long"
) -> Report:
    references = find_split(data, "train", protocol)  # type: ignore[arg-type]
    settings = ScoreConfig(protocol, cache=Cache(cache))  # type: ignore[arg-type]
    return score(references, [], [System("fake", config)], config=settings, progress=progress or SILENT)


def test_a_second_run_uses_the_cache_and_gives_the_same_report(
    data: Path, model: Path, tmp_path: Path, fake: FakePipeline, forbidden: Callable[[], None]
) -> None:
    first = scored_by(data, config_of(model), tmp_path / "cache")
    assert fake.transcribed == ["a1", "a2", "a3"]
    (system,) = first.systems
    assert (system.words.num_words, system.words.deletions, system.words.hits) == (12, 6, 6)
    assert system.run is not None
    assert (system.run.audio_s, system.run.device) == (pytest.approx(36.0), "cpu")
    assert system.songs[0].lines[0].loudness_db is not None
    forbidden()
    assert scored_by(data, config_of(model), tmp_path / "cache") == first
    # The process of a search and the use of the network do not change results.
    other = replace(config_of(model), search_aside=True, offline=True)
    assert scored_by(data, other, tmp_path / "cache") == first


def test_the_same_audio_under_two_names_is_recognised_once(
    data: Path, model: Path, tmp_path: Path, fake: FakePipeline
) -> None:
    (tmp_path / "audio" / "a2.wav").write_bytes((tmp_path / "audio" / "a1.wav").read_bytes())
    (system,) = scored_by(data, config_of(model), tmp_path / "cache").systems
    assert fake.transcribed == ["a1", "a3"]
    assert [song.title for song in system.songs] == [f"Artist a{number} - Title a{number}" for number in (1, 2, 3)]


def test_without_a_cache_everything_is_recognised_again(data: Path, model: Path, fake: FakePipeline) -> None:
    for _ in range(2):
        scored_by(data, config_of(model), None)
    assert len(fake.transcribed) == 6


def test_changes_of_songs_settings_and_models_invalidate_the_cache(
    data: Path, model: Path, tmp_path: Path, fake: FakePipeline
) -> None:
    def newly_transcribed(config: PipelineConfig) -> list[str]:
        fake.transcribed.clear()
        scored_by(data, config, tmp_path / "cache")
        return list(fake.transcribed)

    assert newly_transcribed(config_of(model)) == ["a1", "a2", "a3"]
    assert newly_transcribed(config_of(model)) == []
    assert newly_transcribed(config_of(model, seed=1)) == ["a1", "a2", "a3"]
    assert newly_transcribed(config_of(model, decode=DecodeConfig(beam_width=9))) == ["a1", "a2", "a3"]
    # Another song in the same file.
    write_song(tmp_path / "audio" / "a2.wav", chord(11.0, 8000), 8000)
    assert newly_transcribed(config_of(model)) == ["a2"]
    weights = model / "model.safetensors"
    os.utime(weights, ns=(0, weights.stat().st_mtime_ns + 1))
    assert newly_transcribed(config_of(model)) == ["a1", "a2", "a3"]
    assert newly_transcribed(config_of(model)) == []


def test_files_beside_a_language_model_do_not_matter(model: Path, tmp_path: Path) -> None:
    (tmp_path / "my.arpa").write_text("x")
    config = config_of(model, decode=DecodeConfig(lm=str(tmp_path / "my.arpa")))
    before = key_of_system(config, SILENT)
    (tmp_path / "report.json").write_text("{}")
    assert key_of_system(config, SILENT) == before
    (tmp_path / "my.arpa").write_text("other")
    assert key_of_system(config, SILENT) != before


def test_damaged_cache_files_are_replaced(data: Path, model: Path, tmp_path: Path, fake: FakePipeline) -> None:
    first = scored_by(data, config_of(model), tmp_path / "cache")
    kept = sorted((tmp_path / "cache").glob("*.json"))
    # Three transcripts and three loudnesses.
    assert len(kept) == 6
    for path, text in zip(kept, ("", "{", "[]", "null", '{"transcript": 1}', "[1, null]"), strict=True):
        path.write_text(text)
    again = scored_by(data, config_of(model), tmp_path / "cache")
    assert len(fake.transcribed) == 6
    assert again.systems[0].words == first.systems[0].words
    assert [song.lines for song in again.systems[0].songs] == [song.lines for song in first.systems[0].songs]


def test_a_song_without_usable_sound_is_a_problem_and_the_rest_is_scored(
    data: Path, model: Path, tmp_path: Path, fake: FakePipeline
) -> None:
    (tmp_path / "audio" / "a1.wav").unlink()
    (tmp_path / "audio" / "a2.wav").write_bytes(b"no sound")
    progress = Warnings()
    (system,) = scored_by(data, config_of(model), tmp_path / "cache", progress).systems
    problems = [song.problem for song in system.songs]
    assert problems[0] is not None
    assert problems[0].endswith("a1.wav: no such file")
    assert problems[1] is not None
    assert problems[2] is None
    assert [song.words.deletions for song in system.songs] == [4, 4, 2]
    assert len(progress.warnings) == 2
    assert all(warning.endswith("all its words count as deleted") for warning in progress.warnings)


def test_a_song_that_breaks_the_pipeline_is_a_problem_too(data: Path, model: Path, fake: FakePipeline) -> None:
    fake.breaks["a2"] = RuntimeError("out of memory\nand a long story")
    (system,) = scored_by(data, config_of(model), None).systems
    assert [song.problem for song in system.songs] == [None, "Artist a2 - Title a2: failed (out of memory)", None]


def test_an_interrupted_run_goes_on(data: Path, model: Path, tmp_path: Path, fake: FakePipeline) -> None:
    fake.breaks["a2"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        scored_by(data, config_of(model), tmp_path / "cache")
    del fake.breaks["a2"]
    fake.transcribed.clear()
    assert scored_by(data, config_of(model), tmp_path / "cache").systems[0].words.hits == 6
    assert fake.transcribed == ["a2", "a3"]


def test_models_and_caches_that_cannot_be_used_end_it(data: Path, model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        scored_by(data, config_of(tmp_path), None)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        scored_by(data, config_of(model), tmp_path / "file")


def test_chunks_are_recognised_one_by_one_and_scored_by_song(
    data: Path, model: Path, tmp_path: Path, fake: FakePipeline
) -> None:
    (tmp_path / "audio" / "a3.wav").unlink()
    (system,) = scored_by(data, config_of(model), tmp_path / "cache", protocol="short").systems
    assert len(fake.transcribed) == 4
    assert [song.song_id for song in system.songs] == ["a1", "a2", "a3"]
    assert (system.words.num_words, system.words.hits) == (12, 4)
    first = system.songs[0]
    assert [line.start_s for line in first.lines] == pytest.approx([1.0, 8.0])
    assert (first.interval is not None, first.problem) == (True, None)
    assert first.run is not None
    assert first.run.audio_s == pytest.approx(3.8, abs=0.2)
    problem = system.songs[2].problem
    assert problem is not None
    assert problem.startswith("2 of 2 utterances: ")


def test_a_limit_spreads_over_all(data: Path, model: Path) -> None:
    chunks = find_split(data, "train", "short")
    assert [entry.song_id for entry in limited(chunks, 3).entries] == ["a1", "a2", "a3"]
    assert limited(chunks, None) == chunks
    assert limited(chunks, 99) == chunks


def test_every_entry_is_announced(data: Path, model: Path, fake: FakePipeline) -> None:
    said: list[str] = []
    entries = find_split(data, "train", "long").entries
    system = System("fake", config_of(model))
    assert len(list(recognize_all(entries, system, Cache(), progress=SILENT, announce=said.append))) == 3
    assert said[0] == "fake: 1/3 Artist a1 - Title a1: "


@pytest.fixture
def stems(tmp_path: Path) -> Path:
    """The true voice of the songs of `data`: the whole sound, for the first; one that is too short, for the second."""
    folder = tmp_path / "stems"
    folder.mkdir()
    sound, rate = soundfile.read(tmp_path / "audio" / "a1.wav", dtype="float32")
    noise = np.random.default_rng(0).normal(0, 0.05, sound.shape).astype(np.float32)
    write_song(folder / "a1.vocals.wav", sound + noise, rate)
    write_song(folder / "a2.vocals.wav", sound[: len(sound) // 2], rate)
    return folder


def test_a_tiny_model_transcribes_and_its_separation_is_measured(
    data: Path, stems: Path, model: Path, tmp_path: Path, forbidden: Callable[[], None]
) -> None:
    progress = Warnings()
    config = replace(config_of(model), separator="center")
    settings = ScoreConfig("long", stems=TrueStems(stems), cache=Cache(tmp_path / "cache"))
    references = find_split(data, "train", "long")
    report = score(references, [], [System("tiny", config)], config=settings, progress=progress)
    first, second, third = report.systems[0].songs
    assert (second.separation, third.separation) == (None, None)
    assert first.separation is not None
    assert first.separation.mix_si_sdr is not None
    assert first.separation.si_sdr is not None
    assert 0 < first.separation.mix_si_sdr < 20
    assert report.systems[0].separation == first.separation
    assert [warning for warning in progress.warnings if "a2.vocals.wav: no separation figures" in warning]
    assert first.run is not None
    assert first.run.real_time_factor is not None
    assert first.run.memory_gib is not None
    assert first.run.memory_gib > 0
    assert report.systems[0].settings == {"separator": "center", "recognizer": str(model), "seed": "0"}
    forbidden()
    assert score(references, [], [System("tiny", config)], config=settings) == report


def test_the_rooms_of_a_transcript_are_all_that_it_is_computed_by() -> None:
    package = Path(recognise.__file__).parent.parent
    imported = {
        name
        for room in recognise.ROOMS
        for path in (package / room).rglob("*.py")
        for name in re.findall(r"(?:from|import) lyricsrec\.(\w+)", path.read_text("utf-8"))
    }
    assert imported <= {*recognise.ROOMS, "version"}


def test_a_recognition_survives_the_cache(tmp_path: Path) -> None:
    provenance = Provenance("0", "a", "b", decoder="c", settings={"a": 1, "b": 1.5, "c": True, "d": None, "e": "x"})
    words = (Word("Süß", None, None), Word("é", 1.0, 2.0, confidence=0.25))
    found = Recognition(
        Transcript("s", 1.5, (Line(words), Line(())), provenance=provenance, notes=("a note",)),
        RunFigures(1.5, 0.5, 1 / 3, memory_gib=0.1, gpu_memory_gib=None, device="cpu"),
        SeparationFigures(1.0, None, -2.5, mix_sdr=None),
    )
    cache = Cache(tmp_path)
    cache.write("key", Recognition, found)
    assert cache.read("key", Recognition) == found
    assert cache.read("other", Recognition) is None
    assert Cache().read("key", Recognition) is None
