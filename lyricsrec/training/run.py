"""A training run from its settings to its outcome."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import (
    DistributedDataParallelKwargs,
    DistributedType,
    TorchDynamoPlugin,
    set_seed,
)

from lyricsrec.base.device import resolve
from lyricsrec.base.errors import TrainingError, UsageError
from lyricsrec.base.output import check_writable, display_name
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.base.settings import check
from lyricsrec.models.resolve import find_language_model
from lyricsrec.recognition.acoustic import RECOGNIZER_RATE
from lyricsrec.training.data.augment import Augmentation
from lyricsrec.training.data.examples import ChunkExamples, read_rows
from lyricsrec.training.data.labels import LabelEncoder
from lyricsrec.training.engine import Outcome, Trainer
from lyricsrec.training.log.metrics import Watch
from lyricsrec.training.log.recorder import Recorder
from lyricsrec.training.model.guard import VoiceGuard
from lyricsrec.training.model.learner import Learner, load_learner
from lyricsrec.training.settings import TrainConfig
from lyricsrec.training.settings_file import write_config
from lyricsrec.training.state.checkpoint import Checkpoints, read_state
from lyricsrec.training.state.run_state import RunState
from lyricsrec.training.stop_requests import listening
from lyricsrec.training.validate import Validator

_OVERFIT_EVERY = 20


def train(
    config: TrainConfig,
    output: Path,
    watch: Watch,
    *,
    resume: bool = False,
    offline: bool = False,
    progress: Progress = SILENT,
) -> Outcome:
    """Train as configured, into a folder; this process may be one of many, as the environment says.

    Raises UsageError for settings that do not fit, DataError and ModelError for what cannot be read, OutputError for
    what cannot be written, TrainingError when training fails.
    """
    check(config)
    if config.validation.lm is not None:
        find_language_model(config.validation.lm)
    accelerator = make_accelerator(config, output)
    checkpoints = _checkpoints(config, output, accelerator, resume=resume)
    if config.engine.overfit:
        config = overfitting(config)
    set_seed(config.engine.seed)
    with accelerator.main_process_first():
        learner = load_learner(config.model, config.mask, offline=offline, progress=progress)
    training, validation = _examples(config, learner, watch if accelerator.is_main_process else None)
    # Processes draw different masks.
    set_seed(config.engine.seed, device_specific=True)
    _save_memory(config, learner)
    validator = Validator(config.validation, validation, learner.vocabulary, config.data.batch_s)
    separates = learner.acoustic.vocals is not None
    guard = VoiceGuard(validation, config.guard.num_clips, output) if separates and config.guard.num_clips else None
    recorder = Recorder(output, watch, accelerator)
    last = checkpoints.last() if resume else None
    recorder.resume_at(read_state(last).position.step if last else 0)
    if accelerator.is_main_process:
        write_config(config, output)
    if config.engine.trackers:
        _start_trackers(accelerator, output)
    with listening() as wishes:
        state = RunState(config, learner, accelerator, last)
        trainer = Trainer(
            config, learner, state, training, validator, guard, accelerator, checkpoints, recorder, wishes
        )
        try:
            return trainer.fit()
        except torch.OutOfMemoryError:
            raise TrainingError(
                "out of memory on the device",
                "Lower --batch-s, or try --precision bf16, --checkpointing, --accumulate.",
            ) from None
        finally:
            accelerator.end_training()


def overfitting(config: TrainConfig) -> TrainConfig:
    """The same run set to learn by heart: nothing is altered, masked or decayed, and it is measured often."""
    every = min(config.validation.every, _OVERFIT_EVERY)
    return replace(
        config,
        augment=replace(
            config.augment, gain_chance=0.0, noise_chance=0.0, speed_chance=0.0, pitch_chance=0.0, backing_chance=0.0
        ),
        mask=replace(config.mask, time=0.0, bands=0.0),
        optimizer=replace(config.optimizer, schedule="constant"),
        data=replace(config.data, num_workers=0),
        validation=replace(config.validation, every=every, limit=0),
    )


def make_accelerator(config: TrainConfig, output: Path) -> Accelerator:
    """The engine, on the device and with the precision that were asked for.

    Raises UsageError when this machine cannot do that.
    """
    engine = config.engine
    resolve(engine.device, "auto")
    try:
        accelerator = Accelerator(
            mixed_precision=engine.precision,
            cpu=engine.device == "cpu",
            log_with=list(engine.trackers) or None,
            project_dir=str(output),
            dynamo_plugin=TorchDynamoPlugin(backend="inductor", dynamic=True) if engine.compile else None,
            # Masks and frozen layers leave weights without gradients.
            kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
        )
    except ValueError as error:
        raise UsageError(f"precision {engine.precision} does not work here ({error})", "--precision no does.") from None
    if accelerator.distributed_type == DistributedType.FSDP and config.freeze.until:
        raise UsageError("parts cannot be unfrozen later with FSDP", "Leave freeze.until out, or use plain processes.")
    return accelerator


def _checkpoints(config: TrainConfig, output: Path, accelerator: Accelerator, *, resume: bool) -> Checkpoints:
    checkpoints = Checkpoints(output, config.checkpoint.keep)
    if accelerator.is_main_process:
        check_writable(output)
        checkpoints.sweep()
    if resume and checkpoints.last() is None:
        raise UsageError(
            f"{display_name(output)}: no checkpoint to resume from", "Leave --resume out to begin a new run."
        )
    if not resume and checkpoints.last() is not None:
        raise UsageError(
            f"{display_name(output)} holds a run already", "Add --resume to go on with it, or choose another --output."
        )
    return checkpoints


def _examples(config: TrainConfig, learner: Learner, watch: Watch | None) -> tuple[ChunkExamples, ChunkExamples]:
    """Training and validation examples; when overfitting, a few chunks are both."""
    encoder = LabelEncoder(learner.vocabulary)
    data, engine = config.data, config.engine
    if data.max_s > learner.longest_s:
        raise UsageError(f"this recogniser hears up to {learner.longest_s:g} s at once", "Lower data.max_s to that.")
    rows, left_out = read_rows(data, data.train, encoder)
    if watch is not None:
        watch.note(f"{len(rows)} chunks to learn from (left out: {left_out})")
    if engine.overfit:
        rows = validation_rows = rows[: engine.overfit]
    else:
        validation_rows, _ = read_rows(data, data.validation, encoder)
    mono = learner.acoustic.vocals is None
    rate = RECOGNIZER_RATE if mono else learner.acoustic.sample_rate
    augmentation = Augmentation(config.augment)
    training = ChunkExamples(rows, data.folder, encoder, rate, mono, augmentation, engine.seed, data.max_s)
    return training, ChunkExamples(validation_rows, data.folder, encoder, rate, mono, None, engine.seed)


def _save_memory(config: TrainConfig, learner: Learner) -> None:
    if not config.engine.checkpointing:
        return
    with warnings.catch_warnings():
        # Its newer name is not there in all versions that are supported.
        warnings.simplefilter("ignore", FutureWarning)
        learner.acoustic.ctc.model.gradient_checkpointing_enable(  # type: ignore[operator]
            gradient_checkpointing_kwargs={"use_reentrant": False}
        )
    if learner.acoustic.vocals is not None:
        learner.acoustic.vocals.saves_memory = True


def _start_trackers(accelerator: Accelerator, output: Path) -> None:
    try:
        accelerator.init_trackers("lyricsrec", init_kwargs={"wandb": {"dir": str(output)}})
    except (ImportError, ValueError, RuntimeError) as error:
        raise UsageError(f"the tracker cannot be started ({error})", "pip install 'lyricsrec[trackers]'") from None
