"""Turn songs into lyrics: separate the singing voice, recognise it, time every word.

from lyricsrec import load_pipeline
pipeline = load_pipeline("offline")
print(pipeline.transcribe("song.mp3").text)

from lyricsrec import separate
separate("song.mp3", "karaoke/")
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lyricsrec import version

if TYPE_CHECKING:
    from lyricsrec.lyrics.transcript import Transcript
    from lyricsrec.pipeline.load import load_pipeline
    from lyricsrec.pipeline.pipeline import Pipeline
    from lyricsrec.pipeline.separate import separate

__version__ = version.VERSION
__all__ = ["Pipeline", "Transcript", "__version__", "load_pipeline", "separate"]

# The library logs below "lyricsrec" and is silent unless the application configures logging.
logging.getLogger(__name__).addHandler(logging.NullHandler())

_MODULES = {
    "Pipeline": "lyricsrec.pipeline.load",
    "Transcript": "lyricsrec.lyrics.transcript",
    "load_pipeline": "lyricsrec.pipeline.load",
    "separate": "lyricsrec.pipeline.separate",
}


def __getattr__(name: str) -> Any:
    # Imported on first use: `lyricsrec --help` must not wait for torch.
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'lyricsrec' has no attribute '{name}'")
