"""Turn songs into lyrics: separate the singing voice, recognise it, time every word.

from lyricsrec import Pipeline
pipeline = Pipeline.from_preset("offline")
print(pipeline.transcribe("song.mp3").text)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lyricsrec import version

if TYPE_CHECKING:
    from lyricsrec.pipeline import Pipeline
    from lyricsrec.transcript import Transcript

__version__ = version.VERSION
__all__ = ["Pipeline", "Transcript", "__version__"]


def __getattr__(name: str) -> Any:
    # Imported when first used: `lyricsrec --help` must not wait for torch.
    if name == "Pipeline":
        from lyricsrec.pipeline import Pipeline

        return Pipeline
    if name == "Transcript":
        from lyricsrec.transcript import Transcript

        return Transcript
    raise AttributeError(f"module 'lyricsrec' has no attribute '{name}'")
