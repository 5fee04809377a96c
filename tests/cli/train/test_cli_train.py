"""`lyricsrec train` and `finetune` as users see them: their errors, their help, and a short run."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from accelerate.state import AcceleratorState
from helpers.command_line import Cli
from helpers.data_sets import make_data
from typer.testing import CliRunner

from lyricsrec.base.cache import content_digest
from lyricsrec.cli import app
from lyricsrec.dataset.learned import learned_by
from lyricsrec.dataset.preparation.settings import SplitConfig
from lyricsrec.training.data.position import Position
from lyricsrec.training.state.checkpoint import Checkpoints, TrainingState, write_state
from lyricsrec.version import VERSION


@pytest.fixture(autouse=True)
def fresh(accelerator: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine is left of an earlier run in this process, and there is no GPU."""
    AcceleratorState._reset_state(reset_partial_state=True)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set with a training split and a validation split."""
    folder = make_data(tmp_path_factory.mktemp("data"), [{}] * 4, SplitConfig("random", ratios=(0.5, 0.5, 0.0)))
    assert all((folder / f"{split}.jsonl").stat().st_size for split in ("train", "validation"))
    return folder


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """The folder of a run that was begun."""
    with Checkpoints(tmp_path / "finished").writing(1) as folder:
        write_state(folder, TrainingState(Position(1), {}, {}))
    return tmp_path / "finished"


def error_of(*arguments: str | Path, code: int) -> str:
    """The error message of a command that fails, on one line."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == code, done.output
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def finetune(model: Path, data: Path, tmp_path: Path, *arguments: str | Path, code: int = 2) -> str:
    fixed = ["--data", data, "-o", tmp_path / "run", "--device", "cpu", "--offline", "--separator", "none"]
    return error_of("finetune", model, *fixed, *arguments, code=code)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--unfreeze", "separator"], "--unfreeze 'separator' names no step .*separator@2000"),
        (["--unfreeze", "separator@soon"], "names no step"),
        (["--unfreeze", "separator@²"], "names no step"),
        (["--freeze", "hed"], "no part 'hed' to freeze Parts: separator, features, encoder, head; layers encoder.0"),
        (["--unfreeze", "encoder.7@5"], r"no part 'encoder\.7' to freeze"),
        (
            ["--freeze", "features", "--freeze", "encoder", "--freeze", "head"],
            "every part is frozen, so nothing would be trained Leave out one",
        ),
        (["--steps", "0"], r"--steps must be greater than or equal to 1, not 0"),
        (["--batch-s", "-1"], r"--batch-s must be greater than 0"),
        (["--seed", "-1"], "--seed must be "),
        (["--tracker", "mlflow"], "--tracker must be "),
        (["--device", "tpu"], "Invalid value for '--device'.*'tpu' is not one of"),
        (["--device", "cuda"], "no device 'cuda'"),
        (["--set", "optimizer.head_rat=1"], r"unknown setting 'optimizer\.head_rat'"),
        (["--set", "nothing"], "--set 'nothing' has no value"),
        (["--config", "missing.toml"], r"missing\.toml: cannot be read"),
        (["--lm", "missing.arpa"], r"no language model 'missing\.arpa'"),
        (["--separator", "nope"], "unknown separator 'nope'"),
        (["--separator", "center"], "'center' has no trainable weights"),
        (["--precision", "int8"], "Invalid value for '--precision'"),
        (["--gpus", "0"], "Invalid value for '--gpus'"),
        (["--set", "data.min_s=40"], r"data: min_s \(40\) is above max_s \(30\)"),
        (["--set", "mask.time_s=0.5"], r"mask\.time_s is 0\.5, but the shortest chunks may have only 0\.41 s"),
        (["--resume"], "run: no checkpoint to resume from Leave out --resume"),
    ],
)
def test_flags_that_do_not_fit(
    ctc_folder: Path, data: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    assert re.search(message, finetune(ctc_folder, data, tmp_path, *arguments))


def test_more_gpus_than_there_are(ctc_folder: Path, data: Path, tmp_path: Path) -> None:
    fixed = ["--data", data, "-o", tmp_path / "run", "--gpus", "4"]
    assert "--gpus 4, but this machine has no GPUs" in error_of("finetune", ctc_folder, *fixed, code=2)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("command", [["train"], ["finetune", "tiny.en"]])
def test_there_is_no_run_without_data(tmp_path: Path, command: list[str]) -> None:
    assert "no training data Give --data FOLDER" in error_of(*command, "-o", tmp_path / "run", code=2)
    assert "Missing option '--output'" in error_of(*command, "--data", tmp_path, code=2)
    assert list(tmp_path.iterdir()) == []


def test_data_that_cannot_be_trained_on(ctc_folder: Path, data: Path, tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path):
        text = finetune(ctc_folder, folder, tmp_path, code=1)
        assert re.search(r"train\.jsonl: no such manifest .*dali-prepare", text)
    only = tmp_path / "only"
    only.mkdir()
    (only / "train.jsonl").write_bytes((data / "train.jsonl").read_bytes())
    # Where the copied manifest now looks for its sounds.
    sounds = ["--audio", tmp_path / "audio"]
    (tmp_path / "audio").mkdir()
    assert re.search(r"validation\.jsonl: no such manifest", finetune(ctc_folder, only, tmp_path, *sounds, code=1))
    (only / "validation.jsonl").write_text("{}\n")
    assert re.search(r"validation\.jsonl", finetune(ctc_folder, only, tmp_path, *sounds, code=1))


def test_the_test_split_is_refused(ctc_folder: Path, tmp_path: Path) -> None:
    tested = make_data(tmp_path / "tested", [{}], SplitConfig("random", ratios=(0.0, 0.0, 1.0)))
    (tested / "train.jsonl").write_bytes((tested / "test.jsonl").read_bytes())
    for settings in ([], ["--set", "data.train=test"]):
        assert "songs of the test split, which no model may learn from" in finetune(
            ctc_folder, tested, tmp_path, *settings, code=1
        )


def test_a_folder_that_holds_a_run_is_not_overwritten(ctc_folder: Path, data: Path, finished: Path) -> None:
    before = sorted(finished.rglob("*"))
    fixed = ["--data", data, "-o", finished, "--device", "cpu", "--offline", "--separator", "none"]
    assert "finished already contains a run Add --resume" in error_of("finetune", ctc_folder, *fixed, code=2)
    assert sorted(finished.rglob("*")) == before


def test_a_recogniser_whose_input_is_shorter_than_the_longest_chunk(data: Path, tmp_path: Path) -> None:
    message = finetune(Path("tiny.en"), data, tmp_path, "--set", "data.max_s=40")
    assert "this recogniser takes at most 30 s at once, but data.max_s is 40 Lower data.max_s" in message


def test_an_output_that_cannot_be_written(ctc_folder: Path, data: Path, tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file, not a folder")
    assert "cannot write into" in finetune(ctc_folder, data, tmp_path, code=1)


def test_models_that_are_not_available(data: Path, tmp_path: Path) -> None:
    assert "no model 'nope'" in finetune(Path("nope"), data, tmp_path, code=1)
    # The defaults of `train`: the recogniser comes first.
    fixed = ["--data", data, "-o", tmp_path / "new", "--device", "cpu", "--offline"]
    assert "--offline forbids downloading it" in error_of("train", *fixed, "--model", "someone/else", code=1)


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("train", ["train --data dali/ -o run/ --gpus 4", "torchrun --nnodes 2", "--resume", "--overfit 1"]),
        ("finetune", ["finetune tiny.en", "--unfreeze encoder@500", "CHECKPOINT"]),
    ],
)
def test_help_shows_examples_at_once(cli: Cli, command: str, shown: list[str]) -> None:
    began = time.perf_counter()
    done = cli(command, "--help", COLUMNS="200")
    # Importing torch alone takes longer on the machines of CI.
    assert time.perf_counter() - began < 5
    text = " ".join(done.stdout.decode().split())
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Examples" in text
    assert not [part for part in shown if part not in text]


@pytest.mark.slow
def test_an_error_in_several_processes_has_no_traceback(cli: Cli, ctc_folder: Path, tmp_path: Path) -> None:
    arguments = ["--data", "missing", "-o", "run", "--device", "cpu", "--separator", "none", "--gpus", "2"]
    done = cli("finetune", ctc_folder, *arguments, "--freeze", "hed", OMP_NUM_THREADS="1")
    stderr = done.stderr.decode()
    assert (done.returncode, done.stdout) == (1, b""), stderr
    assert re.search(r"error: .*missing.train\.jsonl: no such manifest", stderr)
    assert "Traceback" not in stderr
    assert "ChildFailedError" not in stderr


def test_a_run_and_its_files(cli: Cli, ctc_folder: Path, data: Path, tmp_path: Path) -> None:
    arguments = ["--data", data, "--device", "cpu", "--separator", "none", "--steps", "2", "--new-head"]
    done = cli("finetune", ctc_folder, *arguments, "-o", "run", "--set", "data.num_workers=0", OMP_NUM_THREADS="1")
    stderr = done.stderr.decode()
    assert (done.returncode, done.stdout) == (0, b""), stderr
    assert re.search(r"step 2/2: loss \d+\.\d{3}, .* left", stderr)
    assert re.search(r"step 2: loss \d+\.\d{3}, WER \d+\.\d % CER \d+\.\d % \(greedy\)", stderr)
    assert stderr.endswith("finished after 2 steps; the best checkpoint is run/best\n")
    assert "Traceback" not in stderr
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [
        "best",
        "config.toml",
        "curves.png",
        "last",
        "metrics.jsonl",
        "readings.html",
        "step-00000002",
    ]
    card = json.loads((tmp_path / "run" / "best" / "lyricsrec.json").read_text())
    given = ["finetune", str(ctc_folder), *map(str, arguments), "-o", "run", "--set", "data.num_workers=0"]
    assert card["command"][1:] == given
    assert (card["lyricsrec"], card["separator"], card["step"]) == (VERSION, "none", 2)
    assert card["songs"] == {"trained": 2, "validated": 2}
    assert list(card["manifests"].values()) == [content_digest(data / f"{n}.jsonl") for n in ("train", "validation")]
    assert card["libraries"]["torch"]
    assert card["git"] is None
    learned = learned_by(tmp_path / "run" / "best")
    assert set(learned.trained) | set(learned.validated) == {"a1", "a2", "a3", "a4"}
    allowed = {".safetensors", ".json", ".jsonl", ".toml", ".png", ".html"}
    assert {path.suffix for path in (tmp_path / "run").rglob("*") if path.is_file()} == allowed
