"""Every setting of a training run and its default; a TOML file and flags override them.

One file for each kind of settings, `train` puts them together, and `file` reads and writes them as TOML. Others import
the names below from here. A new setting is a field; a new section is a field of `TrainConfig`.
"""

from lyricsrec.training.settings.data import SILENCE_S, AugmentConfig, DataConfig, MaskConfig, SetConfig
from lyricsrec.training.settings.model import PARTS, FreezeConfig, GuardConfig, ModelConfig, TargetName
from lyricsrec.training.settings.optimizer import (
    EmaConfig,
    OptimizerConfig,
    OptimizerName,
    PartConfig,
    PartOptimizer,
    ScheduleName,
    StopConfig,
)
from lyricsrec.training.settings.run import (
    BestMetric,
    CheckpointConfig,
    EngineConfig,
    Precision,
    Tracker,
    ValidationConfig,
)
from lyricsrec.training.settings.stems import StemLoss, StemsConfig
from lyricsrec.training.settings.train import TrainConfig

__all__ = [
    "PARTS",
    "SILENCE_S",
    "AugmentConfig",
    "BestMetric",
    "CheckpointConfig",
    "DataConfig",
    "EmaConfig",
    "EngineConfig",
    "FreezeConfig",
    "GuardConfig",
    "MaskConfig",
    "ModelConfig",
    "OptimizerConfig",
    "OptimizerName",
    "PartConfig",
    "PartOptimizer",
    "Precision",
    "ScheduleName",
    "SetConfig",
    "StemLoss",
    "StemsConfig",
    "StopConfig",
    "TargetName",
    "Tracker",
    "TrainConfig",
    "ValidationConfig",
]
