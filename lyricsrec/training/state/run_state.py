"""All of a run that changes while it trains, and how it goes to disk and comes back."""

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

from lyricsrec.training.log.metrics import ValidationFigures
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
    """Weights, optimizer, schedule, random states, and where the run stands.

    `module` and `stepper` are what the engine made of the model and the optimizer. With a checkpoint, all of it is as
    it was when that was saved.
    """

    def __init__(
        self, config: TrainConfig, learner: Learner, accelerator: Accelerator, checkpoint: Path | None = None
    ) -> None:
        self.position = Position()
        self.figures: ValidationFigures | None = None
        self.best_wer: float | None = None
        self.num_unreadable = 0
        self.freezing = Freezing(config.freeze, learner.acoustic)
        self._config, self._learner, self._accelerator = config, learner, accelerator
        self._plain = TrainingModule(learner.acoustic, learner.vocabulary.blank, config.guard)
        if checkpoint is not None:
            learner.load_weights(checkpoint)
            self.position = read_state(checkpoint).position
        self.freezing.apply(self.position.step)
        self.optimizer = make_optimizer(learner.acoustic, config.optimizer)
        self.schedule = make_schedule(self.optimizer, config.optimizer, config.engine.steps)
        self.module: nn.Module
        self.module, self.stepper = accelerator.prepare(self._plain, self.optimizer)
        if checkpoint is not None:
            self._restore(checkpoint)

    def _restore(self, checkpoint: Path) -> None:
        state = read_state(checkpoint)
        set_optimizer_state_dict(self.whole, self.optimizer, dict(state.optimizer), options=_WHOLE)
        self.schedule.load_state_dict(dict(state.schedule))
        if self._accelerator.scaler is not None and state.scaler:
            self._accelerator.scaler.load_state_dict(dict(state.scaler))
        self.best_wer, self.num_unreadable = state.best_wer, state.num_unreadable
        own = read_random_state(checkpoint / STATE, self._accelerator.process_index)
        if own is not None:
            set_random_state(own, self._accelerator.device)

    def unfreeze(self) -> tuple[str, ...]:
        """Let learn what learns at this step; returns the parts that do.

        Engines only synchronise what learnt when they began, so they begin again.
        """
        learning = self.freezing.apply(self.position.step)
        if self._accelerator.num_processes > 1:
            plain = self._accelerator.unwrap_model(self.module, keep_fp32_wrapper=False)
            self.module = self._accelerator.prepare_model(plain)
        self.freezing.set_training()
        return learning

    def save(self, checkpoints: Checkpoints, *, is_best: bool) -> None:
        """Write a checkpoint, on the main process. Raises OutputError when that cannot be done."""
        accelerator = self._accelerator
        optimizer = get_optimizer_state_dict(self.whole, self.optimizer, options=_WHOLE)
        weights = self._gathered_weights()
        own = random_state(accelerator.device)
        states = gather_object([own]) if accelerator.num_processes > 1 else [own]
        if accelerator.is_main_process:
            state = TrainingState(
                self.position,
                optimizer,
                self.schedule.state_dict(),
                scaler=accelerator.scaler.state_dict() if accelerator.scaler is not None else {},
                metrics=self.figures.flat() if self.figures else {},
                best_wer=self.best_wer,
                num_unreadable=self.num_unreadable,
            )
            with checkpoints.writing(self.position.step, is_best=is_best) as folder:
                self._learner.save(folder, weights)
                write_config(self._config, folder)
                write_state(folder, state)
                for rank, chance in enumerate(states):
                    write_random_state(chance, folder / STATE, rank)
        accelerator.wait_for_everyone()

    def _gathered_weights(self) -> dict[str, Any] | None:
        """The weights where they lie in pieces on several processes, else None."""
        if self._accelerator.distributed_type != DistributedType.FSDP:
            return None
        weights = get_model_state_dict(self.whole, options=_WHOLE)
        return {name.removeprefix("acoustic."): value for name, value in weights.items()}

    @property
    def whole(self) -> nn.Module:
        """The module to evaluate and to save: the plain one, unless its weights lie in pieces on several processes."""
        return self.module if self._accelerator.distributed_type == DistributedType.FSDP else self._plain
