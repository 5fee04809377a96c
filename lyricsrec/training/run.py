"""A training run: resolve the settings, build everything, train."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import (
    DistributedType,
    TorchDynamoPlugin,
    set_seed,
)

from lyricsrec.base.device import resolve_device
from lyricsrec.base.errors import TrainingError, UsageError
from lyricsrec.base.output import check_writable, display_name
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.base.settings import check
from lyricsrec.models.hub import is_repository
from lyricsrec.models.resolve import find_language_model
from lyricsrec.recognition.registry import find_recognizer
from lyricsrec.separation.registry import separator_for
from lyricsrec.training.data.examples import ChunkExamples
from lyricsrec.training.data.targets import with_symbols
from lyricsrec.training.engine import Control, Outcome, Records, Trainer, Training
from lyricsrec.training.log.metrics import Watch
from lyricsrec.training.log.profile import Profile
from lyricsrec.training.log.recorder import Recorder
from lyricsrec.training.log.trackers import start_trackers
from lyricsrec.training.model.guard import VocalGuard
from lyricsrec.training.model.learner import Learner, load_learner, needs_head
from lyricsrec.training.optimization.clipping import limits_of
from lyricsrec.training.resume import changes, check_possible, settings_of_run
from lyricsrec.training.settings import PARTS, TrainConfig
from lyricsrec.training.settings.file import read_config, write_config
from lyricsrec.training.sources import examples_of, origin_of, stem_check_of, stems_of
from lyricsrec.training.state.checkpoint import Checkpoints
from lyricsrec.training.state.run_state import RunState
from lyricsrec.training.stop_requests import receiving_stop_requests
from lyricsrec.training.validate import Validator

_OVERFIT_EVERY = 20


def resolve_config(config: TrainConfig, *, offline: bool = False, progress: Progress = SILENT) -> TrainConfig:
    """The settings as they will be used, with the separator of the recogniser, which is downloaded first.

    Raises UsageError for settings that do not fit together, ModelError for a repository that is not available.
    """
    check(config)
    if config.validation.lm is not None:
        find_language_model(config.validation.lm)
    model = config.model
    recognizer = located(model.recognizer)
    if model.separator is None and is_repository(recognizer) and not Path(recognizer).exists():
        find_recognizer(recognizer, offline=offline, progress=progress)
    separator = located(separator_for(recognizer, model.separator))
    config = replace(config, model=replace(model, recognizer=recognizer, separator=separator))
    return overfitting(config) if config.engine.overfit else config


def with_head(config: TrainConfig, *, offline: bool = False, progress: Progress = SILENT) -> TrainConfig:
    """The settings with the symbols of a new head, where the model gets one. Raises as `train` does."""
    model = config.model
    if needs_head(model, offline=offline, progress=progress):
        return replace(config, model=with_symbols(model, config.data))
    if model.target != "letters":
        raise UsageError(
            f"{model.recognizer} keeps its own symbols, so the target {model.target} has no effect", "Add --new-head."
        )
    return config


def located(model: str) -> str:
    """The name of a model; a folder or file by its whole path, so that a run can be resumed from another place."""
    path = Path(model).expanduser()
    return str(path.resolve()) if path.is_dir() or (path.suffix == ".json" and path.is_file()) else model


def overfitting(config: TrainConfig) -> TrainConfig:
    """Settings for overfitting: no augmentation, masking or learning rate decay, and frequent validation."""
    every = min(config.validation.every, _OVERFIT_EVERY)
    return replace(
        config,
        augment=replace(
            config.augment,
            gain_chance=0.0,
            noise_chance=0.0,
            speed_chance=0.0,
            pitch_chance=0.0,
            backing_chance=0.0,
            rooms_chance=0.0,
            codec_chance=0.0,
        ),
        mask=replace(config.mask, time=0.0, bands=0.0),
        optimizer=config.optimizer.at_constant_rates(),
        ema=replace(config.ema, decay=0.0),
        stop=replace(config.stop, patience=0),
        data=replace(config.data, num_workers=0),
        validation=replace(config.validation, every=every, limit=0),
    )


def train(
    config: TrainConfig,
    output: Path,
    watch: Watch,
    *,
    resume: bool = False,
    offline: bool = False,
    progress: Progress = SILENT,
) -> Outcome:
    """Train as configured, with checkpoints and metrics in `output`; this process may be one of a distributed group.

    Raises UsageError for settings that do not fit, DataError and ModelError for data and models that are missing or
    damaged, OutputError when the output cannot be written, TrainingError when training fails.
    """
    resolved = resolve_config(config, offline=offline, progress=progress)
    differing = changes(resolve_config(read_config(settings_of_run(output))), resolved) if resume else []
    check_possible(differing)
    accelerator = make_accelerator(config, output)
    checkpoints = _checkpoints(config, output, accelerator, resume=resume)
    set_seed(config.engine.seed)
    with accelerator.main_process_first():
        resolved = with_head(resolved, offline=offline, progress=progress)
        learner = load_learner(resolved.model, resolved.mask, offline=offline, progress=progress)
    recorder = Recorder(output, watch, accelerator)
    for change in differing:
        recorder.say(f"changed since the run began: {change}")
    training_examples, validation_examples = examples_of(resolved, learner, recorder)
    # Each process draws different masks.
    set_seed(config.engine.seed, device_specific=True)
    if config.engine.checkpointing:
        _enable_gradient_checkpointing(learner)
    validator = Validator(
        resolved.validation,
        validation_examples,
        learner.vocabulary,
        config.data.batch_s,
        frame_s=learner.acoustic.ctc.frames.frame_s,
        num_workers=resolved.data.num_workers,
    )
    stem_check = stem_check_of(resolved, learner)
    guard = _guard(resolved, learner, validation_examples, output)
    if accelerator.is_main_process:
        write_config(resolved, output)
    if config.engine.trackers:
        start_trackers(accelerator, resolved, output, step=checkpoints.last_step() if resume else 0)
    with receiving_stop_requests() as stop_requests:
        last = checkpoints.last() if resume else None
        origin = origin_of(resolved, training_examples, validation_examples, accelerator=accelerator, checkpoint=last)
        state = RunState(resolved, learner, accelerator, last, origin=origin)
        recorder.resume_at(state.position.step)
        training = Training(state, training_examples, accelerator, stems=stems_of(resolved, learner))
        control = Control(validator, guard, stop_requests, stem_check=stem_check)
        profile = _profile(resolved, learner, accelerator)
        trainer = Trainer(resolved, training, Records(recorder, checkpoints, profile), control)
        try:
            outcome = trainer.fit()
            if outcome.profile is not None:
                outcome.profile.write(output)
            return outcome
        except torch.OutOfMemoryError:
            raise TrainingError(
                "the device is out of memory",
                "Lower --batch-s, or try --precision bf16, --checkpointing, --accumulate.",
            ) from None
        finally:
            accelerator.end_training()


def make_accelerator(config: TrainConfig, output: Path) -> Accelerator:
    """Accelerate on the configured device with the configured precision.

    Raises UsageError when they are not supported on this machine.
    """
    engine = config.engine
    # Raises UsageError for a device that is not available.
    resolve_device(engine.device)
    try:
        accelerator = Accelerator(
            mixed_precision=engine.precision,
            cpu=engine.device == "cpu",
            log_with=list(engine.trackers) or None,
            project_dir=str(output),
            dynamo_plugin=TorchDynamoPlugin(backend="inductor", dynamic=True) if engine.compile else None,
        )
    except ValueError as error:
        raise UsageError(
            f"precision {engine.precision} is not supported on this machine ({error})", "Use --precision no."
        ) from None
    if accelerator.distributed_type == DistributedType.FSDP:
        check_sharded(config)
    return accelerator


def check_sharded(config: TrainConfig) -> None:
    """Raise UsageError for settings that do not work where weights are sharded over processes (FSDP)."""
    names = {config.optimizer.of(part).name for part in PARTS}
    problems = {
        "freeze.until": bool(config.freeze.until),
        "ema.decay": config.ema.decay > 0,
        "a max_norm for one part": bool(limits_of(config.optimizer)),
        "adafactor": "adafactor" in names,
    }
    if found := [name for name, is_set in problems.items() if is_set]:
        raise UsageError(f"{' and '.join(found)} cannot be used with FSDP", f"Leave out {found[0]}, or use DDP.")


def _checkpoints(config: TrainConfig, output: Path, accelerator: Accelerator, *, resume: bool) -> Checkpoints:
    checkpoints = Checkpoints(output, config.checkpoint.keep)
    if accelerator.is_main_process:
        check_writable(output)
        checkpoints.sweep()
    if not resume and checkpoints.last() is not None:
        raise UsageError(
            f"{display_name(output)} already contains a run", "Add --resume to continue it, or choose another --output."
        )
    return checkpoints


def _guard(config: TrainConfig, learner: Learner, examples: ChunkExamples, output: Path) -> VocalGuard | None:
    """The guard of the separator's vocals, None without a separator or clips."""
    if learner.acoustic.vocals is None or not config.guard.num_clips:
        return None
    return VocalGuard(examples, config.guard.num_clips, output)


def _profile(config: TrainConfig, learner: Learner, accelerator: Accelerator) -> Profile:
    engine = config.engine
    profile = Profile(accelerator.device, engine.precision, is_on=engine.profile, compiled=engine.compile)
    profile.watch(learner.acoustic.vocals, learner.acoustic.ctc)
    return profile


def _enable_gradient_checkpointing(learner: Learner) -> None:
    with warnings.catch_warnings():
        # The newer name of the argument does not exist in all supported versions.
        warnings.simplefilter("ignore", FutureWarning)
        learner.acoustic.ctc.model.gradient_checkpointing_enable(  # type: ignore[operator]
            gradient_checkpointing_kwargs={"use_reentrant": False}
        )
    if learner.acoustic.vocals is not None:
        learner.acoustic.vocals.saves_memory = True
