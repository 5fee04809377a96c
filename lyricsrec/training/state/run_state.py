"""The state of a run that changes while it trains, with saving it to and restoring it from a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from accelerate import Accelerator
from accelerate.utils import DistributedType, gather_object
from torch import nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_optimizer_state_dict,
)

from lyricsrec.training.log.metrics import ValidationMetrics
from lyricsrec.training.model.learner import Learner
from lyricsrec.training.model.module import TrainingModule
from lyricsrec.training.model.optimizer import make_optimizer, make_schedule
from lyricsrec.training.model.parts import Freezing
from lyricsrec.training.settings import TrainConfig
from lyricsrec.training.settings_file import write_config
from lyricsrec.training.state.checkpoint import STATE, Checkpoints, Position, TrainingState, read_state, write_state
from lyricsrec.training.state.random_state import random_state, read_random_state, set_random_state, write_random_state

_WHOLE = StateDictOptions(full_state_dict=True, cpu_offload=True)


class RunState:
    """Weights, optimizer, schedule, random generators, position and best result of a run.

    `module` and `stepper` are what Accelerate made of the model and the optimizer. With a checkpoint, everything is as
    it was when that was saved. Raises ModelError for a checkpoint that is damaged or of another model.
    """

    def __init__(
        self, config: TrainConfig, learner: Learner, accelerator: Accelerator, checkpoint: Path | None = None
    ) -> None:
        saved = read_state(checkpoint) if checkpoint is not None else None
        self.position = saved.position if saved is not None else Position()
        self.metrics: ValidationMetrics | None = None
        self.best_wer: float | None = None
        self.num_unreadable = 0
        self.freezing = Freezing(config.freeze, learner.acoustic)
        self._config, self._learner, self._accelerator = config, learner, accelerator
        self._plain = TrainingModule(learner.acoustic, learner.vocabulary.blank, config.guard)
        if checkpoint is not None:
            learner.load_weights(checkpoint)
        self.freezing.apply(self.position.step)
        self.optimizer = make_optimizer(learner.acoustic, config.optimizer)
        self.schedule = make_schedule(self.optimizer, config.optimizer, config.engine.steps)
        self.module: nn.Module
        self.module, self.stepper = accelerator.prepare(self._plain, self.optimizer)
        if saved is not None and checkpoint is not None:
            self._restore(saved, checkpoint)

    @property
    def whole(self) -> nn.Module:
        """The module to validate and save: the plain one, unless its weights are sharded over processes (FSDP)."""
        return self.module if self._is_sharded else self._plain

    @property
    def _is_sharded(self) -> bool:
        return bool(self._accelerator.distributed_type == DistributedType.FSDP)

    def learning_rates(self) -> dict[str, float]:
        """The learning rate of each part now, 0 for a frozen one."""
        groups = self.optimizer.param_groups
        trained = {group["part"] for group in groups if any(p.requires_grad for p in group["params"])}
        return {group["part"]: group["lr"] if group["part"] in trained else 0.0 for group in groups}

    def unfreeze(self) -> tuple[str, ...]:
        """Freeze and unfreeze the parts as configured for this step; returns the parts that are trained.

        Distributed wrappers only synchronise what was trainable when they were made, so they are made again.
        """
        trained = self.freezing.apply(self.position.step)
        if self._accelerator.num_processes > 1:
            plain = self._accelerator.unwrap_model(self.module, keep_fp32_wrapper=False)
            self.module = self._accelerator.prepare_model(plain)
        self.freezing.set_training()
        return trained

    def save(self, checkpoints: Checkpoints, *, is_best: bool) -> None:
        """Write a checkpoint, on the main process. Raises OutputError when it cannot be written."""
        accelerator = self._accelerator
        state, weights = self._state(), self._gathered_weights()
        own = random_state(accelerator.device)
        random_states = gather_object([own]) if accelerator.num_processes > 1 else [own]
        if accelerator.is_main_process:
            with checkpoints.writing(self.position.step, is_best=is_best) as folder:
                self._learner.save(folder, weights)
                write_config(self._config, folder)
                write_state(folder, state)
                for rank, generators in enumerate(random_states):
                    write_random_state(generators, folder / STATE, rank)
        accelerator.wait_for_everyone()

    def _state(self) -> TrainingState:
        """Everything but weights and random generators. All processes must call it, since optimizers are gathered."""
        scaler = self._accelerator.scaler
        return TrainingState(
            self.position,
            get_optimizer_state_dict(self.whole, self.optimizer, options=_WHOLE),
            self.schedule.state_dict(),
            scaler=scaler.state_dict() if scaler is not None else {},
            metrics=self.metrics.flat() if self.metrics else {},
            best_wer=self.best_wer,
            num_unreadable=self.num_unreadable,
        )

    def _restore(self, saved: TrainingState, checkpoint: Path) -> None:
        set_optimizer_state_dict(self.whole, self.optimizer, dict(saved.optimizer), options=_WHOLE)
        self.schedule.load_state_dict(dict(saved.schedule))
        if self._accelerator.scaler is not None and saved.scaler:
            self._accelerator.scaler.load_state_dict(dict(saved.scaler))
        self.best_wer, self.num_unreadable = saved.best_wer, saved.num_unreadable
        own = read_random_state(checkpoint / STATE, self._accelerator.process_index)
        if own is not None:
            set_random_state(own, self._accelerator.device)

    def _gathered_weights(self) -> dict[str, Any] | None:
        """The weights where they are sharded over processes, else None."""
        if not self._is_sharded:
            return None
        weights = get_model_state_dict(self.whole, options=_WHOLE)
        return {name.removeprefix("acoustic."): value for name, value in weights.items()}
