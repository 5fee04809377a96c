"""Interrupted and resumed, a run updates its weights as if it had not been interrupted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from helpers.data_sets import make_data
from helpers.tiny_models import make_whisper_ctc_folder
from safetensors.torch import load_file
from torch import Tensor

from lyricsrec.training.data.examples import Batch, ChunkExamples, collate
from lyricsrec.training.data.labels import LabelEncoder
from lyricsrec.training.data.sets import read_rows
from lyricsrec.training.log.metrics import ValidationMetrics
from lyricsrec.training.model.learner import Learner, load_learner
from lyricsrec.training.settings import (
    CheckpointConfig,
    DataConfig,
    EmaConfig,
    EngineConfig,
    FreezeConfig,
    MaskConfig,
    ModelConfig,
    OptimizerConfig,
    PartConfig,
    StopConfig,
    TrainConfig,
)
from lyricsrec.training.state.checkpoint import Checkpoints, read_state, write_state
from lyricsrec.training.state.run_state import RunState
from lyricsrec.training.state.weights import AVERAGED, RAW
from lyricsrec.training.step import Stepper
from lyricsrec.training.stop_requests import StopRequests

LOSSES = [5.0, 4.0, 4.0, 4.5, 4.0, 3.0, 3.0, 3.5]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_whisper_ctc_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def batch(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    data = make_data(tmp_path_factory.mktemp("data"), [{}])
    encoder = LabelEncoder(load(model).vocabulary)
    rows, _ = read_rows(DataConfig(data), "train", encoder)
    examples = ChunkExamples(rows, encoder)
    return collate([examples[0, i] for i in range(len(rows))])


def load(model: Path) -> Learner:
    return load_learner(ModelConfig(str(model), "none"), MaskConfig(time=0.0, bands=0.0))


def config_of(optimizer: OptimizerConfig, ema: EmaConfig, until: int = 0) -> TrainConfig:
    return TrainConfig(
        optimizer=optimizer,
        ema=ema,
        freeze=FreezeConfig((), {"encoder": until}),
        checkpoint=CheckpointConfig(best_metric="loss"),
        stop=StopConfig(patience=5),
        engine=EngineConfig(steps=len(LOSSES)),
    )


class Run:
    """A run on one batch, with validations whose losses are given."""

    def __init__(self, config: TrainConfig, model: Path, accelerator: Accelerator, folder: Path | None = None) -> None:
        self.checkpoints = Checkpoints(folder or Path(), 99)
        self.learner = load(model)
        self.state = RunState(config, self.learner, accelerator, self.checkpoints.last() if folder else None)
        self._stepper = Stepper(config, self.state, accelerator, requests=StopRequests(), audio_rate=16_000)
        self.rates: list[dict[str, float]] = []

    def train(self, batch: Batch, until: int) -> None:
        """Make the steps until one, as `engine` does."""
        state = self.state
        while state.position.step < until:
            if state.freezing.changes_at(state.position.step):
                state.unfreeze()
            self.rates.append(state.learning_rates())
            assert self._stepper.step([batch])[1] is not None
            step = state.position.step
            metrics = ValidationMetrics(step, LOSSES[step - 1], {"greedy": 0.5}, cer={"greedy": 0.5}, num_words=9)
            state.schedule.validated(metrics)
            state.schedule.apply(step)
            state.stopping.add(metrics)
            state.ranking.add(metrics)


def tensors(folder: Path) -> dict[str, Tensor]:
    """All tensors below a checkpoint, by file and name."""
    return {
        f"{path.relative_to(folder)} {name}": value
        for path in folder.rglob("*.safetensors")
        for name, value in load_file(path).items()
    }


NONE = EmaConfig()
RUNS = {
    "adamw, cosine": (OptimizerConfig(warmup_steps=3), NONE),
    "adam, linear": (OptimizerConfig(name="adam", schedule="linear", warmup_steps=3), EmaConfig(0.9)),
    "sgd, plateau": (OptimizerConfig(name="sgd", schedule="plateau", patience=1, warmup_steps=1, max_norm=0.5), NONE),
    "adafactor, tri-stage": (OptimizerConfig(name="adafactor", schedule="tri-stage"), EmaConfig(0.9, use=False)),
    "by part": (
        OptimizerConfig(
            warmup_steps=2,
            schedule="plateau",
            head=PartConfig("sgd", 1e-2, schedule="constant", max_norm=0.5),
            features=PartConfig("adafactor", schedule="linear"),
        ),
        EmaConfig(0.9),
    ),
}


@pytest.mark.parametrize("name", RUNS)
# The encoder is trained from the step at which the second run is interrupted, or from the next one on.
@pytest.mark.parametrize("until", [4, 5])
def test_an_interrupted_run_goes_on_to_the_bit(
    name: str, until: int, model: Path, batch: Batch, accelerator: Accelerator, tmp_path: Path
) -> None:
    config = config_of(*RUNS[name], until)
    whole, first = (Run(config, model, accelerator) for _ in range(2))
    whole.train(batch, 8)
    whole.state.save(Checkpoints(tmp_path / "whole"))
    first.train(batch, 4)
    first.state.save(Checkpoints(tmp_path / "run"))
    second = Run(config, model, accelerator, tmp_path / "run")
    second.train(batch, 8)
    second.state.save(second.checkpoints)
    assert [*first.rates, *second.rates] == whole.rates
    assert len({tuple(rates.values()) for rates in whole.rates}) > 3
    folders = [tmp_path / "whole" / "last", tmp_path / "run" / "last"]
    one, two = map(tensors, folders)
    assert one.keys() == two.keys()
    assert [name for name in one if not torch.equal(one[name], two[name])] == []
    plain = [replace(read_state(folder), optimizer={}) for folder in folders]
    assert plain[0] == plain[1]


def test_what_changes_on_a_resume_takes_effect(
    model: Path, batch: Batch, accelerator: Accelerator, tmp_path: Path
) -> None:
    steady = OptimizerConfig(schedule="constant", warmup_steps=4)
    config = config_of(steady, NONE)
    first = Run(replace(config, freeze=FreezeConfig(("encoder",))), model, accelerator)
    first.train(batch, 6)
    first.state.save(Checkpoints(tmp_path))
    second = Run(replace(config, optimizer=replace(steady, head=PartConfig("sgd"))), model, accelerator, tmp_path)
    second.train(batch, 8)
    # The encoder's warm-up begins when it is first trained; the head goes on at its full rate.
    assert [rates["encoder"] for rates in second.rates] == pytest.approx([3e-5 / 4, 3e-5 / 2])
    assert [rates["head"] for rates in second.rates] == [1e-3, 1e-3]
    states = second.state.optimizer.state
    assert set(states[second.learner.acoustic.ctc.model.lm_head.weight]) == {"momentum_buffer"}
    features = next(p for n, p in second.learner.acoustic.named_parameters() if "conv1" in n)
    assert float(states[features]["step"]) == 8


def test_a_checkpoint_has_averaged_weights_and_those_of_training(
    model: Path, batch: Batch, accelerator: Accelerator, tmp_path: Path
) -> None:
    weights = {}
    for use in (True, False):
        run = Run(config_of(OptimizerConfig(warmup_steps=0), EmaConfig(0.9, use=use)), model, accelerator)
        run.train(batch, 3)
        run.state.save(Checkpoints(tmp_path / str(use)))
        last, other = tmp_path / str(use) / "last", RAW if use else AVERAGED
        assert sorted(path.parent.name for path in last.resolve().rglob("model.safetensors")) == sorted(
            [other, "step-00000003"]
        )
        assert (last / other / "lyricsrec.json").is_file()
        weights[use] = [load_file(folder / "model.safetensors") for folder in (last, last / other)]
    (average, raw), (raw_too, average_too) = weights[True], weights[False]
    name = "lm_head.weight"
    assert torch.equal(average[name], average_too[name])
    assert torch.equal(raw[name], raw_too[name])
    assert not torch.equal(raw[name], average[name])
    assert torch.equal(raw[name], run.learner.acoustic.ctc.model.lm_head.weight)
    # A run that goes on with the other choice, or without an average, goes on with the weights of training.
    for ema in (EmaConfig(0.9, use=False), EmaConfig()):
        again = Run(config_of(OptimizerConfig(), ema), model, accelerator, tmp_path / "True")
        assert torch.equal(again.learner.acoustic.ctc.model.lm_head.weight, raw[name])
        if again.state.average is not None:
            with again.state.average.applied():
                assert torch.equal(again.learner.acoustic.ctc.model.lm_head.weight, average[name])


def test_a_checkpoint_of_an_earlier_version_goes_on(
    model: Path, batch: Batch, accelerator: Accelerator, tmp_path: Path
) -> None:
    config = config_of(OptimizerConfig(schedule="linear", warmup_steps=2), NONE)
    whole, first = (Run(config, model, accelerator) for _ in range(2))
    whole.train(batch, 8)
    first.train(batch, 4)
    first.state.save(Checkpoints(tmp_path))
    folder = first.checkpoints.path(4).name
    saved = read_state(tmp_path / folder)
    groups = [
        {key: value for key, value in group.items() if key not in ("start", "optimizer")}
        for group in saved.optimizer["param_groups"]
    ]
    optimizer = {"state": saved.optimizer["state"], "param_groups": groups}
    write_state(tmp_path / folder, replace(saved, optimizer=optimizer, schedule={"last_epoch": 4}, stop={}))
    second = Run(config, model, accelerator, tmp_path)
    second.train(batch, 8)
    assert second.rates == whole.rates[4:]
    pairs = zip(whole.learner.acoustic.parameters(), second.learner.acoustic.parameters(), strict=True)
    assert all(torch.equal(one, two) for one, two in pairs)
