"""The parts of an acoustic model by the names of their parameters, and at which steps each is trained."""

from __future__ import annotations

import re

from torch import nn

from lyricsrec.base.errors import UsageError
from lyricsrec.training.settings import PARTS, FreezeConfig

_LAYER = re.compile(r"\.layers\.(\d+)\.")
_FEATURES = re.compile(r"feature_extractor|feature_projection|\.encoder\.(conv[12]|embed_positions)\.")
_HEAD = re.compile(r"\.(lm_head|head|layer_mix)\.")


def part_of(name: str) -> str:
    """The part that a parameter of an `AcousticModel` belongs to: "separator", "features", "encoder", "head".

    Layers of the recogniser are "encoder.0" and so on.
    """
    if name.startswith("vocals."):
        return "separator"
    if _HEAD.search(name):
        return "head"
    if _FEATURES.search(name):
        return "features"
    layer = _LAYER.search(name)
    return f"encoder.{layer.group(1)}" if layer else "encoder"


class Freezing:
    """Freezes and unfreezes the parts of a model by step.

    Raises UsageError for parts that a model does not have.
    """

    def __init__(self, config: FreezeConfig, model: nn.Module) -> None:
        self._config = config
        # Some weights are never trained, such as sinusoidal positions.
        self._parameters = [(part_of(name), p) for name, p in model.named_parameters() if p.requires_grad]
        known = {part for part, _ in self._parameters} | set(PARTS)
        for name in (*config.parts, *config.until):
            if name not in known:
                layers = sorted((part for part in known if "." in part), key=lambda part: int(part.split(".")[1]))
                raise UsageError(
                    f"the model has no part '{name}' to freeze",
                    f"Parts: {', '.join(PARTS)}" + (f"; layers {layers[0]} to {layers[-1]}." if layers else "."),
                )
        self._model = model

    def changes_at(self, step: int) -> bool:
        """Whether a part is unfrozen at this step."""
        return step in self._config.until.values()

    def apply(self, step: int) -> tuple[str, ...]:
        """Freeze and unfreeze the parts as configured for a step; returns the parts that are trained.

        Raises UsageError when all are frozen.
        """
        for part, parameter in self._parameters:
            parameter.requires_grad_(not self._is_frozen(part, step))
        trained = sorted({part.split(".")[0] for part, p in self._parameters if p.requires_grad}, key=PARTS.index)
        if not trained:
            raise UsageError("every part is frozen, so nothing would be trained", "Leave out one of --freeze.")
        return tuple(trained)

    def set_training(self) -> None:
        """Put the model into training mode, except for modules that are frozen completely."""
        self._model.train()
        for module in self._model.modules():
            parameters = list(module.parameters())
            if parameters and not any(p.requires_grad for p in parameters):
                module.eval()

    def _is_frozen(self, part: str, step: int) -> bool:
        """Whether a part is frozen at a step; the most specific setting counts ("encoder.0" over "encoder")."""
        matching = [name for name in (*self._config.parts, *self._config.until) if f"{part}.".startswith(f"{name}.")]
        if not matching:
            return False
        until = self._config.until.get(max(matching, key=len))
        return until is None or step < until
