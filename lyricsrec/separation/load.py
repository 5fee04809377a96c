"""Which separator serves which name."""

from __future__ import annotations

from lyricsrec.base.device import Compute
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.models.resolve import get_separator
from lyricsrec.separation.base import NoSeparator, Separator
from lyricsrec.separation.settings import SeparateConfig


def load_separator(
    name: str, config: SeparateConfig, compute: Compute, *, offline: bool = False, progress: Progress = SILENT
) -> Separator:
    """The separator called `name`, ready to use.

    Raises UsageError for a name that is not on the list, ModelError when its weights cannot be had.
    """
    get_separator(name)
    if name == "none":
        return NoSeparator()
    if name == "center":
        from lyricsrec.separation.center import CenterSeparator

        return CenterSeparator()
    from lyricsrec.separation.demucs import DemucsSeparator, load_vocal_net

    net = load_vocal_net(name, offline=offline, progress=progress)
    return DemucsSeparator(name, net, config, compute)
