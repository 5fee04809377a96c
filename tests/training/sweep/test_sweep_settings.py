"""Sweep files: what they may say, and what is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.files import ROOT

from lyricsrec.base.errors import UsageError
from lyricsrec.training.settings.file import read_config
from lyricsrec.training.sweep.settings import SweepConfig, read_sweep


def read(tmp_path: Path, text: str, *settings: str) -> SweepConfig:
    (tmp_path / "sweep.toml").write_text(text)
    return read_sweep(tmp_path / "sweep.toml", settings, trials=None, jobs=None)


def test_the_example_varies_rates_optimizers_frozen_parts_and_chunks() -> None:
    config = read_sweep(ROOT / "examples" / "sweep.toml", ["data.folder=dali"], trials=7, jobs=2)
    assert (config.trials, config.jobs) == (7, 2)
    assert list(config.parameters) == [
        "optimizer.separator.rate", "optimizer.encoder.rate", "optimizer.head.rate", "optimizer.separator.name",
        "optimizer.encoder.name", "freeze.parts", "data.max_s",
    ]  # fmt: skip
    assert config.shared() == ['model.separator="htdemucs"', "model.new_head=true", "engine.steps=4000"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("trials = 3", r"no parameters to vary: add a section \[parameters\]"),
        ("trails = 3\n[parameters]\n'engine.steps' = {low = 1, high = 2}", "trails"),
        ("[parameters]\n'optimizer.hed_rate' = {low = 1e-4, high = 1e-3}", "hed_rate"),
        ("[parameters]\n'optimizer.name' = {choices = ['adamw', 'lion']}", "lion"),
        ("[parameters]\n'optimizer.head_rate' = {low = -1.0, high = 1e-3}", "head_rate must be greater"),
        ("[parameters]\n'optimizer.head_rate' = {low = 0.0, high = 1e-3, log = true}", "begins above 0"),
        ("[parameters]\n'optimizer.head_rate' = {low = 1e-3, high = 1e-4}", "a range needs low, and high above it"),
        ("[parameters]\n'optimizer.head_rate' = {low = 1e-3, high = nan}", "finite"),
        ("[parameters]\n'optimizer.head_rate' = {choices = [1.0], low = 1.0}", "either choices, or low and high"),
        ("[parameters]\n'optimizer.head_rate' = {choices = [1.0, 1.0]}", "given twice"),
        ("[parameters]\n'validation.every' = {choices = [1, 2]}", "validation.every must be the same in all trials"),
        ("sampler='grid'\n[parameters]\n'optimizer.head_rate' = {low = 1e-4, high = 1e-3}", "add points = 3"),
        ("config = 'missing.toml'\n[parameters]\n'engine.steps' = {low = 1, high = 2}", "missing.toml: cannot be read"),
        (
            "[train.optimizer.head]\nrate = 1e-3\n[parameters]\n'optimizer.head_rate' = {low = 1e-4, high = 1e-3}",
            "optimizer.head_rate has no effect: optimizer.head.rate is set and overrides it",
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_name(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(tmp_path, text)


def test_a_grid_has_the_points_of_ranges_and_no_more_trials_than_combinations(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        "sampler = 'grid'\n[parameters]\n'optimizer.head_rate' = {low = 1e-4, high = 1e-2, log = true, points = 3}\n"
        "'engine.steps' = {low = 10, high = 20, points = 2}",
    )
    rates = config.parameters["optimizer.head_rate"].grid()
    assert rates == pytest.approx([1e-4, 1e-3, 1e-2])
    assert (rates[0], rates[2]) == (1e-4, 1e-2)
    assert config.parameters["engine.steps"].grid() == [10, 20]
    assert config.num_trials == 6


def test_settings_of_all_trials_keep_their_values(tmp_path: Path) -> None:
    text = (
        "[train]\ndata = { folder = 'my \"songs\"', max_s = 5.0 }\n"
        "freeze = { parts = [], until = { 'encoder.0' = 5 } }\n"
        "[parameters]\n'engine.steps' = {low = 1, high = 2}"
    )
    config = read_config(None, read(tmp_path, text).shared())
    assert config.data.folder == Path('my "songs"')
    assert config.freeze.parts == ()
    assert config.freeze.until == {"encoder.0": 5}
