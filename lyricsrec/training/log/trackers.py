"""TensorBoard and Weights & Biases: settings of the run, metrics, hypotheses, and some of their audio."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from accelerate import Accelerator

from lyricsrec.audio.media import SAMPLE_RATE, open_path
from lyricsrec.base.errors import AudioError, UsageError
from lyricsrec.base.output import write_text
from lyricsrec.base.reading.input_files import DOCUMENT_BYTES, read_input
from lyricsrec.base.reading.json_text import load_object
from lyricsrec.training.log.metrics import Prediction, ValidationMetrics
from lyricsrec.training.settings import TrainConfig
from lyricsrec.training.settings.file import flat_settings

_ID = "tracker.json"
_NUM_CLIPS = 4
"""Clips to listen to; more would fill a tracker's disk."""


def start_trackers(accelerator: Accelerator, config: TrainConfig, output: Path, *, step: int = 0) -> None:
    """Start the configured trackers with all settings; with a `step`, go on with the run that was tracked before.

    Raises UsageError for a tracker that is not installed or does not start.
    """
    run = {"id": _run_id(output, is_new=step == 0), "resume": "allow", "name": output.resolve().name}
    own: dict[str, dict[str, Any]] = {"wandb": {"dir": str(output), **run}}
    if step:
        own["tensorboard"] = {"purge_step": step + 1}
    chosen = {name: own[name] for name in config.engine.trackers if name in own}
    try:
        accelerator.init_trackers(config.engine.project, config=_flat(config), init_kwargs=chosen)
    except (ImportError, ValueError, RuntimeError) as error:
        raise UsageError(f"the tracker cannot be started ({error})", "pip install 'lyricsrec[trackers]'") from None


def track_predictions(accelerator: Accelerator, metrics: ValidationMetrics) -> None:
    """Log hypotheses as a table, and the audio of some, on the trackers that can show them."""
    for tracker in accelerator.trackers:
        show = {"wandb": _to_wandb, "tensorboard": _to_tensorboard}.get(tracker.name)
        if show is not None:
            show(tracker.tracker, metrics)


def _to_tensorboard(writer: Any, metrics: ValidationMetrics) -> None:
    rows = [_columns(metrics.predictions), ["---"] * len(_columns(metrics.predictions)), *_rows(metrics.predictions)]
    table = "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows)
    writer.add_text("validation/hypotheses", table, metrics.step)
    for prediction, samples in _clips(metrics.predictions):
        writer.add_audio(f"validation/{prediction.chunk_id}", samples.mean(axis=0), metrics.step, SAMPLE_RATE)
    writer.flush()


def _to_wandb(run: Any, metrics: ValidationMetrics) -> None:
    import wandb

    table = wandb.Table(columns=list(_columns(metrics.predictions)), data=_rows(metrics.predictions))
    clips = [
        wandb.Audio(samples.mean(axis=0), SAMPLE_RATE, caption=prediction.reference)
        for prediction, samples in _clips(metrics.predictions)
    ]
    run.log({"validation/hypotheses": table, "validation/audio": clips}, step=metrics.step)


def _columns(predictions: Sequence[Prediction]) -> list[str]:
    return ["chunk", "reference", *(predictions[0].hypotheses if predictions else ())]


def _rows(predictions: Sequence[Prediction]) -> list[list[str]]:
    return [[row.chunk_id, row.reference, *row.hypotheses.values()] for row in predictions]


def _clips(predictions: Sequence[Prediction]) -> Iterator[tuple[Prediction, Any]]:
    """The audio (channels, samples) of the first predictions whose files can be read."""
    for prediction in predictions[:_NUM_CLIPS]:
        try:
            with open_path(Path(prediction.audio)) as song:
                yield prediction, song.excerpt(prediction.start_s, prediction.end_s).samples
        except AudioError:
            continue


def _run_id(output: Path, *, is_new: bool) -> str:
    """The id of the run on a tracker, kept in its folder."""
    path = output / _ID
    try:
        if not is_new:
            return str(load_object(read_input(path, DOCUMENT_BYTES))["id"])
    except (OSError, ValueError, KeyError):
        pass
    name = uuid4().hex[:12]
    write_text(path, json.dumps({"id": name}) + "\n")
    return name


def _flat(config: TrainConfig) -> dict[str, Any]:
    """All settings as section.key; trackers take numbers and text only."""
    return {
        key: value if isinstance(value, (bool, int, float, str)) else str(value) for key, value in flat_settings(config)
    }
