"""The registry of separators: which code serves which name or folder, and what its output is like.

One more family is one file with its loader and one entry of `FAMILIES`; its models are rows of the catalogue.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lyricsrec.base.device import Compute
from lyricsrec.base.errors import UsageError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.models.catalogue import CTC_FILES, MODELS, NO_SEPARATOR, ModelInfo, names_of
from lyricsrec.models.hub import cached_folder, is_repository
from lyricsrec.models.reading import read_object
from lyricsrec.models.sources import Folder
from lyricsrec.separation.settings import (
    CHECKPOINT_CARD,
    SEPARATOR_BAG,
    SEPARATOR_FOLDER,
    SPLEETER_CARD,
    SeparateConfig,
)

if TYPE_CHECKING:
    from lyricsrec.separation.base import Separator
    from lyricsrec.separation.spleeter import SpleeterVocals
    from lyricsrec.separation.trainable import TrainableSeparator
    from lyricsrec.separation.vocal_net import VocalNet

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loading:
    """What a loader gets: the model, how to separate and where; `offline` forbids downloads."""

    model: ModelInfo
    config: SeparateConfig
    compute: Compute
    _: KW_ONLY
    offline: bool = False
    progress: Progress = SILENT


@dataclass(frozen=True)
class Family:
    """A family of separators.

    `load` makes a separator. `load_net` makes its differentiable module for training, in float32, or None where the
    mix is passed on; families without one cannot be trained. `trained_file` is the name of a file that marks a folder
    as a trained separator of this family. `random_net` makes a module of random weights from its shapes, {} for the
    usual ones. `makes_stems`: the mix is taken apart. `keeps_accompaniment`: the vocals
    still contain some, so that breaks between phrases are not silent.
    """

    load: Callable[[Loading], Separator]
    load_net: Callable[[Loading], TrainableSeparator | None] | None = None
    trained_file: str | None = None
    _: KW_ONLY
    random_net: Callable[[dict[str, Any]], TrainableSeparator | None] | None = None
    makes_stems: bool = True
    keeps_accompaniment: bool = False


def _load_none(loading: Loading) -> Separator:
    from lyricsrec.separation.base import NoSeparator

    return NoSeparator()


def _load_center(loading: Loading) -> Separator:
    from lyricsrec.separation.center import CenterSeparator

    return CenterSeparator()


def _load_spleeter(loading: Loading) -> Separator:
    from lyricsrec.separation.spleeter import SpleeterSeparator

    net = _load_spleeter_net(loading)
    return SpleeterSeparator(net, loading.compute, loading.config, name=loading.model.name)


def _load_spleeter_net(loading: Loading) -> SpleeterVocals:
    from lyricsrec.separation.spleeter import read_vocals

    return read_vocals(loading.model.source.resolve())


def _load_demucs(loading: Loading) -> Separator:
    from lyricsrec.separation.demucs import DemucsSeparator

    return DemucsSeparator(loading.model.name, _load_demucs_net(loading), loading.config, loading.compute)


def _load_demucs_net(loading: Loading) -> VocalNet:
    from lyricsrec.separation.demucs import read_model

    return read_model(loading.model, offline=loading.offline, progress=loading.progress)


def _random_spleeter(shape: dict[str, Any]) -> TrainableSeparator:
    from lyricsrec.separation.spleeter import random_vocals

    return random_vocals(shape)


def _random_demucs(shape: dict[str, Any]) -> TrainableSeparator:
    from lyricsrec.separation.demucs import random_model

    return random_model(shape)


FAMILIES: dict[str, Family] = {
    "none": Family(_load_none, lambda _: None, random_net=lambda _: None, makes_stems=False, keeps_accompaniment=True),
    "center": Family(_load_center, keeps_accompaniment=True),
    "spleeter": Family(_load_spleeter, _load_spleeter_net, SPLEETER_CARD, random_net=_random_spleeter),
    "demucs": Family(_load_demucs, _load_demucs_net, SEPARATOR_BAG, random_net=_random_demucs),
}


def get_separator(name: str) -> ModelInfo:
    """The separator called `name`: a known one, or the folder of a trained one.

    Raises UsageError when it is neither.
    """
    for family_name, family in FAMILIES.items():
        if family.trained_file is not None and (Path(name) / family.trained_file).is_file():
            return ModelInfo(
                name,
                "separator",
                family_name,
                description="trained",
                source=Folder(Path(name)),
                licence="that of the model it was trained from",
                size_mb=0,
            )
    if name not in names_of("separator"):
        raise UsageError(f"unknown separator '{name}'", f"Known separators: {', '.join(names_of('separator'))}.")
    return MODELS[name]


def family_of(name: str) -> Family:
    """The family of the separator called `name`. Raises UsageError as `get_separator` does."""
    return FAMILIES[get_separator(name).family]


def bundled_separator(model: str) -> str | None:
    """The separator that was trained together with a recogniser, where the recogniser's folder contains one."""
    folder = _folder_of(model) / SEPARATOR_FOLDER
    files = [family.trained_file for family in FAMILIES.values() if family.trained_file is not None]
    return str(folder) if any((folder / file).is_file() for file in files) else None


def stated_separator(model: str) -> str | None:
    """The separator that a recogniser was trained behind, where the recogniser's folder says so."""
    try:
        name = str(read_object(_folder_of(model) / CHECKPOINT_CARD)["separator"])
    except (OSError, ValueError, KeyError):
        return None
    return name if name in names_of("separator") else None


def _folder_of(model: str) -> Path:
    """The folder of a recogniser: a path, or, of a repository on the hub, where its download is on this machine."""
    folder = Path(model).expanduser()
    if folder.is_dir() or model in MODELS or not is_repository(model):
        return folder
    return cached_folder(model, CTC_FILES) or folder


def separator_for(model: str, separator: str | None = None, default: str = NO_SEPARATOR) -> str:
    """The separator to use before a recogniser.

    It is the one asked for, the one in the recogniser's folder, the one that the recogniser was trained behind, or
    `default`.
    """
    return separator or bundled_separator(model) or stated_separator(model) or default


def load_separator(
    name: str, config: SeparateConfig, compute: Compute, *, offline: bool = False, progress: Progress = SILENT
) -> Separator:
    """The separator called `name`, ready to use.

    Raises UsageError for an unknown name, ModelError when its weights are not available or damaged.
    """
    separator = family_of(name).load(Loading(get_separator(name), config, compute, offline=offline, progress=progress))
    log.debug("separator %s loaded", name)
    return separator


def load_vocal_net(name: str, *, offline: bool = False, progress: Progress = SILENT) -> TrainableSeparator | None:
    """The differentiable module of the separator called `name`, on the CPU; None where the mix is passed on.

    Raises UsageError for an unknown separator and for one without trainable weights, ModelError when its weights are
    not available or damaged.
    """
    load = family_of(name).load_net
    if load is None:
        trainable = [known for known in names_of("separator") if family_of(known).load_net is not None]
        raise UsageError(f"the separator '{name}' has no trainable weights", f"Use one of {', '.join(trainable)}.")
    return load(
        Loading(get_separator(name), SeparateConfig(), Compute("cpu", "float32"), offline=offline, progress=progress)
    )


def random_vocal_net(name: str, *, offline: bool = False, progress: Progress = SILENT) -> TrainableSeparator | None:
    """As `load_vocal_net`, with random weights: nothing but shapes is read.

    `name` may also be a JSON file of shapes, with a `family` and what its modules take: {"family": "spleeter",
    "widths": [...]} or {"family": "demucs", "class": "HTDemucs", "sources": [...], ...}. Raises UsageError and
    ModelError.
    """
    path = Path(name).expanduser()
    if not path.is_file():
        make = family_of(name).random_net
        if make is None or path.is_dir():
            # Trained separators have their shapes beside their weights.
            return load_vocal_net(name, offline=offline, progress=progress)
        return make({})
    try:
        shape = read_object(path)
        found = FAMILIES[str(shape["family"])].random_net
    except (OSError, ValueError, KeyError):
        found = None
    if found is None:
        known = [family for family in FAMILIES if FAMILIES[family].random_net is not None]
        raise UsageError(
            f"{name}: not a file of a separator's shapes", f"It is a JSON object with a family: {', '.join(known)}."
        )
    return found(shape)
