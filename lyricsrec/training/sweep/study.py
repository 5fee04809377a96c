"""What Optuna keeps of a sweep: its trials in a journal file, the sampler and the pruner."""

from __future__ import annotations

import itertools
import random
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lyricsrec.base.errors import UsageError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import read_text
from lyricsrec.training.sweep.settings import SweepConfig
from lyricsrec.training.sweep.space import toml_text

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial, Trial

JOURNAL = "sweep.journal"
_NAME = "sweep"


def load_optuna() -> Any:
    """The module optuna. Raises UsageError where it is not installed."""
    try:
        import optuna
    except ImportError:
        raise UsageError("a sweep needs optuna", "pip install 'lyricsrec[sweep]'") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


SAMPLERS: dict[str, Callable[[Any, SweepConfig], Any]] = {
    "tpe": lambda optuna, config: optuna.samplers.TPESampler(seed=config.seed, multivariate=False),
    "random": lambda optuna, config: optuna.samplers.RandomSampler(seed=config.seed),
    # Its combinations are enqueued.
    "grid": lambda optuna, config: optuna.samplers.RandomSampler(seed=config.seed),
}
PRUNERS: dict[str, Callable[[Any, SweepConfig], Any]] = {
    "median": lambda optuna, config: optuna.pruners.MedianPruner(config.startup, config.warmup_steps),
    "halving": lambda optuna, config: optuna.pruners.SuccessiveHalvingPruner(max(config.warmup_steps, 1)),
    "none": lambda optuna, _: optuna.pruners.NopPruner(),
}


def open_study(config: SweepConfig, settings: Sequence[str], folder: Path, *, resume: bool) -> Study:
    """The study of a sweep in a folder, which no other process may have open.

    Raises UsageError when optuna is missing, when there is a sweep already and `resume` is off, when there is none and
    it is on, and when the sweep there varies other settings.
    """
    optuna, path = load_optuna(), folder / JOURNAL
    if path.exists() and not resume:
        raise UsageError(
            f"{display_name(folder)} already contains a sweep",
            "Add --resume to continue it, or choose another --output.",
        )
    if resume and not path.exists():
        raise UsageError(f"{display_name(folder)}: no sweep to resume", "Leave out --resume to start a new one.")
    _mend(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        backend = optuna.storages.journal.JournalFileBackend(str(path))
        study: Study = optuna.create_study(
            storage=optuna.storages.JournalStorage(backend),
            sampler=SAMPLERS[config.sampler](optuna, config),
            pruner=PRUNERS[config.pruner](optuna, config),
            study_name=_NAME,
            load_if_exists=True,
        )
    _check_same(study, _identity(config, settings), folder)
    if resume:
        # With the seed of the beginning, the same values would be drawn again.
        study.sampler.reseed_rng()
    if config.sampler == "grid":
        for values in _combinations(config):
            study.enqueue_trial(values, skip_if_exists=True)
    return study


def begun(study: Study) -> list[Trial]:
    """The trials that were begun and not finished when the sweep was stopped."""
    optuna = load_optuna()
    running = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,))
    return [optuna.trial.Trial(study, trial._trial_id) for trial in running]


def all_begun(study: Study) -> list[FrozenTrial]:
    """All trials but those that wait in a queue."""
    return [trial for trial in study.get_trials(deepcopy=False) if trial.state.name != "WAITING"]


def _mend(path: Path) -> None:
    """Remove what a killed sweep left: an incomplete row at the end, and the lock of its last writer."""
    if not path.exists():
        return
    for lock in path.parent.glob(f"{path.name}.lock*"):
        lock.unlink(missing_ok=True)
    data = path.read_bytes()
    if not data.endswith(b"\n"):
        with path.open("r+b") as file:
            file.truncate(data.rfind(b"\n") + 1)


def _identity(config: SweepConfig, settings: Sequence[str]) -> dict[str, str]:
    """What must not change during a sweep."""
    parameters = {key: str(parameter) for key, parameter in config.parameters.items()}
    return {
        "parameters": toml_text(parameters),
        "metric": config.metric,
        "settings of all trials": toml_text([*config.shared(), *settings]),
        "config file": "" if config.config is None else read_text(config.config, 1 << 18),
    }


def _check_same(study: Study, identity: dict[str, str], folder: Path) -> None:
    before = study.user_attrs
    other = [name for name, value in identity.items() if before.get(name, value) != value]
    if other:
        raise UsageError(
            f"{display_name(folder)}: this sweep was begun with other values of: {', '.join(other)}",
            "Choose another --output for a new sweep.",
        )
    for name, value in identity.items():
        if name not in before:
            study.set_user_attr(name, value)


def _combinations(config: SweepConfig) -> list[dict[str, Any]]:
    """As many combinations of a grid as there are trials, by chance where these are fewer."""
    grids = [parameter.grid() for parameter in config.parameters.values()]
    found = [dict(zip(config.parameters, values, strict=True)) for values in itertools.product(*grids)]
    if len(found) > config.num_trials:
        random.Random(config.seed).shuffle(found)
    return found[: config.num_trials]
