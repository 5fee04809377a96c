"""The state of a run that changes while it trains, with saving it to and restoring it from a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs, DistributedType, gather_object
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_optimizer_state_dict,
)

from lyricsrec.base.errors import TrainingError
from lyricsrec.training.data.position import Batching, Position
from lyricsrec.training.log.metrics import ValidationMetrics
from lyricsrec.training.model.learner import Learner
from lyricsrec.training.model.module import TrainingModule
from lyricsrec.training.model.parts import Freezing, parts_of
from lyricsrec.training.optimization.ema import WeightAverage
from lyricsrec.training.optimization.optimizers import make_optimizer
from lyricsrec.training.optimization.patience import Patience
from lyricsrec.training.optimization.schedules import Schedule
from lyricsrec.training.settings import TrainConfig
from lyricsrec.training.settings.file import write_config
from lyricsrec.training.state.best import Ranking
from lyricsrec.training.state.card import Origin, card_of, write_card
from lyricsrec.training.state.checkpoint import STATE, Checkpoints, TrainingState, read_state, write_state
from lyricsrec.training.state.optimizer_state import load_optimizer_state, optimizer_state
from lyricsrec.training.state.random_state import random_state, read_random_state, set_random_state, write_random_state
from lyricsrec.training.state.weights import SavedWeights, load_weights

_WHOLE = StateDictOptions(full_state_dict=True, cpu_offload=True)


class RunState:
    """Weights, optimizer, schedule, random generators, position and best result of a run.

    `module` and `stepper` are what Accelerate made of the model and the optimizer. With a checkpoint, everything is as
    it was when that was saved. Raises ModelError for a checkpoint that is damaged or of another model.
    """

    def __init__(
        self,
        config: TrainConfig,
        learner: Learner,
        accelerator: Accelerator,
        checkpoint: Path | None = None,
        *,
        origin: Origin | None = None,
    ) -> None:
        saved = read_state(checkpoint) if checkpoint is not None else None
        self.position = saved.position if saved is not None else Position()
        self.metrics: ValidationMetrics | None = None
        candidates = saved.best if saved is not None else ()
        self.ranking = Ranking(config.checkpoint.best_metric, config.checkpoint.keep_best, candidates)
        self.num_unreadable = self.num_skipped = 0
        self.last_saved = checkpoint
        self._saved_batching, self._saved_data = (saved.batching, saved.data) if saved is not None else (None, "")
        self._batching: Batching | None = None
        self._data = ""
        self._origin = origin or Origin()
        # Else every step would search for parameters without gradients.
        unused = any("masked_spec_embed" in n and p.requires_grad for n, p in learner.acoustic.named_parameters())
        accelerator.ddp_handler = DistributedDataParallelKwargs(find_unused_parameters=unused)
        self.freezing = Freezing(config.freeze, learner.acoustic)
        self._config, self._learner, self._accelerator = config, learner, accelerator
        self._plain = TrainingModule(learner.acoustic, learner.vocabulary.blank, config.guard, config.stems.loss)
        averages = load_weights(learner, checkpoint) if checkpoint is not None else None
        self.freezing.apply(self.position.step)
        self._starts = self.freezing.starts(self.position.step, _starts_so_far(saved, learner))
        self.optimizer = make_optimizer(learner.acoustic, config.optimizer, self._starts)
        self.module: nn.Module
        self.module, self.stepper = accelerator.prepare(self._plain, self.optimizer)
        if saved is not None and checkpoint is not None:
            self._restore(saved, checkpoint)
        self._begin_rates(saved)
        self.average = self._begin_average(saved, averages)
        self.weights = SavedWeights(learner, self.average, use_average=config.ema.use)

    def _begin_rates(self, saved: TrainingState | None) -> None:
        config, metric = self._config, self._config.checkpoint.best_metric
        before = saved.schedule if saved is not None else None
        self.schedule = Schedule(self.optimizer, config.optimizer, config.engine.steps, metric=metric, saved=before)
        self.schedule.apply(self.position.step)
        patience = saved.stop if saved is not None else None
        self.stopping = Patience(config.stop.metric or metric, config.stop.min_gain, patience)

    def _begin_average(
        self, saved: TrainingState | None, averages: Mapping[str, Tensor] | None
    ) -> WeightAverage | None:
        if not self._config.ema.decay:
            return None
        weights = dict(self._learner.acoustic.named_parameters())
        num_updates = saved.num_averaged if saved is not None else 0
        return WeightAverage(self._config.ema.decay, weights, num_updates=num_updates, saved=averages)

    @property
    def whole(self) -> nn.Module:
        """The module to validate and save: the plain one, unless its weights are sharded over processes (FSDP)."""
        return self.module if self._is_sharded else self._plain

    @property
    def _is_sharded(self) -> bool:
        return bool(self._accelerator.distributed_type == DistributedType.FSDP)

    @property
    def trains_separator(self) -> bool:
        """Whether any weight of the separator is trained now."""
        return any(part.split(".")[0] == "separator" for part in self.freezing.trained())

    def begin_data(self, batching: Batching, data: str) -> bool:
        """Say how the training chunks are batched; `data` is their fingerprint.

        A resumed run goes on with the chunks that it has not seen in this epoch; with other chunks, it begins a new
        epoch. Returns whether it does that.
        """
        is_other = bool(self._saved_data) and data != self._saved_data
        if is_other:
            self.position = self.position.next_epoch()
        elif self._saved_batching is not None:
            self.position = self.position.with_batches(self._saved_batching, batching)
        self._batching, self._data = batching, data
        return is_other

    def learning_rates(self) -> dict[str, float]:
        """The learning rate of each part now, 0 for a frozen one."""
        groups = self.optimizer.param_groups
        trained = {group["part"] for group in groups if any(p.requires_grad for p in group["params"])}
        parts = dict.fromkeys(group["part"] for group in groups)
        rates = {part: max(group["lr"] for group in groups if group["part"] == part) for part in parts}
        return {part: rate if part in trained else 0.0 for part, rate in rates.items()}

    def unfreeze(self) -> tuple[str, ...]:
        """Freeze and unfreeze the parts as configured for this step; returns the parts that are trained.

        Distributed wrappers only synchronise what was trainable when they were made, so they are made again.
        """
        trained = self.freezing.apply(self.position.step)
        if self._accelerator.num_processes > 1:
            plain = self._accelerator.unwrap_model(self.module, keep_fp32_wrapper=False)
            self.module = self._accelerator.prepare_model(plain)
        if self.average is not None:
            self.average.follow()
        self.freezing.set_training()
        return trained

    def save(self, checkpoints: Checkpoints) -> None:
        """Write a checkpoint, on the main process.

        Raises TrainingError for weights that are not finite, OutputError when it cannot be written.
        """
        accelerator = self._accelerator
        self._check_weights()
        state, weights = self._state(), self._gathered_weights()
        own = random_state(accelerator.device)
        random_states = gather_object([own]) if accelerator.num_processes > 1 else [own]
        if accelerator.is_main_process:
            with checkpoints.writing(self.position.step, self.ranking.steps) as folder:
                card = card_of(self._config, step=self.position.step, data=self._data, origin=self._origin)
                for model in self.weights.save(folder, weights):
                    write_card(card, model, self._origin.learned)
                write_config(self._config, folder)
                write_state(folder, state)
                for rank, generators in enumerate(random_states):
                    write_random_state(generators, folder / STATE, rank)
        accelerator.wait_for_everyone()
        self.last_saved = checkpoints.path(self.position.step)

    def _check_weights(self) -> None:
        weights = [p.detach() for p in self._plain.parameters() if p.requires_grad]
        if not all(bool(torch.isfinite(weight).all()) for weight in weights):
            raise TrainingError(
                f"the weights after step {self.position.step} are not finite and were not saved",
                "Lower the learning rates (--set optimizer.head_rate=...), or use --precision no"
                + (f"; the last good checkpoint is {self.last_saved.name}." if self.last_saved else "."),
            )

    def _state(self) -> TrainingState:
        """Everything but weights and random generators. All processes must call it, since optimizers are gathered."""
        scaler = self._accelerator.scaler
        if self._is_sharded:
            optimizer = dict(get_optimizer_state_dict(self.whole, self.optimizer, options=_WHOLE))
        else:
            optimizer = optimizer_state(self.optimizer, self._names())
        trained = self.freezing.trained()
        starts = {part: start for part, start in self._starts.items() if part in trained}
        return TrainingState(
            self.position,
            optimizer,
            {"starts": starts, **self.schedule.state()},
            scaler=scaler.state_dict() if scaler is not None else {},
            metrics=self.metrics.flat() if self.metrics else {},
            best=tuple(self.ranking.candidates),
            batching=self._batching,
            data=self._data,
            num_unreadable=self.num_unreadable,
            num_skipped=self.num_skipped,
            stop=self.stopping.state(),
            num_averaged=self.average.num_updates if self.average is not None else 0,
        )

    def _restore(self, saved: TrainingState, checkpoint: Path) -> None:
        if self._is_sharded:
            self._restore_sharded(saved)
        else:
            load_optimizer_state(self.optimizer, self._names(), saved.optimizer)
        if self._accelerator.scaler is not None and saved.scaler:
            self._accelerator.scaler.load_state_dict(dict(saved.scaler))
        self.num_unreadable, self.num_skipped = saved.num_unreadable, saved.num_skipped
        own = read_random_state(checkpoint / STATE, self._accelerator.process_index)
        if own is not None:
            set_random_state(own, self._accelerator.device)

    def _restore_sharded(self, saved: TrainingState) -> None:
        # Rates, decay and the like are those of the settings, which may have changed.
        configured = [{key: group[key] for key in group if key != "params"} for group in self.optimizer.param_groups]
        # Parts that were frozen so far have no state.
        loading = replace(_WHOLE, strict=False)
        set_optimizer_state_dict(self.whole, self.optimizer, dict(saved.optimizer), options=loading)
        for group, values in zip(self.optimizer.param_groups, configured, strict=True):
            group.update(values)

    def _names(self) -> dict[nn.Parameter, str]:
        return {parameter: name for name, parameter in self._plain.named_parameters()}

    def _gathered_weights(self) -> dict[str, Any] | None:
        """The weights where they are sharded over processes, else None."""
        if not self._is_sharded:
            return None
        weights = get_model_state_dict(self.whole, options=_WHOLE)
        return {name.removeprefix("acoustic."): value for name, value in weights.items()}


def _starts_so_far(saved: TrainingState | None, learner: Learner) -> dict[str, int]:
    """The step from which each part was trained that a saved run has trained; 0 where the run did not note it."""
    if saved is None:
        return {}
    moving = {name.removeprefix("acoustic.") for name in saved.optimizer["state"]}
    weights = {id(parameter): name for name, parameter in learner.acoustic.named_parameters()}
    trained = {part: 0 for part, parameter in parts_of(learner.acoustic) if weights[id(parameter)] in moving}
    return {**trained, **saved.schedule.get("starts", {})}
