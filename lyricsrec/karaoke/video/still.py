"""One picture of a video, to choose a style by."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

from lyricsrec.base.errors import DataError
from lyricsrec.base.progress import SILENT
from lyricsrec.karaoke.settings import KaraokeConfig
from lyricsrec.karaoke.styles.fonts import checked_font
from lyricsrec.karaoke.styles.style import load_style
from lyricsrec.karaoke.video.make import painter_for
from lyricsrec.lyrics.transcript import Line, Transcript

_MOST_WORDS, _LONGEST_WORD = 40, 80
_LEFT_TO_SING = 0.6


def draw_still(transcript: Transcript, config: KaraokeConfig, at_s: float) -> bytes:
    """The frame of a video while the line at a time, or the next one, is being sung, as PNG.

    Only the lines around it are laid out, and of long ones only the first words. Raises DataError where no word has a
    time, UsageError as `make_video` does.
    """
    around = _around(transcript, at_s)
    shown = replace(transcript, lines=tuple(_cut(line) for line in around), melody=None)
    style = load_style(config.style)
    texts = [word.text for line in shown.lines for word in line.words]
    checked_font(config.font or style.font, texts, bold=style.bold, progress=SILENT)
    painter, show = painter_for(shown, config, style, title=(), duration_s=transcript.duration_s)
    sung = next((item.line for item in show.lines if item.line.end_s > at_s), show.lines[-1].line)
    painter.draw(sung.start_s + _LEFT_TO_SING * (sung.end_s - sung.start_s))
    return _png(painter.picture.rgb())


def _around(transcript: Transcript, at_s: float) -> Sequence[Line]:
    """The line at a time, or the next, the one before it, and those that are shown after it."""
    timed = [line for line in transcript.lines if line.start_s is not None and line.end_s is not None]
    if not timed:
        raise DataError(f"{transcript.song}: no words with times", "Place the words first.")
    here = next((i for i, line in enumerate(timed) if (line.end_s or 0.0) > at_s), len(timed) - 1)
    return timed[max(here - 1, 0) : here + 6]


def _cut(line: Line) -> Line:
    words = line.words[:_MOST_WORDS]
    return replace(line, words=tuple(replace(word, text=word.text[:_LONGEST_WORD]) for word in words))


def _png(picture: object) -> bytes:
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG")  # type: ignore[arg-type]
    return data.getvalue()
