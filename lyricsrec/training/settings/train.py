"""All settings of a training run."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

from lyricsrec.base.settings import Settings
from lyricsrec.training.settings.data import SILENCE_S, AugmentConfig, DataConfig, MaskConfig
from lyricsrec.training.settings.model import FreezeConfig, GuardConfig, ModelConfig
from lyricsrec.training.settings.optimizer import EmaConfig, OptimizerConfig, StopConfig
from lyricsrec.training.settings.run import CheckpointConfig, EngineConfig, ValidationConfig
from lyricsrec.training.settings.stems import StemsConfig

_MASKED_FRAME_S = 0.02


@dataclass(frozen=True)
class TrainConfig(Settings):
    """A training run."""

    data: DataConfig = field(default_factory=DataConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    mask: MaskConfig = field(default_factory=MaskConfig)
    _: KW_ONLY
    model: ModelConfig = field(default_factory=ModelConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    ema: EmaConfig = field(default_factory=EmaConfig)
    freeze: FreezeConfig = field(default_factory=FreezeConfig)
    guard: GuardConfig = field(default_factory=GuardConfig)
    stems: StemsConfig = field(default_factory=StemsConfig)
    validation: ValidationConfig = field(default_factory=ValidationConfig)
    checkpoint: CheckpointConfig = field(default_factory=CheckpointConfig)
    stop: StopConfig = field(default_factory=StopConfig)
    engine: EngineConfig = field(default_factory=EngineConfig)

    def __post_init__(self) -> None:
        # Frames of 20 ms are masked, before an adapter makes longer ones; two are lost at the edges.
        shortest_s = min(self.data.min_s, SILENCE_S) / (1 + self.augment.speed) - 2 * _MASKED_FRAME_S
        if self.mask.time > 0 and self.mask.time_s > shortest_s:
            raise ValueError(
                f"mask.time_s is {self.mask.time_s:g}, but the shortest chunks may have only {max(shortest_s, 0):.2f} s"
                ": lower mask.time_s or raise data.min_s"
            )
