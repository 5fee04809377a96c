"""Resuming a run from the command line: it goes on as it was, except for what is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from accelerate.state import AcceleratorState
from helpers.data_sets import make_data
from helpers.tiny_models import make_whisper_ctc_folder
from typer.testing import CliRunner

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import app
from lyricsrec.training.resume import changes, check_possible, settings_of_run
from lyricsrec.training.run import check_sharded
from lyricsrec.training.settings import (
    CheckpointConfig,
    EmaConfig,
    EngineConfig,
    FreezeConfig,
    ModelConfig,
    OptimizerConfig,
    PartConfig,
    TrainConfig,
)
from lyricsrec.training.settings.file import read_config
from lyricsrec.training.state.checkpoint import read_state

Run = Callable[..., str]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_whisper_ctc_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_data(tmp_path_factory.mktemp("data"), [{}] * 3)
    (folder / "validation.jsonl").write_bytes((folder / "train.jsonl").read_bytes())
    return folder


@pytest.fixture
def run(model: Path, data: Path, tmp_path: Path, accelerator: object) -> Run:
    """Runs `finetune` in this process; returns its messages."""

    def run(*more: str, code: int = 0) -> str:
        AcceleratorState._reset_state(reset_partial_state=True)
        fixed = ["finetune", str(model), "--output", str(tmp_path / "run"), "--offline"]
        done = CliRunner().invoke(app, [*fixed, *more])
        assert done.exit_code == code, done.output
        return " ".join(done.stderr.split())

    run.first = ["--data", str(data), "--device", "cpu", "--set", "data.num_workers=0", "--batch-s", "4"]  # type: ignore[attr-defined]
    return run


def rows(folder: Path, kind: str = "step") -> list[dict[str, Any]]:
    found = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [row for row in found if row["kind"] == kind]


def test_a_resumed_run_keeps_its_settings_and_what_is_changed_takes_effect(run: Run, tmp_path: Path) -> None:
    steady = ["--set", "optimizer.schedule=constant", "--set", "optimizer.warmup_steps=0", "--steps", "2"]
    run(*run.first, *steady, "--precision", "bf16", "--freeze", "encoder", "--head-rate", "1e-3")  # type: ignore[attr-defined]
    folder = tmp_path / "run"
    before = read_config(folder / "config.toml")
    said = run("--resume", "--steps", "3", "--head-rate", "5e-4", "--set", "optimizer.head_decay=0.5")
    assert "engine.steps: 2 -> 3" in said
    assert "optimizer.head_rate: 0.001 -> 0.0005" in said
    assert said.count("changed since the run began") == 3
    after = read_config(folder / "config.toml")
    assert {change.key for change in changes(before, after)} == {
        "engine.steps",
        "optimizer.head_rate",
        "optimizer.head_decay",
    }
    assert (after.engine.precision, after.freeze.parts) == ("bf16", ("encoder",))
    assert [row["rates"]["head"] for row in rows(folder)] == [1e-3, 1e-3, 5e-4]
    groups = read_state(folder / "last").optimizer["param_groups"]
    assert {group["weight_decay"] for group in groups if group["part"] == "head"} == {0.5, 0.0}
    said = run("--resume", "--set", "model.head_width=9", "--seed", "7", code=2)
    assert "model.head_width: 384 -> 9; engine.seed: 0 -> 7" in said
    assert read_config(folder / "config.toml") == after


def test_rates_follow_their_schedule_over_a_resume(run: Run, tmp_path: Path) -> None:
    more = ["--steps", "6", "--set", "optimizer.warmup_steps=2", "--set", "optimizer.schedule=linear"]
    run(*run.first, *more, "--profile")  # type: ignore[attr-defined]
    profile = json.loads((tmp_path / "run" / "profile.json").read_text())
    assert profile["num_steps"] == 4
    assert profile["operations_per_s"] > 0
    assert all(profile["sections"][name] > 0 for name in ("data", "recogniser", "losses", "backward", "optimizer"))
    assert [row["rates"]["head"] for row in rows(tmp_path / "run")] == pytest.approx(
        [0.5e-3, 1e-3, 1e-3, 0.75e-3, 0.5e-3, 0.25e-3]
    )
    run("--resume", "--steps", "10")
    assert [row["rates"]["head"] for row in rows(tmp_path / "run")][6:] == pytest.approx(
        [0.5e-3, 0.375e-3, 0.25e-3, 0.125e-3]
    )


def test_a_run_without_gain_ends_early_and_goes_on_with_more_patience(run: Run, tmp_path: Path) -> None:
    still = ["--optimizer", "sgd", "--schedule", "constant", "--head-rate", "0", "--encoder-rate", "0"]
    more = ["--steps", "20", "--set", "validation.every=1", "--patience", "2", "--ema", "0.5"]
    said = run(*run.first, *still, *more)  # type: ignore[attr-defined]
    why = "ended early after 3 steps: no WER of the last 2 validations was better than that of step 1"
    assert f"{why}; the best checkpoint is" in said
    assert why in run("--resume")
    assert len(rows(tmp_path / "run")) == 3
    assert "ended early after 5 steps: no WER of the last 4" in run("--resume", "--patience", "4")
    assert (tmp_path / "run" / "last" / "raw" / "model.safetensors").is_file()


def test_an_unfrozen_part_is_trained_after_a_resume(run: Run, tmp_path: Path) -> None:
    run(*run.first, "--steps", "1", "--freeze", "encoder", "--freeze", "features")  # type: ignore[attr-defined]
    run("--resume", "--steps", "2", "--freeze", "features")
    assert [bool(row["rates"]["encoder"]) for row in rows(tmp_path / "run")] == [False, True]
    assert rows(tmp_path / "run")[-1]["gradient_norm"] > 0


def test_other_batches_go_on_with_the_chunks_that_are_left(run: Run, tmp_path: Path) -> None:
    run(*run.first, "--steps", "1")  # type: ignore[attr-defined]
    run("--resume", "--steps", "3", "--batch-s", "2")
    state = read_state(tmp_path / "run" / "last")
    assert (state.position.epoch, state.position.batch) == (0, 2)
    assert [leg.num_batches for leg in state.position.earlier] == [1]


def test_settings_that_differ() -> None:
    before = TrainConfig()
    after = TrainConfig(
        model=ModelConfig(new_head=True),
        freeze=FreezeConfig((), {"features": 4}),
        checkpoint=CheckpointConfig(keep=5),
        engine=EngineConfig(steps=7),
    )
    differing = changes(before, after)
    assert [str(change) for change in differing] == [
        "model.new_head: False -> True",
        "freeze.parts: separator, features -> none",
        "freeze.until: none -> features 4",
        "checkpoint.keep: 2 -> 5",
        "engine.steps: 10000 -> 7",
    ]
    with pytest.raises(UsageError, match=r"keeps these settings \(model.new_head: False -> True\)"):
        check_possible(differing)
    check_possible(differing[1:])
    assert changes(before, before) == []


def test_there_is_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no checkpoint to resume from"):
        settings_of_run(tmp_path)
    (tmp_path / "step-00000001" / "state").mkdir(parents=True)
    (tmp_path / "step-00000001" / "state" / "progress.json").write_text("{}")
    with pytest.raises(UsageError, match=r"config\.toml is missing"):
        settings_of_run(tmp_path)


@pytest.mark.parametrize(
    ("config", "named"),
    [
        (TrainConfig(freeze=FreezeConfig((), {"head": 3})), "freeze.until"),
        (TrainConfig(ema=EmaConfig(0.9)), "ema.decay"),
        (TrainConfig(optimizer=OptimizerConfig(head=PartConfig(max_norm=1.0))), "a max_norm for one part"),
        (TrainConfig(optimizer=OptimizerConfig(head=PartConfig("adafactor"))), "adafactor"),
    ],
)
def test_what_cannot_be_sharded_is_refused_by_name(config: TrainConfig, named: str) -> None:
    with pytest.raises(UsageError, match=f"{named}.* cannot be used with FSDP"):
        check_sharded(config)
    check_sharded(TrainConfig())
