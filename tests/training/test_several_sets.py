"""A run on several data sets, from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from accelerate.state import AcceleratorState
from helpers.data_sets import make_data
from helpers.tiny_models import make_whisper_ctc_folder
from safetensors.torch import load_file
from typer.testing import CliRunner

from lyricsrec.cli import app
from lyricsrec.dataset.learned import learned_by
from lyricsrec.training.state.checkpoint import read_state

Run = Callable[..., str]


def make_set(parent: Path, name: str, num_songs: int) -> Path:
    """A data set in a folder of this name, validated on what it trains on."""
    folder = make_data(parent, [{} for _ in range(num_songs)], extract=True).rename(parent / name)
    (folder / "validation.jsonl").write_bytes((folder / "train.jsonl").read_bytes())
    return folder


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Six chunks and two, whose ids are among those of the six."""
    return make_set(tmp_path_factory.mktemp("a"), "large", 3), make_set(tmp_path_factory.mktemp("b"), "small", 1)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_whisper_ctc_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture
def run(model: Path, sets: tuple[Path, Path], accelerator: object) -> Run:
    """Runs `finetune` on both sets in this process; returns its messages."""

    def run(output: Path, *more: str, again: Sequence[str] = ()) -> str:
        AcceleratorState._reset_state(reset_partial_state=True)
        large, small = sets
        fixed = ["finetune", str(model), "--output", str(output), "--offline", "--device", "cpu", "--batch-s", "4"]
        data = again or ["--data", f"{large}@0.5", "--data", f"{small}@2"]
        done = CliRunner().invoke(app, [*fixed, "--set", "data.num_workers=0", "--verbose", *data, *more])
        assert done.exit_code == 0, done.output
        return " ".join(done.stderr.split())

    return run


@pytest.mark.slow
def test_a_resume_goes_on_with_all_sets_to_the_bit(run: Run, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    run(whole, "--steps", "5")
    run(parts, "--steps", "2")
    assert "new epoch" not in run(parts, "--steps", "5", "--resume")
    one, two = (load_file(folder / "last" / "model.safetensors") for folder in (whole, parts))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_run_on_two_sets(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert "large: 6, weight 0.5; small: 2, weight 2" in run(folder, "--steps", "5")
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    # Seven chunks an epoch: half of the six, and the two twice.
    assert [row["epoch"] for row in rows if row["kind"] == "step"] == [0, 0, 0, 0, 1]
    validation = rows[-1]
    assert {name: own["num_words"] for name, own in validation["sets"].items()} == {"large": 12, "small": 4}
    assert len(learned_by(folder / "last").trained) == 3
    manifests = json.loads((folder / "last" / "lyricsrec.json").read_text())["manifests"]
    assert [Path(path).parent.name for path in manifests] == ["large", "large", "small", "small"]


def test_other_weights_begin_a_new_epoch(run: Run, tmp_path: Path, sets: tuple[Path, Path]) -> None:
    run(tmp_path / "run", "--steps", "1")
    heavier = f'data.sets=[{{folder="{sets[0]}"}}, {{folder="{sets[1]}", weight=3}}]'
    said = run(tmp_path / "run", "--steps", "2", "--resume", again=["--set", heavier])
    assert f"data.sets: {sets[0]} (weight 0.5), {sets[1]} (weight 2) -> {sets[0]} (weight 1), {sets[1]}" in said
    assert "the training chunks are others than before: a new epoch begins" in said
    assert read_state(tmp_path / "run" / "last").position.epoch == 1


def test_a_bad_file_is_named_with_its_set(run: Run, sets: tuple[Path, Path], tmp_path: Path) -> None:
    row = json.loads((sets[1] / "train.jsonl").read_text().splitlines()[0])
    audio = sets[1] / row["audio"]
    sound = audio.read_bytes()
    audio.write_bytes(b"RIFF, no longer")
    try:
        said = run(tmp_path / "run", "--steps", "4")
    finally:
        audio.write_bytes(sound)
    assert f"small: {row['audio']} cannot be read: its chunks are skipped and counted" in said
    assert f"small: {row['audio']} cannot be read: validation is without its chunks" in said
