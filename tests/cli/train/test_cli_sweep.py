"""`lyricsrec sweep` as users see it, and the example on tiny models."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml
from helpers import stand_in_train
from helpers.command_line import Cli, check_error
from helpers.data_sets import make_data
from helpers.files import ROOT
from helpers.tiny_models import make_whisper_ctc_folder
from PIL import Image
from typer.testing import CliRunner

from lyricsrec.cli import app

SWEEP = """
trials = 3
sampler = "random"
[train]
engine = { steps = 2 }
[parameters]
"optimizer.head_rate" = { low = 1e-5, high = 1e-1, log = true }
"data.max_s" = { choices = [5.0, 10.0] }
"freeze.parts" = { choices = [["features"], ["features", "encoder"]] }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "sweep.toml").write_text(SWEEP)
    return tmp_path / "sweep.toml"


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials run the stand-in."""
    monkeypatch.setattr("lyricsrec.training.sweep.scheduler.Runs.__init__.__kwdefaults__", {
        "command": (sys.executable, stand_in_train.__file__), "devices": (), "threads": 1, "poll_s": 0.02,
    })  # fmt: skip
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")


@pytest.mark.usefixtures("stand_in")
def test_results_are_a_table_a_document_a_picture_and_settings(file: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["sweep", str(file), "-o", str(tmp_path / "out")], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert "WER %" in done.stdout
    assert "(best)" in done.stdout
    assert "the best settings are in" in done.stderr
    again = CliRunner().invoke(app, ["sweep", str(file), "-o", str(tmp_path / "out"), "--resume", "--json"])
    results = json.loads(again.stdout)
    assert results == json.loads((tmp_path / "out" / "sweep.json").read_text())
    assert len(results["trials"]) == 3
    best = results["trials"][0]
    assert best["number"] == results["best"]
    assert best["value"] == min(trial["value"] for trial in results["trials"])
    shown = f"# optimizer.head_rate = {best['parameters']['optimizer.head_rate']!r}\n"
    assert shown in (tmp_path / "out" / "best.toml").read_text()
    with Image.open(tmp_path / "out" / "sweep.png") as picture:
        assert picture.width == 1500


def test_the_sweep_for_weights_and_biases_has_the_same_parameters(file: Path) -> None:
    done = CliRunner().invoke(app, ["sweep", str(file), "-o", "runs", "--wandb", "--set", "data.folder=my songs"])
    assert done.exit_code == 0, done.output
    document = yaml.safe_load(done.stdout)
    assert document["method"] == "random"
    assert document["metric"] == {"name": "validation/wer_greedy", "goal": "minimize"}
    assert document["parameters"] == {
        "set=optimizer.head_rate": {"distribution": "log_uniform_values", "min": 1e-5, "max": 1e-1},
        "set=data.max_s": {"values": ["5.0", "10.0"]},
        "set=freeze.parts": {"values": ['["features"]', '["features", "encoder"]']},
    }
    assert document["command"] == [
        "sh",
        "-c",
        "lyricsrec train --tracker wandb --set=engine.steps=2 '--set=data.folder=my songs' "
        '--output runs/"$WANDB_RUN_ID" "$@"',
        "sweep",
        "${args}",
    ]


def test_without_optuna_the_extra_is_named(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    done = CliRunner().invoke(app, ["sweep", str(file), "-o", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert done.stderr == "error: a sweep needs optuna\n  pip install 'lyricsrec[sweep]'\n"


@pytest.mark.slow
def test_the_example_runs_on_tiny_models(cli: Cli, tmp_path: Path) -> None:
    model = make_whisper_ctc_folder(tmp_path / "model")
    data = make_data(tmp_path / "songs", [{}] * 3)
    (data / "validation.jsonl").write_bytes((data / "train.jsonl").read_bytes())
    settings = [
        f"model.recognizer={model}", "model.separator=spleeter", f"data.folder={data}", "engine.device=cpu",
        "engine.steps=2", "validation.every=1", "data.num_workers=0", "data.batch_s=4", "guard.num_clips=0",
    ]  # fmt: skip
    sets = [part for text in settings for part in ("--set", text)]
    start = [
        "sweep",
        ROOT / "examples" / "sweep.toml",
        "-o",
        "out",
        "--trials",
        "2",
        "--jobs",
        "2",
        "--offline",
        "--json",
    ]
    done = cli(*start, *sets, PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stderr.decode()
    results = json.loads(done.stdout)
    assert [trial["state"] for trial in results["trials"]] == ["complete", "complete"]
    assert all(len(trial["parameters"]) == 7 for trial in results["trials"])
    more = cli("train", "--config", "out/best.toml", "-o", "run", "--offline", "--steps", "1")
    assert more.returncode == 0, more.stderr.decode()
    check_error(cli(*start, *sets), 2, "out already contains a sweep")


@pytest.mark.slow
def test_real_trials_are_pruned_by_halving_on_their_character_error_rate(cli: Cli, tmp_path: Path) -> None:
    model = make_whisper_ctc_folder(tmp_path / "model")
    data = make_data(tmp_path, [{"words": [("a", 1.0, 1.5), ("a", 2.0, 2.5), ("a", 3.0, 3.5), ("a", 4.0, 4.5)]}])
    (data / "validation.jsonl").write_bytes((data / "train.jsonl").read_bytes())
    shared = [
        f"data.folder={data}", "data.num_workers=0", "data.batch_s=4", "engine.device=cpu", "validation.every=4",
        "optimizer.schedule=constant", "optimizer.warmup_steps=0", "mask.time=0.0", "mask.bands=0.0",
        *(f"augment.{name}_chance=0.0" for name in ("gain", "noise", "speed", "backing")),
    ]  # fmt: skip
    sets = [f"--set={text}" for text in (*shared, "checkpoint.every=4", "checkpoint.keep=9")]
    rates = ["--steps", "24", "--head-rate", "0.03", "--freeze", "features", "--freeze", "encoder"]
    done = cli("finetune", model, "-o", "learned", "--offline", *sets, *rates)
    assert done.returncode == 0, done.stderr.decode()
    rows = map(json.loads, (tmp_path / "learned" / "metrics.jsonl").read_text().splitlines())
    by_cer = sorted((row["cer"]["greedy"], row["step"]) for row in rows if row["kind"] == "validation")
    better, worse = by_cer[0], next(item for item in reversed(by_cer) if item[0] < 1)
    assert better[0] < worse[0]
    # Both stay as they are: what differs is what they have learned before.
    (tmp_path / "sweep.toml").write_text(
        "trials = 2\nmetric = 'cer'\nsampler = 'grid'\npruner = 'halving'\nwarmup_steps = 1\n[train]\n"
        "model = { separator = 'none' }\nvalidation = { every = 1 }\nengine = { steps = 12 }\n"
        "optimizer = { name = 'sgd', head_rate = 0.0, encoder_rate = 0.0 }\n[parameters]\n'model.recognizer' = "
        f"{{ choices = {[str(tmp_path / 'learned' / f'step-{step:08d}') for _, step in (better, worse)]} }}\n"
    )
    sets = [f"--set={text}" for text in (*shared[:4], *shared[5:], "model.new_head=false")]
    done = cli("sweep", "sweep.toml", "-o", "out", "--offline", "--json", *sets, PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stderr.decode()
    results = json.loads(done.stdout)
    assert [trial["state"] for trial in results["trials"]] == ["complete", "pruned"]
    assert [trial["cer"] for trial in results["trials"]] == [better[0], worse[0]]
    assert len(results["trials"][0]["curve"]) == 12 > len(results["trials"][1]["curve"])
