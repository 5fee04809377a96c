"""The model to export, loaded and checked."""

from __future__ import annotations

from dataclasses import dataclass

from lyricsrec.base.errors import ModelError
from lyricsrec.base.output import display_name
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.models.resolve import LocalModel
from lyricsrec.recognition.ctc import CtcFiles, read_ctc
from lyricsrec.recognition.registry import find_recognizer
from lyricsrec.training.state.checkpoint import BEST, LAST


@dataclass(frozen=True)
class Source:
    """A CTC model: its folder, what was loaded from there, and how far an ONNX file of it may be off."""

    local: LocalModel
    files: CtcFiles
    tolerance: float = 0.0


def load_source(name: str, *, tolerance: float = 0.0, offline: bool = False, progress: Progress = SILENT) -> Source:
    """The CTC model called `name`: a checkpoint's folder, a known name, or a repository of the hub.

    Raises ModelError when it is not available, damaged, or no CTC model.
    """
    local = find_model(name, offline=offline, progress=progress)
    return Source(local, read_ctc(local), tolerance)


def find_model(name: str, *, offline: bool = False, progress: Progress = SILENT) -> LocalModel:
    """As `load_source`, without loading it."""
    try:
        local = find_recognizer(name, offline=offline, progress=progress)
    except ModelError as error:
        raise _run_hint(name) or error from None
    if local.family != "ctc":
        raise ModelError(
            f"{name}: a Whisper model of CTranslate2, which is not exported",
            "Only CTC models are: checkpoints of `train` and `finetune`, and those of transformers.",
        )
    return local


def _run_hint(name: str) -> ModelError | None:
    """What to say about the folder of a run, which is not a model itself."""
    from pathlib import Path

    for link in (BEST, LAST):
        if (Path(name).expanduser() / link).is_dir():
            return ModelError(
                f"{display_name(Path(name))}: a run of several checkpoints", f"Choose one, such as {name}/{link}."
            )
    return None
