"""What a sweep found: its trials, the best settings, and which parameters mattered, as a document and as files."""

from __future__ import annotations

import json
import math
import warnings
from dataclasses import KW_ONLY, asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lyricsrec.base.output import write_text
from lyricsrec.base.reading.input_files import read_text
from lyricsrec.training.settings import BestMetric
from lyricsrec.training.settings.file import NAME as CONFIG
from lyricsrec.training.sweep.scheduler import trial_folder
from lyricsrec.training.sweep.study import all_begun

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

REPORT, BEST = "sweep.json", "best.toml"
_CONFIG_BYTES = 1 << 20


@dataclass(frozen=True)
class TrialResult:
    """A trial: its state ("complete", "pruned", "fail", "running"), its values, and its best validation.

    `value` is what the sweep minimises. `curve` has it by step.
    """

    number: int
    state: str
    value: float | None
    _: KW_ONLY
    wer: float | None
    cer: float | None
    ctc: float | None
    step: int | None
    parameters: dict[str, Any]
    failure: str | None
    curve: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class SweepResults:
    """A sweep: its trials, the best first, the number of the best, and the importance of each parameter (sum 1).

    `importance` is empty where too few trials are complete (PED-ANOVA, Watanabe et al. 2023).
    """

    metric: BestMetric
    trials: tuple[TrialResult, ...]
    best: int | None
    _: KW_ONLY
    importance: dict[str, float]

    def as_json(self) -> str:
        """The results as a JSON document."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def results_of(study: Study, metric: BestMetric) -> SweepResults:
    """The results so far."""
    order = {"complete": 0, "pruned": 1, "running": 2, "fail": 3}
    found = [_result(trial) for trial in all_begun(study)]
    found.sort(key=lambda trial: (order[trial.state], _or_infinite(trial.value), _or_infinite(trial.ctc), trial.number))
    best = found[0].number if found and found[0].state == "complete" else None
    return SweepResults(metric, tuple(found), best, importance=_importance(study))


def write_results(results: SweepResults, folder: Path) -> None:
    """Write the report, and the settings of the best trial for `train --config`. Raises OutputError."""
    write_text(folder / REPORT, results.as_json())
    if results.best is not None:
        config = trial_folder(folder, results.best) / CONFIG
        write_text(folder / BEST, read_text(config, _CONFIG_BYTES))


def _result(trial: FrozenTrial) -> TrialResult:
    measured = trial.user_attrs
    return TrialResult(
        trial.number,
        trial.state.name.lower(),
        trial.value,
        wer=measured.get("wer"),
        cer=measured.get("cer"),
        ctc=measured.get("ctc"),
        step=measured.get("step"),
        parameters=dict(trial.params),
        failure=measured.get("failure"),
        curve=dict(sorted(trial.intermediate_values.items())),
    )


def _importance(study: Study) -> dict[str, float]:
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
        except (ValueError, RuntimeError):
            # Too few trials, or all with the same value.
            return {}
    return {key: value for key, value in found.items() if not math.isnan(value)}


def _or_infinite(value: float | None) -> float:
    return float("inf") if value is None else value
