"""Trials of a sweep with a stand-in for `train`: order, pruning, failures, stops and resumes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers import stand_in_train
from helpers.files import ROOT
from helpers.progress import Warnings

from lyricsrec.base.errors import TrainingError, UsageError
from lyricsrec.training.sweep.results import SweepResults, results_of
from lyricsrec.training.sweep.scheduler import Runs, Sweep, opened
from lyricsrec.training.sweep.settings import SweepConfig
from lyricsrec.training.sweep.space import Parameter
from lyricsrec.training.sweep.study import JOURNAL

COMMAND = (sys.executable, stand_in_train.__file__)
RATE = "optimizer.head_rate"


def choices(*rates: float, **more: Any) -> SweepConfig:
    """A grid of these rates, which are tried in this order."""
    parameters = {RATE: Parameter(choices=rates)}
    return SweepConfig(trials=len(rates), **{"sampler": "grid", "pruner": "none", "parameters": parameters, **more})


def swept(config: SweepConfig, folder: Path, *, resume: bool = False, **more: Any) -> SweepResults:
    settings = more.pop("settings", ())
    runs = Runs(settings, command=COMMAND, poll_s=0.02, **more)
    with opened(config, folder, settings, resume=resume) as study:
        Sweep(config, folder, runs, study=study, progress=Warnings()).run(lambda: None)
        return results_of(study, config.metric)


def calls(folder: Path, number: int) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"trial-{number:04d}" / "calls.txt").read_text().splitlines()]


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_all_trials_run_and_the_lowest_error_rate_is_best(tmp_path: Path) -> None:
    results = swept(choices(1e-5, 1e-3, 1e-2), tmp_path)
    assert results.best == 1
    assert [(trial.number, trial.state) for trial in results.trials] == [
        (1, "complete"),
        (2, "complete"),
        (0, "complete"),
    ]
    assert results.trials[0].wer == pytest.approx(0.2)
    assert results.trials[0].step == 3
    assert results.trials[0].parameters == {RATE: "0.001"}
    assert list(results.trials[0].curve) == [1, 2, 3]


def test_only_the_best_trials_keep_their_checkpoints(tmp_path: Path) -> None:
    config = choices(1e-5, 1e-3, 0.05, 2e-3, 1e-4, pruner="median", startup=1, keep_best=2)
    results = swept(config, tmp_path, settings=["engine.steps=4", "data.min_s=0.05"])
    states = {trial.number: trial.state for trial in results.trials}
    assert states == {0: "complete", 1: "complete", 2: "fail", 3: "complete", 4: "pruned"}
    folders = [tmp_path / f"trial-{number:04d}" for number in range(5)]
    assert [bool(list(folder.glob("step-*"))) for folder in folders] == [False, True, False, True, False]
    assert all((folder / "calls.txt").is_file() and (folder / "config.toml").is_file() for folder in folders)


def test_jobs_run_at_a_time_each_with_its_gpu_and_its_share_of_the_processor(tmp_path: Path) -> None:
    config = choices(1e-3, 1e-4, jobs=2)
    swept(config, tmp_path, settings=["engine.steps=3", "data.min_s=0.1"], devices=["3", "5"], threads=8)
    first, second = calls(tmp_path, 0)[0], calls(tmp_path, 1)[0]
    assert (first["CUDA_VISIBLE_DEVICES"], second["CUDA_VISIBLE_DEVICES"]) == ("3", "5")
    assert first["OMP_NUM_THREADS"] == second["OMP_NUM_THREADS"] == "4"
    assert abs(first["start"] - second["start"]) < 0.25


def test_a_trial_that_is_worse_than_the_median_is_pruned_but_not_while_it_is_blank(tmp_path: Path) -> None:
    config = choices(1e-3, 2e-3, 1e-5, 100.0, pruner="median", startup=2)
    results = swept(config, tmp_path, settings=["engine.steps=6", "data.min_s=0.05"])
    states = {trial.number: trial.state for trial in results.trials}
    assert states == {0: "complete", 1: "complete", 2: "pruned", 3: "complete"}
    assert max(next(trial for trial in results.trials if trial.number == 2).curve) < 6
    assert [trial.wer for trial in results.trials if trial.number == 3] == [1.0]


def test_a_trial_that_fails_is_named_with_its_message_and_the_others_run(tmp_path: Path) -> None:
    results = swept(choices(0.05, 1e-3), tmp_path)
    assert [(trial.number, trial.state, trial.failure) for trial in results.trials] == [
        (1, "complete", None), (0, "fail", "the device is out of memory")
    ]  # fmt: skip


def test_a_sweep_whose_first_trials_all_fail_ends(tmp_path: Path) -> None:
    config = SweepConfig(trials=9, sampler="random", pruner="none", parameters={RATE: Parameter(choices=(0.05,))})
    with pytest.raises(TrainingError, match=r"first 3 trials all failed \(the device is out of memory"):
        swept(config, tmp_path)
    assert len(list(tmp_path.glob("trial-*"))) == 3


def test_a_finished_sweep_goes_on_with_more_trials_and_refuses_others(tmp_path: Path) -> None:
    config = SweepConfig(trials=2, sampler="tpe", parameters={RATE: Parameter(low=1e-5, high=1e-1, log=True)})
    swept(config, tmp_path)
    with pytest.raises(UsageError, match="already contains a sweep"):
        swept(config, tmp_path)
    with pytest.raises(UsageError, match="begun with other values of: metric, settings of all trials"):
        swept(
            SweepConfig(metric="cer", parameters=config.parameters), tmp_path, resume=True, settings=["engine.steps=2"]
        )
    more = SweepConfig(trials=4, sampler="random", parameters=config.parameters)
    assert len(swept(more, tmp_path, resume=True).trials) == 4
    assert [len(calls(tmp_path, number)) for number in range(4)] == [1, 1, 1, 1]
    with pytest.raises(UsageError, match="no sweep to resume"):
        swept(config, tmp_path / "other", resume=True)


def test_a_sweep_that_is_running_is_not_run_twice(tmp_path: Path) -> None:
    with opened(choices(1e-3), tmp_path, (), resume=False), pytest.raises(UsageError, match="already running"):
        swept(choices(1e-3), tmp_path, resume=True)


def test_a_trial_that_was_killed_before_its_first_checkpoint_begins_anew(tmp_path: Path) -> None:
    config = choices(1e-3)
    with opened(config, tmp_path, (), resume=False) as study:
        study.ask()
    folder = tmp_path / "trial-0000"
    folder.mkdir()
    row = {"kind": "validation", "step": 1, "ctc": 0.0, "wer": {"greedy": 0.0}, "cer": {"greedy": 0.0}}
    (folder / "metrics.jsonl").write_text(json.dumps(row) + "\n")
    results = swept(config, tmp_path, resume=True)
    assert [(trial.state, trial.wer) for trial in results.trials] == [("complete", pytest.approx(0.2))]
    assert "--resume" not in calls(tmp_path, 0)[0]["arguments"]


@pytest.fixture
def started(tmp_path: Path) -> subprocess.Popen[bytes]:
    """A sweep of two trials of 20 validations, both running, in a process of its own."""
    code = (
        "import sys; sys.path[:0] = sys.argv[1:3]\n"
        "from pathlib import Path\n"
        "from test_sweep_scheduler import choices, swept\n"
        "swept(choices(1e-3, 1e-4, jobs=2), Path(sys.argv[3]), settings=['engine.steps=20', 'data.min_s=0.05'])\n"
    )
    folders = [str(ROOT / "tests"), str(Path(__file__).parent), str(tmp_path)]
    process = subprocess.Popen([sys.executable, "-c", code, *folders], env={**os.environ, "PYTHONPATH": str(ROOT)})
    wait_for(lambda: len(list(tmp_path.glob("trial-*/metrics.jsonl"))) == 2)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGKILL, marks=pytest.mark.slow)])
def test_a_sweep_that_was_stopped_goes_on_with_its_unfinished_trials(
    started: subprocess.Popen[bytes], tmp_path: Path, number: int
) -> None:
    started.send_signal(number)
    started.wait(30)
    if number == signal.SIGKILL:
        # As if it had been killed while it wrote.
        with (tmp_path / JOURNAL).open("ab") as file:
            file.write(b'{"op_code": 5, "wor')
    results = swept(choices(1e-3, 1e-4, jobs=2), tmp_path, resume=True, settings=["engine.steps=20", "data.min_s=0.05"])
    assert [(trial.number, trial.state) for trial in results.trials] == [(0, "complete"), (1, "complete")]
    for trial in (0, 1):
        first, second = calls(tmp_path, trial)
        assert first["first"] == 0
        assert second["arguments"][-1] == "--resume"
        assert 0 < second["first"] < 20
        assert list(results.trials[trial].curve) == list(range(1, 21))
