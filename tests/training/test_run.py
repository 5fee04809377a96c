"""Complete runs from the command line: distributed, killed, stopped, damaged."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.command_line import NEW_PROCESS, environment_in
from helpers.data_sets import make_data
from helpers.files import EXAMPLES
from helpers.sounds import chord, write_song
from helpers.tiny_models import make_whisper_ctc_folder, tiny_spleeter
from safetensors.torch import load_file

Run = Callable[..., str]
STEADY = ["--set", "mask.time=0.0", "--set", "mask.bands=0.0", "--set", "optimizer.warmup_steps=2"]
STEADY += [f"--set=augment.{name}_chance=0.0" for name in ("gain", "noise", "speed", "backing")]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_whisper_ctc_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve chunks to learn from, which are those to validate on as well."""
    folder = make_data(tmp_path_factory.mktemp("data"), [{}] * 6)
    (folder / "validation.jsonl").write_bytes((folder / "train.jsonl").read_bytes())
    return folder


def finetune(checkpoint: Path, data: Path, output: Path, *more: str) -> list[str]:
    return [
        "finetune", str(checkpoint), "--data", str(data), "--output", str(output),
        "--device", "cpu", "--freeze", "features", "--set", "data.num_workers=0", *more,
    ]  # fmt: skip


@pytest.fixture
def run(lyricsrec: Sequence[str], tmp_path: Path) -> Run:
    """Runs a command, which must end with this exit code; returns its messages."""

    def run(arguments: Sequence[str], code: int = 0) -> str:
        done = subprocess.run(
            [*lyricsrec, *arguments],
            capture_output=True,
            check=False,
            timeout=300,
            text=True,
            env=environment_in(tmp_path),
        )
        assert done.returncode == code, done.stderr
        return done.stderr

    return run


def losses(output: Path) -> list[float]:
    rows = [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]
    return [row["ctc"] for row in rows if row["kind"] == "step"]


def weights(output: Path) -> dict[str, torch.Tensor]:
    return load_file(output / "last" / "model.safetensors")


@pytest.mark.slow
def test_two_processes_train_like_one_with_twice_the_batch(
    run: Run, checkpoint: Path, data: Path, tmp_path: Path
) -> None:
    steps = ["--steps", "4", "--set", "validation.every=4", *STEADY]
    run(finetune(checkpoint, data, tmp_path / "one", *steps, "--batch-s", "8"))
    run(finetune(checkpoint, data, tmp_path / "two", *steps, "--batch-s", "4", "--gpus", "2"))
    assert losses(tmp_path / "one") == pytest.approx(losses(tmp_path / "two"), rel=1e-5)
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    assert all(torch.allclose(one[name], two[name], atol=1e-6) for name in one)
    assert any(
        not torch.equal(one[name], tensor) for name, tensor in load_file(checkpoint / "model.safetensors").items()
    )


@pytest.mark.slow
def test_two_processes_train_like_one_with_every_optimizer(
    run: Run, checkpoint: Path, data: Path, tmp_path: Path
) -> None:
    text = "[optimizer]\nschedule = 'plateau'\npatience = 1\n[optimizer.features]\nname = 'adafactor'\n"
    text += "[optimizer.head]\nname = 'sgd'\nmax_norm = 0.5\nschedule = 'tri-stage'\n"
    (tmp_path / "parts.toml").write_text(text)
    steps = ["--steps", "6", "--set", "validation.every=2", *STEADY, "--config", str(tmp_path / "parts.toml")]
    steps += ["--ema", "0.9", "--unfreeze", "features@3", "--best-metric", "loss"]
    run(finetune(checkpoint, data, tmp_path / "one", *steps, "--batch-s", "8"))
    run(finetune(checkpoint, data, tmp_path / "two", *steps, "--batch-s", "4", "--gpus", "2"))
    assert losses(tmp_path / "one") == pytest.approx(losses(tmp_path / "two"), rel=1e-5)
    for place in ("", "raw"):
        one, two = (load_file(tmp_path / name / "last" / place / "model.safetensors") for name in ("one", "two"))
        # Adafactor and Adam divide by roots of tiny second moments.
        assert all(torch.allclose(one[name], two[name], atol=1e-5) for name in one)


@pytest.mark.slow
def test_a_separator_learns_true_stems_beside_ctc(run: Run, checkpoint: Path, data: Path, tmp_path: Path) -> None:
    start, stems = tmp_path / "spleeter", tmp_path / "stems"
    start.mkdir()
    tiny_spleeter().save(start)
    for name in ("a", "b"):
        (stems / name).mkdir(parents=True)
        write_song(stems / name / "vocals.wav", chord(4.0))
        noise = np.random.default_rng(0).normal(size=(4 * 44_100, 2), scale=0.05)
        write_song(stems / name / "mixture.wav", chord(4.0) + noise)
    more = ["--separator", str(start), "--freeze", "encoder", *STEADY, "--set", "guard.num_clips=0", "--batch-s", "4"]
    more += [f"--set=stems.folder={stems}", f"--set=stems.validation={stems}", "--set=stems.excerpt_s=1.5"]
    more += ["--set=stems.num_clips=2", "--set=validation.every=4", "--separator-rate=3e-3", "--schedule", "constant"]
    whole, resumed, two = tmp_path / "whole", tmp_path / "resumed", tmp_path / "two"
    run(finetune(checkpoint, data, whole, *more, "--set=stems.batch=2", "--steps", "8"))
    run(finetune(checkpoint, data, resumed, *more, "--set=stems.batch=2", "--steps", "3"))
    run(finetune(checkpoint, data, resumed, *more, "--set=stems.batch=2", "--steps", "8", "--resume"))
    assert rows_of(whole, "step", "stems") == rows_of(resumed, "step", "stems")
    assert losses(whole) == losses(resumed)
    for name in ("model.safetensors", "separator/model.safetensors"):
        assert_equal(load_file(whole / "last" / name), load_file(resumed / "last" / name))
    learned = rows_of(whole, "validation", "stems_db")
    assert len(learned) == 2
    assert learned[1] > learned[0] + 0.1
    halves = ["--batch-s", "2", "--set=stems.batch=1", "--steps", "8", "--gpus", "2"]
    run(finetune(checkpoint, data, two, *more, *halves))
    assert losses(two) == pytest.approx(losses(whole), rel=1e-4)
    assert rows_of(two, "step", "stems") == pytest.approx(rows_of(whole, "step", "stems"), rel=1e-3)
    frozen = ["--separator", str(start), f"--set=stems.folder={stems}", "--freeze", "separator", "--steps", "1"]
    assert "none is trained" in run(finetune(checkpoint, data, tmp_path / "frozen", *frozen), code=2)


def rows_of(output: Path, kind: str, name: str) -> list[float]:
    rows = [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]
    return [row[name] for row in rows if row["kind"] == kind]


def test_accumulated_batches_are_one_large_one(run: Run, checkpoint: Path, data: Path, tmp_path: Path) -> None:
    steps = ["--set", "validation.every=100", *STEADY, "--steps", "1"]
    run(finetune(checkpoint, data, tmp_path / "one", *steps, "--batch-s", "24"))
    run(finetune(checkpoint, data, tmp_path / "three", *steps, "--batch-s", "8", "--accumulate", "3"))
    one, three = weights(tmp_path / "one"), weights(tmp_path / "three")
    assert losses(tmp_path / "one") == pytest.approx(losses(tmp_path / "three"), rel=1e-5)
    assert all(torch.allclose(one[name], three[name], atol=1e-6) for name in one)


def test_a_killed_run_resumes_as_if_it_had_not_been_killed(run: Run, data: Path, tmp_path: Path) -> None:
    # Masks, dropout, augmentation, an unfreezing and the ends of epochs: all of it has to come back.
    steps = ["--steps", "14", "--batch-s", "6", "--set", "checkpoint.every=2", "--set", "validation.every=5"]
    steps += ["--unfreeze", "features@9"]
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    checkpoint = make_whisper_ctc_folder(tmp_path / "model", dropout=0.1)
    run(finetune(checkpoint, data, whole, *steps))
    seed = int.from_bytes(os.urandom(2), "big")
    victim = subprocess.Popen(
        [*NEW_PROCESS, *finetune(checkpoint, data, killed, *steps)],
        env=environment_in(tmp_path),
        stderr=subprocess.DEVNULL,
    )
    wait_for_step(victim, killed, random.Random(seed).randint(3, 13))
    victim.kill()
    victim.wait()
    run(finetune(checkpoint, data, killed, *steps, "--resume"))
    assert losses(killed) == losses(whole), seed
    one, two = weights(whole), weights(killed)
    assert all(torch.equal(one[name], two[name]) for name in one), seed
    for name in ("optimizer.safetensors", "random-0.safetensors"):
        assert_equal(load_file(whole / "last" / "state" / name), load_file(killed / "last" / "state" / name))


def test_a_spleeter_is_trained_resumed_and_used(run: Run, checkpoint: Path, data: Path, tmp_path: Path) -> None:
    start = tmp_path / "spleeter"
    start.mkdir()
    tiny_spleeter().save(start)
    more = [
        "--separator",
        str(start),
        "--freeze",
        "separator.accompaniment",
        "--batch-s",
        "4",
        "--separator-rate",
        "1e-2",
    ]
    more += ["--set", "guard.weight=0.1", "--set", "validation.every=2", "--set", "optimizer.schedule=constant"]
    whole, resumed = tmp_path / "whole", tmp_path / "resumed"
    run(finetune(checkpoint, data, whole, *more, "--steps", "4"))
    run(finetune(checkpoint, data, resumed, *more, "--steps", "2"))
    run(finetune(checkpoint, data, resumed, *more, "--steps", "4", "--resume"))
    assert losses(resumed) == losses(whole)
    before, one, two = (
        load_file(f / "model.safetensors") for f in (start, *(w / "last/separator" for w in (whole, resumed)))
    )
    assert_equal(one, two)
    changed = {name.split(".")[0] for name in one if not torch.equal(one[name], before[name])}
    assert changed == {"vocals"}
    # Unchanged, the separator would have far more. Whether four steps raise or lower the ratio depends on the examples
    # that are drawn; threads and processors change only its sixth digit.
    first, second = ratios = si_sdr_db(whole)
    assert abs(first - second) > 0.01
    assert max(ratios) < 60
    assert si_sdr_db(resumed) == pytest.approx(ratios, abs=1e-3)
    song = str(EXAMPLES / "on_the_run_verse.flac")
    for use in (["--model", str(whole / "last")], ["--separator", str(whole / "last/separator")]):
        run(["transcribe", song, *use, "-f", "json", "-o", str(tmp_path / "out"), "--device", "cpu"])
        made = json.loads((tmp_path / "out" / "on_the_run_verse.json").read_text())
        assert made["provenance"]["separator"] == str(whole / "last/separator")


def test_the_built_in_spleeter_is_trained_without_a_network(
    run: Run, checkpoint: Path, data: Path, tmp_path: Path
) -> None:
    few = ["--steps", "1", "--batch-s", "2", "--set", "validation.limit=2", "--freeze", "encoder", "--device", "cpu"]
    more = ["--set", "guard.num_clips=1", "--set", "data.num_workers=0", "--offline"]
    arguments = ["train", "--model", str(checkpoint), "--separator", "spleeter", "--data", str(data)]
    run([*arguments, "--output", str(tmp_path / "run"), *few, *more])
    card = json.loads((tmp_path / "run/last/separator/spleeter.json").read_text())
    assert (card["trained_from"], card["widths"]) == ("spleeter", [16, 32, 64, 128, 256, 512])
    assert (tmp_path / "run/best/separator/model.safetensors").is_file()


def si_sdr_db(run: Path) -> list[float]:
    """The ratios of all validations of a run."""
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [row["si_sdr_db"] for row in rows if row["kind"] == "validation"]


def assert_equal(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> None:
    assert one.keys() == two.keys()
    assert all(torch.equal(one[name], two[name]) for name in one)


def wait_for_step(process: subprocess.Popen[bytes], output: Path, step: int) -> None:
    """Wait until a run has made a step."""
    until = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < until:
        path = output / "metrics.jsonl"
        if path.exists() and sum('"step"' in line for line in path.read_text().splitlines()) >= step:
            return
        time.sleep(0.02)
    raise AssertionError("the run ended or hung before that step")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stop_request_saves_a_checkpoint_and_ends_the_run(
    lyricsrec: Sequence[str], checkpoint: Path, data: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    arguments = finetune(checkpoint, data, tmp_path, "--steps", "100000", "--set", "checkpoint.every=100000")
    process = subprocess.Popen(
        [*lyricsrec, *arguments], env=environment_in(tmp_path), stderr=subprocess.PIPE, text=True
    )
    wait_for_step(process, tmp_path, 2)  # type: ignore[arg-type]
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert "which is saved; continue with --resume" in said
    assert json.loads((tmp_path / "last" / "state" / "progress.json").read_text())["position"]["step"] == len(
        losses(tmp_path)
    )


def test_a_requested_checkpoint_is_saved_and_the_run_continues(checkpoint: Path, data: Path, tmp_path: Path) -> None:
    arguments = finetune(checkpoint, data, tmp_path, "--steps", "100000", "--set", "checkpoint.every=100000")
    process = subprocess.Popen([*NEW_PROCESS, *arguments], env=environment_in(tmp_path), stderr=subprocess.DEVNULL)
    wait_for_step(process, tmp_path, 1)
    process.send_signal(signal.SIGUSR1)
    until = time.monotonic() + 60
    while not (tmp_path / "last").exists() and time.monotonic() < until:
        time.sleep(0.05)
    saved = len(losses(tmp_path))
    wait_for_step(process, tmp_path, saved + 2)
    process.kill()
    process.wait()
    assert (tmp_path / "last" / "model.safetensors").is_file()


def test_an_infinite_loss_ends_the_run_and_keeps_the_last_checkpoint(
    run: Run, checkpoint: Path, data: Path, tmp_path: Path
) -> None:
    wild = ["--steps", "50", "--set", "checkpoint.every=1", "--set", "validation.every=100", *STEADY]
    wild += ["--set", "optimizer.head_rate=1e30", "--set", "optimizer.schedule=constant"]
    said = run(finetune(checkpoint, data, tmp_path, *wild), code=1)
    assert "the weights were not changed" in said
    assert "Lower the learning rates" in said
    assert "Traceback" not in said
    last = (tmp_path / "last").resolve()
    assert json.loads((last / "state" / "progress.json").read_text())["position"]["step"] == len(losses(tmp_path))


def test_an_unreadable_file_is_counted_and_the_epoch_goes_on(
    run: Run, checkpoint: Path, data: Path, tmp_path: Path
) -> None:
    rows = [json.loads(line) for line in (data / "train.jsonl").read_text().splitlines()]
    for row in rows:
        row["audio"] = str((data / row["audio"]).resolve())
    rows[3]["audio"] = "nowhere.wav"
    broken = tmp_path / "data"
    broken.mkdir()
    (broken / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (broken / "validation.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows if row is not rows[3]))
    audio = ["--audio", str(Path(rows[0]["audio"]).parent)]
    said = run(finetune(checkpoint, broken, tmp_path / "run", *audio, "--steps", "8", "--batch-s", "6", *STEADY))
    assert said.count("nowhere.wav cannot be read: its chunks are skipped") == 1
    steps = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [row["num_unreadable"] for row in steps if row["kind"] == "step"][-1] == 2
    for row in rows:
        row["audio"] = "nowhere.wav"
    (broken / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    said = run(finetune(checkpoint, broken, tmp_path / "none", "--steps", "9", "--batch-s", "6", *STEADY), code=1)
    assert "no audio file of the training chunks can be read" in said


def test_a_real_chunk_is_overfitted(run: Run, tmp_path: Path) -> None:
    run(["import", "ultrastar", str(EXAMPLES), "--output", str(tmp_path / "data"), "--chunk-s", "4"])
    model = make_whisper_ctc_folder(tmp_path / "model", head_width=64)
    learn = ["--overfit", "1", "--steps", "400", "--head-rate", "5e-3", "--encoder-rate", "5e-3"]
    learn += ["--set", "optimizer.warmup_steps=20"]
    said = run(finetune(model, tmp_path / "data", tmp_path / "run", *learn))
    assert re.search("^overfitted after", said, re.MULTILINE)
    assert "WER 0.0 %" in said
    said = run(finetune(model, tmp_path / "data", tmp_path / "short", *learn[:2], "--steps", "2"), code=1)
    assert "not overfitted after 2 steps" in said


@pytest.mark.slow
def test_a_resumed_run_goes_on_with_its_run_of_weights_and_biases(
    run: Run, checkpoint: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    output = tmp_path / "tracked"
    arguments = ["--tracker", "wandb", "--set", "engine.project=choir", "--batch-s", "6", "--seed", "4711"]
    for more in (["--steps", "2"], ["--steps", "3", "--resume"]):
        run(finetune(checkpoint, data, output, *arguments, *more))
    files = sorted((output / "wandb").glob("offline-run-*/run-*.wandb"))
    assert len(files) == 2
    assert {file.stem for file in files} == {f"run-{json.loads((output / 'tracker.json').read_text())['id']}"}
    for text in (b"choir", b"engine.seed", b"4711", b"optimizer.warmup_steps"):
        assert all(text in file.read_bytes() for file in files), text
