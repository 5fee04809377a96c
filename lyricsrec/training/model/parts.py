"""The parts of an acoustic model by the names of their parameters, and at which steps each is trained."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import nn

from lyricsrec.base.errors import UsageError
from lyricsrec.recognition.acoustic import AcousticModel
from lyricsrec.training.settings import PARTS, FreezeConfig

_LAYER = re.compile(r"\.encoder\.layers?\.(\d+)\.")
_ADAPTER = re.compile(r"\.adapter\.(?:layers\.(\d+)\.)?|\.adapter_layer\.")
_FEATURES = re.compile(r"feature_extractor|feature_projection|\.encoder\.(conv[12]|embed_positions)\.")
_LAYER_PART = re.compile(r"encoder\.\d+$")
_HEAD = re.compile(r"\.(lm_head|head|layer_mix)\.")


def part_of(name: str) -> str:
    """The part that a parameter of an `AcousticModel` belongs to: "separator", "features", "encoder", "adapter",
    "head".

    Layers of the recogniser are "encoder.0" and so on. Its adapters are those between encoder and head, "adapter.0" and
    so on, which make frames longer, and those inside the layers, which are for one language.
    """
    if name.startswith("vocals."):
        return "separator"
    if _HEAD.search(name):
        return "head"
    if adapter := _ADAPTER.search(name):
        return f"adapter.{adapter.group(1)}" if adapter.group(1) else "adapter"
    if _FEATURES.search(name):
        return "features"
    layer = _LAYER.search(name)
    return f"encoder.{layer.group(1)}" if layer else "encoder"


def parts_of(model: AcousticModel) -> list[tuple[str, nn.Parameter]]:
    """The parameters of a model with their parts; those of the separator are "separator.encoder" and so on."""
    parts = []
    for name, parameter in model.named_parameters():
        part = part_of(name)
        if part == "separator" and model.vocals is not None:
            part = f"{part}.{model.vocals.part_of(name.removeprefix('vocals.'))}"
        parts.append((part, parameter))
    return parts


def _prefixes(part: str) -> list[str]:
    """A part and those that it belongs to: "a.b" gives "a", "a.b"."""
    names = part.split(".")
    return [".".join(names[: i + 1]) for i in range(len(names))]


class Freezing:
    """Freezes and unfreezes the parts of a model by step.

    Raises UsageError for parts that a model does not have.
    """

    def __init__(self, config: FreezeConfig, model: AcousticModel) -> None:
        self._config = config
        # Some weights are never trained, such as sinusoidal positions.
        self._parameters = [(part, p) for part, p in parts_of(model) if p.requires_grad]
        self._model = model
        present = {prefix for part, _ in self._parameters for prefix in _prefixes(part)}
        known = present | set(PARTS)
        for name in (*config.parts, *config.until):
            if name not in known:
                layers = sorted((part for part in known if _LAYER_PART.match(part)), key=lambda part: int(part[8:]))
                inner = sorted(part for part in known if part.startswith("separator."))
                raise UsageError(
                    f"the model has no part '{name}' to freeze",
                    f"Parts: {', '.join((*(part for part in PARTS if part != 'adapter' or part in present), *inner))}"
                    + (f"; layers {layers[0]} to {layers[-1]}." if layers else "."),
                )

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

    def starts(self, step: int, earlier: Mapping[str, int]) -> dict[str, int]:
        """The step from which each part is trained, that of now for one that always stays frozen.

        `earlier` has those of parts that were trained before `step`.
        """
        starts = {}
        for part in dict.fromkeys(part for part, _ in self._parameters):
            until = self._until(part)
            coming = until if until is not None else step
            starts[part] = coming if self._is_frozen(part, step) else earlier.get(part, step)
        return starts

    def trained(self) -> set[str]:
        """The parts with weights that are trained now, by their whole names."""
        return {part for part, parameter in self._parameters if parameter.requires_grad}

    def set_training(self) -> None:
        """Put the model into training mode, except for modules that are frozen completely."""
        self._model.train()
        for module in self._model.modules():
            parameters = list(module.parameters())
            if parameters and not any(p.requires_grad for p in parameters):
                module.eval()

    def _is_frozen(self, part: str, step: int) -> bool:
        """Whether a part is frozen at a step."""
        until = self._until(part)
        return self._setting(part) is not None and (until is None or step < until)

    def _until(self, part: str) -> int | None:
        """The step until which a part is frozen, None for always or never."""
        setting = self._setting(part)
        return self._config.until.get(setting) if setting is not None else None

    def _setting(self, part: str) -> str | None:
        """The setting that counts for a part, the most specific one ("encoder.0" over "encoder"), None without any."""
        names = (*self._config.parts, *self._config.until)
        return max((name for name in names if f"{part}.".startswith(f"{name}.")), key=len, default=None)
