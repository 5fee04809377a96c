"""Averages of checkpoints: their weights, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from helpers.data_sets import make_data
from helpers.files import EXAMPLES
from helpers.tiny_models import make_whisper_ctc_folder, tiny_spleeter
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from lyricsrec.base.errors import ModelError, OutputError, UsageError
from lyricsrec.cli import app
from lyricsrec.dataset.learned import learned_by
from lyricsrec.training.state.average import average_checkpoints, chosen_checkpoints


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a separator and a recogniser with three checkpoints, of which the second is best."""
    from accelerate.state import AcceleratorState

    folder = tmp_path_factory.mktemp("average")
    model, data, separator = make_whisper_ctc_folder(folder / "model"), make_data(folder / "data", [{}]), folder / "sep"
    (data / "validation.jsonl").write_bytes((data / "train.jsonl").read_bytes())
    separator.mkdir()
    tiny_spleeter().save(separator)
    AcceleratorState._reset_state(reset_partial_state=True)
    arguments = ["finetune", str(model), "--separator", str(separator), "--data", str(data), "-o", str(folder / "run")]
    arguments += ["--freeze", "separator.accompaniment", "--set", "data.num_workers=0", "--steps", "3", "--device=cpu"]
    arguments += ["--set=validation.every=1", "--set=checkpoint.keep_best=2", "--set=checkpoint.keep=3", "--ema=0.5"]
    arguments += ["--set=optimizer.warmup_steps=0", "--set=guard.num_clips=0", "--separator-rate", "1e-3"]
    done = CliRunner().invoke(app, arguments)
    AcceleratorState._reset_state(reset_partial_state=True)
    assert done.exit_code == 0, done.output
    return folder / "run"


def step(run: Path, number: int) -> Path:
    return run / f"step-{number:08d}"


def test_weights_are_the_mean_and_the_result_is_a_model(run: Path, tmp_path: Path, accelerator: Accelerator) -> None:
    output = tmp_path / "averaged"
    done = CliRunner().invoke(app, ["checkpoint", "average", str(run), "--last", "2", "-o", str(output)])
    assert done.exit_code == 0, done.output
    assert f"averaged step-00000002, step-00000003 into {output}" in " ".join(done.stderr.split())
    for name in ("model.safetensors", "separator/model.safetensors"):
        one, two, mean = (load_file(folder / name) for folder in (step(run, 2), step(run, 3), output))
        assert one.keys() == mean.keys()
        assert all(torch.allclose(mean[key], (one[key] + two[key]) / 2, atol=1e-7) for key in one)
        assert any(not torch.equal(one[key], two[key]) for key in one), name
        with safe_open(str(output / name), "pt") as file, safe_open(str(step(run, 2) / name), "pt") as first:
            assert file.metadata() == first.metadata()
    assert sorted(path.name for path in output.iterdir() if path.is_dir()) == ["separator"]
    card = json.loads((output / "lyricsrec.json").read_text())
    assert [part["step"] for part in card["averaged"]] == [2, 3]
    assert (card["separator"], card["songs"]) == ("separator", {"trained": 1, "validated": 1})
    assert [set(learned_by(folder).trained) for folder in (output, output / "separator")] == [{"a1"}, {"a1"}]
    song = str(EXAMPLES / "on_the_run_verse.flac")
    use = ["--model", str(output), "-f", "json", "-o", str(tmp_path / "out"), "--device", "cpu"]
    done = CliRunner().invoke(app, ["transcribe", song, *use])
    assert done.exit_code == 0, done.output
    made = json.loads((tmp_path / "out" / "on_the_run_verse.json").read_text())
    assert made["provenance"]["separator"] == str(output / "separator")
    data = str(run.parent / "data" / "data")
    more = ["--data", data, "-o", str(tmp_path / "run"), "--steps", "1", "--set=data.num_workers=0", "--device=cpu"]
    done = CliRunner().invoke(app, ["finetune", str(output), *more])
    assert done.exit_code == 0, done.output


def test_the_best_or_the_last_are_chosen(run: Path) -> None:
    best = json.loads((run / "last" / "state" / "progress.json").read_text())["best"]
    assert chosen_checkpoints(run, best=2) == [step(run, candidate["step"]) for candidate in best]
    assert chosen_checkpoints(run, last=2) == [step(run, 2), step(run, 3)]
    with pytest.raises(UsageError, match="2 such checkpoints are kept, not 3") as caught:
        chosen_checkpoints(run, best=3)
    assert caught.value.hint == "Average fewer, or train with --set checkpoint.keep_best=3."
    with pytest.raises(UsageError, match="no checkpoints of a run"):
        chosen_checkpoints(run / "last", last=2)


def test_what_does_not_fit_is_refused_and_leaves_nothing(run: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    with pytest.raises(UsageError, match="at least two"):
        average_checkpoints([step(run, 1)], output)
    other = tmp_path / "other"
    shutil.copytree(step(run, 1), other)
    weights = load_file(other / "model.safetensors")
    for changed in ({**weights, "more": torch.ones(1)}, {**weights, "lm_head.weight": torch.ones(2, 2)}):
        save_file(changed, other / "model.safetensors")
        with pytest.raises(ModelError, match="not checkpoints of one model"):
            average_checkpoints([step(run, 2), other], output)
    (other / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(ModelError, match="not checkpoints of one model"):
        average_checkpoints([step(run, 2), other], output)
    with pytest.raises(OutputError, match="not empty"):
        average_checkpoints([step(run, 2), step(run, 3)], run)
    assert [path.name for path in tmp_path.iterdir()] == ["other"]
    both = ["checkpoint", "average", str(run), "--best", "2", "--last", "2", "-o", str(output)]
    assert CliRunner().invoke(app, both).exit_code == 2
    two = ["checkpoint", "average", str(run), str(run), "--best", "2", "-o", str(output)]
    assert CliRunner().invoke(app, two).exit_code == 2
