"""Tuning in a tiny world of two chunks: one needs the language model, the other suffers from too much of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.sounds import chord, write_song
from helpers.tiny_language import LABELS, LM, VOCABULARY, emission

from lyricsrec.audio.audio import Audio
from lyricsrec.base.errors import AudioError, DataError, ModelError, UsageError
from lyricsrec.dataset.manifest import ChunkRow, SongRow, to_line
from lyricsrec.decoding.emission import Emission
from lyricsrec.decoding.lm_folder import LanguageModelInfo, Tuning, read_info
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.settings import DecodeConfig, Weights
from lyricsrec.lm.settings import TuneConfig
from lyricsrec.lm.tuning import emissions
from lyricsrec.lm.tuning.emissions import EmissionSource
from lyricsrec.lm.tuning.evaluate import TuningSet, evaluating
from lyricsrec.lm.tuning.tune import spread, tune
from lyricsrec.lyrics.wer import Edits

CONFIG = TuneConfig(alphas=(0.0, 0.25, 0.5, 1.0), betas=(-1.0, 0.0, 1.0), beam_widths=(5, 20))
TEXTS = ("CAT HERE", "CAR HERE")
BORDERS = (0.0407, 0.309)
"""Between these alphas both chunks are decoded correctly: the language model prefers CAT by 3.4 log10."""


def uncertain(car: float, cat: float) -> Emission:
    """`CAR` or `CAT`, with these probabilities, and a sure `HERE`."""
    log_probs = emission("C-A-T|H-E-R-E").log_probs.copy()
    log_probs[4, LABELS.index("R")] = np.log(car)
    log_probs[4, LABELS.index("T")] = np.log(cat)
    return Emission(log_probs, 0.1, 0.0, vocabulary=VOCABULARY)


EMISSIONS = (uncertain(0.55, 0.40), uncertain(0.90, 0.08))


@pytest.fixture
def lm(tmp_path: Path) -> Path:
    folder = tmp_path / "lm"
    folder.mkdir()
    (folder / "lm.arpa").write_text(LM)
    (folder / "vocabulary.txt").write_text("car\ncat\nhere\n")
    made = LanguageModelInfo(
        "lm.arpa",
        2,
        (0, 0),
        min_count=1,
        letters="A",
        case="lower",
        language=None,
        estimator="lyricsrec",
        texts=(("train.jsonl", 1),),
        num_sentences=1,
        num_words=3,
        ngrams=(6, 4),
    )
    (folder / "lm.json").write_text(made.to_json())
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    write_song(folder / "song.wav", chord(2.0, 8000), 8000)
    rows = [
        ChunkRow(f"s-{i}", "s", text, audio="song.wav", start_s=i, end_s=i + 1.0, offset_s=0.0, words=())
        for i, text in enumerate(TEXTS)
    ]
    (folder / "validation.jsonl").write_text("".join(to_line(row.to_dict()) for row in rows))
    return folder


@pytest.fixture
def source(tmp_path: Path) -> EmissionSource:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text('{"architectures": ["AnyForCTC"]}')
    return EmissionSource(str(folder), device="cpu")


@pytest.fixture
def pieces(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The starts of the chunks for which a planted recogniser computed emissions; -1 where it was loaded."""
    starts: list[float] = []

    def load(*_: object) -> Callable[[Audio], Emission]:
        starts.append(-1.0)
        return emission_of

    def emission_of(audio: Audio) -> Emission:
        assert (audio.sample_rate, audio.duration_s) == (44_100, pytest.approx(1.0))
        starts.append(audio.start_s)
        return EMISSIONS[round(audio.start_s)]

    monkeypatch.setattr(emissions, "_load", load)
    return starts


class Warnings:
    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.stages: dict[str, tuple[float, float | None]] = {}

    def update(self, stage: str, done: float, total: float | None) -> None:
        self.stages[stage] = (done, total)

    def note(self, message: str) -> None: ...

    def warn(self, message: str) -> None:
        self.warnings.append(message)


def test_the_best_weights_are_found_written_and_used(
    lm: Path, data: Path, source: EmissionSource, pieces: object
) -> None:
    progress = Warnings()
    tuning, found = tune(lm, data, source, CONFIG, progress=progress)
    # 0.25 is right, so are 0.125 and 0.0625, which weigh less; every beta is as good as 0.
    assert tuning == Tuning(
        Weights(0.0625, 0.0, 5),
        0.0,
        0.25,
        wer_words_only=0.25,
        model=source.model,
        separator="none",
        num_chunks=2,
        num_words=4,
    )
    for weights, edits in found.surface.items():
        assert (edits.num_errors == 0) == (BORDERS[0] < weights.alpha < BORDERS[1]), weights
    assert found.greedy == Edits(hits=3, substitutions=1)
    assert tuning.helps
    assert progress.warnings == []
    assert progress.stages["recognising"] == (2, 2)
    assert progress.stages["grid"] == (12, 12)
    assert read_info(lm).tuning == tuning
    assert (lm / "tuning.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("search", ["lexicon", "prefix"])
def test_flags_override_the_folder_and_the_folder_the_defaults(
    lm: Path, data: Path, source: EmissionSource, pieces: object, search: str
) -> None:
    untuned = DecodeConfig(lm=lm, search=search)
    assert make_decoder(VOCABULARY, untuned).name == f"{search} beam 100 + lm (alpha 0.5, beta 1.5)"
    tune(lm, data, source, CONFIG)
    decoder = make_decoder(VOCABULARY, untuned)
    assert decoder.name == f"{search} beam 5 + lm (alpha 0.0625, beta 0)"
    assert [" ".join(word.text for word in decoder.decode(e)) for e in EMISSIONS] == ["cat here", "car here"]
    over = make_decoder(VOCABULARY, replace(untuned, alpha=2.0, beam_width=7))
    assert over.name == f"{search} beam 7 + lm (alpha 2, beta 0)"
    assert [" ".join(word.text for word in over.decode(e)) for e in EMISSIONS] == ["cat here", "cat here"]


def test_emissions_are_cached_and_damaged_ones_computed_again(
    lm: Path, data: Path, source: EmissionSource, pieces: list[float], tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    first, _ = tune(lm, data, source, CONFIG, cache=cache)
    assert pieces == [-1, 0, 1]
    again, _ = tune(lm, data, source, CONFIG, cache=cache)
    assert pieces == [-1, 0, 1]
    kept = sorted(cache.glob("*/*.npz"))
    assert len(kept) == 2
    assert not (lm / "emissions").exists()
    for damage in (b"", b"no emission", kept[0].read_bytes()[:-50], kept[0].read_bytes()[::-1]):
        pieces.clear()
        kept[0].write_bytes(damage)
        again, _ = tune(lm, data, source, CONFIG, cache=cache)
        assert len(pieces) == 2
        assert again == first
    # Other audio is another chunk; its reference text does not matter, nor do the time and the place of the file.
    pieces.clear()
    manifest = data / "validation.jsonl"
    manifest.write_text(manifest.read_text().replace("CAR", "CAT"))
    tune(lm, data, source, CONFIG, cache=cache)
    assert pieces == []
    song = data / "song.wav"
    os.utime(song, (1.0, 1.0))
    song.rename(data / "renamed.wav")
    manifest.write_text(manifest.read_text().replace("song.wav", "renamed.wav"))
    tune(lm, data, source, CONFIG, cache=cache)
    assert pieces == []
    write_song(data / "renamed.wav", chord(2.5, 8000), 8000)
    tune(lm, data, source, CONFIG, cache=cache)
    assert pieces == [-1, 0, 1]
    tune(lm, data, replace(source, separator="center"), CONFIG, cache=cache)
    assert pieces == [-1, 0, 1] * 2


def test_a_damaged_vocabulary_is_written_again(
    lm: Path, data: Path, source: EmissionSource, pieces: list[float]
) -> None:
    tune(lm, data, source, CONFIG)
    (path,) = (lm / "emissions").glob("*/vocabulary.json")
    before = path.read_text()
    path.write_text(before[:20])
    tune(lm, data, source, CONFIG)
    assert pieces == [-1, 0, 1] * 2
    assert path.read_text() == before


def test_a_language_model_that_does_not_help_gives_a_warning(
    lm: Path, data: Path, source: EmissionSource, pieces: object
) -> None:
    manifest = data / "validation.jsonl"
    manifest.write_text(manifest.read_text().replace("CAT", "CAR"))
    progress = Warnings()
    tuning, _ = tune(lm, data, source, CONFIG, progress=progress)
    assert tuning.weights == Weights(0.0, 0.0, 5)
    assert not tuning.helps
    assert progress.warnings == ["this language model does not help: WER 0.00 % at best, 0.00 % without it"]


def test_a_best_point_at_the_edge_gives_a_warning(lm: Path, data: Path, source: EmissionSource, pieces: object) -> None:
    progress = Warnings()
    tune(lm, data, source, replace(CONFIG, alphas=(0.0625,), betas=(1.0, 2.0)), progress=progress)
    assert progress.warnings == ["the best beta, 1, is at the edge of the grid: try more"]
    manifest = data / "validation.jsonl"
    manifest.write_text(manifest.read_text().replace("CAR", "CAT"))
    tune(lm, data, source, replace(CONFIG, alphas=(0.0, 0.5), betas=(0.0,), refinements=0), progress=progress)
    assert progress.warnings[1:] == ["the best alpha, 0.5, is the largest of the grid: try larger ones"]


def test_many_workers_give_the_same_edits(lm: Path, tmp_path: Path) -> None:
    cache = emissions.EmissionCache(tmp_path / "cache")
    paths = [tmp_path / "cache" / f"{number}.npz" for number in range(20)]
    for number, path in enumerate(paths):
        cache.write(path, EMISSIONS[number % 2])
    chunks = TuningSet(tuple(paths), TEXTS * 10, VOCABULARY)
    points = [None, Weights(0.0, 0.0), Weights(0.1, 0.0), Weights(0.5, 0.0, 10)]
    expected = [Edits(30, 10), Edits(30, 10), Edits(40), Edits(30, 10)]
    for workers in (1, 2):
        with evaluating(lm, chunks, workers=workers) as evaluator:
            assert evaluator.edits(points, "grid") == expected
            assert evaluator.edits([], "nothing") == []
    (lm / "lm.arpa").write_text("no model")
    with (
        evaluating(lm, chunks, workers=2) as evaluator,
        pytest.raises(ModelError, match="not a language model that KenLM can read"),
    ):
        evaluator.edits(points, "grid")


def test_chunks_are_spread_over_all() -> None:
    rows = list(range(10))
    assert spread(rows, 3) == [0, 3, 6]
    assert spread(rows, 99) == spread(rows, None) == rows


def test_a_test_split_is_refused(lm: Path, data: Path, source: EmissionSource) -> None:
    manifest = data / "validation.jsonl"
    test = data / "test.jsonl"
    test.write_bytes(manifest.read_bytes())
    with pytest.raises(DataError, match="test split, which no model may learn from") as refused:
        tune(lm, test, source, CONFIG)
    assert refused.value.hint == "Use validation.jsonl."
    song = SongRow(
        "s",
        "A",
        "B",
        language=None,
        ncc=None,
        is_ground_truth=False,
        split="test",
        audio="song.wav",
        duration_s=2.0,
        num_words=4,
        num_chunks=2,
        lines=(),
    )
    (data / "songs.jsonl").write_text(to_line(song.to_dict()))
    with pytest.raises(DataError, match="test split, which no model may learn from"):
        tune(lm, data, source, CONFIG)


def test_unusable_models_and_data(lm: Path, data: Path, source: EmissionSource, tmp_path: Path, pieces: object) -> None:
    manifest = data / "validation.jsonl"
    (tmp_path / "model" / "model.bin").write_bytes(b"")
    (tmp_path / "model" / "config.json").write_text("{}")
    with pytest.raises(UsageError, match="is a Whisper model"):
        tune(lm, data, source, CONFIG)
    (tmp_path / "model" / "config.json").write_text('{"architectures": ["AnyForCTC"], "model_type": "any"}')
    with pytest.raises(UsageError, match="unknown separator 'nope'"):
        tune(lm, data, replace(source, separator="nope"), CONFIG)
    with pytest.raises(UsageError, match="is not a folder"):
        tune(lm / "lm.arpa", data, source, CONFIG)
    with pytest.raises(ModelError, match="no language model in this folder"):
        tune(tmp_path, data, source, CONFIG)
    with pytest.raises(DataError, match=r"validation\.jsonl: cannot be read"):
        tune(lm, tmp_path, source, CONFIG)
    (data / "song.wav").unlink()
    with pytest.raises(AudioError, match=r"song\.wav: cannot be read"):
        tune(lm, data, source, CONFIG)
    manifest.write_text("")
    with pytest.raises(DataError, match="no chunks in it"):
        tune(lm, data, source, CONFIG)
    assert read_info(lm).tuning is None


def test_training_text_is_warned_of(lm: Path, data: Path, source: EmissionSource, pieces: object) -> None:
    (data / "train.jsonl").write_bytes((data / "validation.jsonl").read_bytes())
    progress = Warnings()
    tune(lm, data / "train.jsonl", source, CONFIG, progress=progress)
    assert progress.warnings == [
        "the language model was built from a train.jsonl; if it is this one, its weight will be too high"
    ]


def test_a_garbled_tuning_is_damage(lm: Path) -> None:
    document = json.loads((lm / "lm.json").read_text())
    for tuning in (5, {}, {"weights": {"alpha": "x", "beta": 0, "beam_width": 5}}):
        (lm / "lm.json").write_text(json.dumps({**document, "tuning": tuning}))
        with pytest.raises(ModelError, match=r"lm\.json: damaged"):
            read_info(lm)
    del document["tuning"]
    (lm / "lm.json").write_text(json.dumps(document))
    assert read_info(lm).tuning is None
