"""The average of the weights of several checkpoints of one run, as a model."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence
from functools import reduce
from operator import or_
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.base.output import display_name, new_folder
from lyricsrec.dataset.learned import learned_by
from lyricsrec.models.reading import read_object
from lyricsrec.separation.settings import CHECKPOINT_CARD
from lyricsrec.training.state.card import write_card
from lyricsrec.training.state.checkpoint import STATE, Checkpoints, read_state
from lyricsrec.training.state.weights import AVERAGED, RAW

_LEFT_OUT = (STATE, RAW, AVERAGED)


def chosen_checkpoints(run: Path, *, best: int = 0, last: int = 0) -> list[Path]:
    """The `best` best checkpoints of a run by its own metric, or the `last` last ones, that are on the disk.

    Raises UsageError when there are fewer, ModelError when the newest one is damaged.
    """
    checkpoints = Checkpoints(run)
    newest = checkpoints.last()
    if newest is None:
        raise UsageError(
            f"{display_name(run)}: no checkpoints of a run", "Give the folder of a run (--output of train)."
        )
    if best:
        found = [checkpoints.path(candidate.step) for candidate in read_state(newest).best]
        kept, setting = [path for path in found if path.is_dir()][:best], "checkpoint.keep_best"
    else:
        kept, setting = checkpoints.complete()[-last:], "checkpoint.keep"
    if len(kept) < max(best, last):
        raise UsageError(
            f"{display_name(run)}: {len(kept)} such checkpoints are kept, not {max(best, last)}",
            f"Average fewer, or train with --set {setting}={max(best, last)}.",
        )
    return kept


def average_checkpoints(checkpoints: Sequence[Path], output: Path) -> None:
    """Write a model whose weights are the mean of those of checkpoints; everything else is that of the first.

    Raises UsageError for fewer than two, ModelError for checkpoints that are damaged or not of the same model,
    OutputError when the folder cannot be written or is not empty.
    """
    if len(checkpoints) < 2:
        raise UsageError("an average needs at least two checkpoints", "Give more, or a run with --best 3 or --last 3.")
    with new_folder(output) as temporary:
        left_out = shutil.ignore_patterns(*_LEFT_OUT)
        shutil.copytree(checkpoints[0], temporary, ignore=left_out, dirs_exist_ok=True)
        for path in sorted(temporary.rglob("*.safetensors")):
            _average([checkpoint / path.relative_to(temporary) for checkpoint in checkpoints], path)
        _describe(checkpoints, temporary)


def _average(files: Sequence[Path], target: Path) -> None:
    """Write the mean of each tensor of floating-point numbers in some files; the others are those of the first."""
    try:
        with contextlib.ExitStack() as stack:
            opened = [stack.enter_context(safe_open(str(file), framework="pt")) for file in files]
            first, names = opened[0], sorted(opened[0].keys())
            if any(sorted(file.keys()) != names for file in opened):
                raise ValueError("its weights have other names")
            tensors = {}
            for name in names:
                tensor = first.get_tensor(name)
                if tensor.is_floating_point():
                    whole = torch.stack([file.get_tensor(name).double() for file in opened])
                    tensor = whole.mean(dim=0).to(tensor.dtype)
                tensors[name] = tensor
            metadata = first.metadata()
        save_file(tensors, target, metadata)
    except (SafetensorError, FileNotFoundError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"{display_name(files[0].parent)} and the others are not checkpoints of one model ({error})",
            "Average checkpoints of the same run.",
        ) from None


def _describe(checkpoints: Sequence[Path], folder: Path) -> None:
    """Add to the card of an averaged model what it is made of; it has learned what any of its parts has."""
    try:
        cards = [read_object(checkpoint / CHECKPOINT_CARD) for checkpoint in checkpoints]
    except (OSError, ValueError) as error:
        raise ModelError(f"{display_name(checkpoints[0])}: its {CHECKPOINT_CARD} cannot be read ({error})") from None
    learned = reduce(or_, map(learned_by, checkpoints))
    parts = [
        {"folder": str(one.resolve()), "step": card.get("step")} for one, card in zip(checkpoints, cards, strict=True)
    ]
    write_card({**cards[0], "averaged": parts, "songs": learned.numbers}, folder, learned)
