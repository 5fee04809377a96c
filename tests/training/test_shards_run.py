"""Runs on shards, from the command line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import fsspec
import pytest
import torch
from accelerate.state import AcceleratorState
from helpers.command_line import environment_in
from helpers.data_sets import make_data, make_small_shards
from helpers.tiny_models import make_whisper_ctc_folder
from safetensors.torch import load_file
from typer.testing import CliRunner

from lyricsrec.cli import app
from lyricsrec.dataset.learned import learned_by
from lyricsrec.training.state.checkpoint import read_state

Run = Callable[..., str]
NO_WORKERS = ("--set", "data.num_workers=0", "--set", "data.shard_buffer=1", "--set", "data.bucket=1")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_data(tmp_path_factory.mktemp("data"), [{}] * 4, extract=True)
    (folder / "validation.jsonl").write_bytes((folder / "train.jsonl").read_bytes())
    return folder


@pytest.fixture(scope="module")
def shards(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight chunks in three shards, which are those to validate on as well."""
    folder = tmp_path_factory.mktemp("shards")
    make_small_shards(data, folder, splits=("train", "validation"))
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_whisper_ctc_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture
def bucket(shards: Path) -> Iterator[str]:
    files = fsspec.filesystem("memory")
    for path in shards.iterdir():
        files.pipe(f"/bucket/songs/{path.name}", path.read_bytes())
    yield "memory://bucket/songs"
    files.rm("/bucket", recursive=True)


@pytest.fixture
def run(model: Path, accelerator: object) -> Run:
    """Runs `finetune` in this process; returns its messages."""

    def run(output: Path, *more: str) -> str:
        AcceleratorState._reset_state(reset_partial_state=True)
        fixed = ["finetune", str(model), "--output", str(output), "--offline", "--device", "cpu", "--batch-s", "4"]
        done = CliRunner().invoke(app, [*fixed, *NO_WORKERS, "--verbose", *more])
        assert done.exit_code == 0, done.output
        return " ".join(done.stderr.split())

    return run


def weights(output: Path) -> dict[str, torch.Tensor]:
    return load_file(output / "last" / "model.safetensors")


@pytest.mark.slow
def test_a_resume_on_a_url_and_a_folder_goes_on_to_the_bit(run: Run, bucket: str, data: Path, tmp_path: Path) -> None:
    sets = ["--data", f"{bucket}@0.5", "--data", str(data)]
    run(tmp_path / "whole", *sets, "--steps", "5")
    run(tmp_path / "parts", *sets, "--steps", "2")
    assert "new epoch" not in run(tmp_path / "parts", *sets, "--steps", "5", "--resume")
    one, two = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(torch.equal(one[name], two[name]) for name in one)


@pytest.mark.slow
def test_a_run_on_a_url_with_a_damaged_shard(run: Run, bucket: str, tmp_path: Path) -> None:
    fsspec.filesystem("memory").rm("/bucket/songs/train-00002.tar")
    said = run(tmp_path, "--data", bucket, "--steps", "4")
    assert "8 training chunks (left out: none)" in said
    assert said.count("train-00002.tar cannot be read: its chunks are skipped and counted") == 1
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [row["num_unreadable"] for row in rows if row["kind"] == "step"][-1] == 2
    assert rows[-1]["num_words"] == 16
    assert len(learned_by(tmp_path / "last").trained) == 4
    manifests = json.loads((tmp_path / "last" / "lyricsrec.json").read_text())["manifests"]
    assert list(manifests) == [f"{bucket}/shards.json"]
    assert manifests[f"{bucket}/shards.json"]


@pytest.mark.slow
def test_two_processes_go_on_where_one_stopped(
    lyricsrec: Sequence[str], model: Path, shards: Path, tmp_path: Path
) -> None:
    def train(*more: str) -> list[float]:
        fixed = ["finetune", str(model), "--output", str(tmp_path / "run"), "--offline", "--device", "cpu"]
        steady = [f"--set=augment.{kind}_chance=0.0" for kind in ("gain", "noise", "speed", "backing")]
        steady += ["--set", "mask.time=0.0", "--set", "mask.bands=0.0", "--freeze", "features"]
        arguments = [*fixed, *NO_WORKERS, *steady, "--data", str(shards), *more]
        done = subprocess.run(
            [*lyricsrec, *arguments], capture_output=True, text=True, check=False, env=environment_in(tmp_path)
        )
        assert done.returncode == 0, done.stderr
        rows = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
        return [row["ctc"] for row in rows if row["kind"] == "step"]

    train("--steps", "1", "--batch-s", "4")
    losses = train("--steps", "3", "--batch-s", "2", "--gpus", "2", "--resume")
    assert len(losses) == 3
    position = read_state(tmp_path / "run" / "last").position
    assert (position.epoch, position.batch) == (0, 2)
    assert [leg.num_batches for leg in position.earlier] == [1]
