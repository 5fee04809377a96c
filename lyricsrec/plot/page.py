"""A song's sound inside a page: MP3, which every browser plays."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path

import numpy as np

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.media import SAMPLE_RATE
from lyricsrec.base.clock import clock
from lyricsrec.base.output import write_text
from lyricsrec.plot.backdrop import COLUMNS_PER_S, Backdrop
from lyricsrec.plot.colours import confidence_colour
from lyricsrec.plot.layout import Aside, Span


class SoundInPage:
    """Collects stretches of a song as MP3 (stereo, some 128 kbit/s); nothing of the song's tags goes with them."""

    def __init__(self) -> None:
        import soundfile

        self._bytes = io.BytesIO()
        self._file = soundfile.SoundFile(
            self._bytes,
            "w",
            SAMPLE_RATE,
            2,
            "MPEG_LAYER_III",
            format="MP3",
            bitrate_mode="CONSTANT",
            compression_level=0.7,
        )

    def add(self, part: Audio) -> None:
        """Append a stretch."""
        self._file.write(np.clip(part.samples.T, -1, 1))

    def address(self) -> str:
        """The whole of it as a data URI. Nothing can be added any more."""
        self._file.close()
        return "data:audio/mpeg;base64," + base64.b64encode(self._bytes.getbuffer()).decode()


# Browsers limit the size of a picture, and draw only those in sight.
_TILE_S = 60.0

_SOURCES = "default-src 'none'; img-src data:; media-src 'self' file: data: blob:; style-src 'unsafe-inline'; \
script-src 'unsafe-inline'"


def write_page(
    path: Path,
    title: str,
    spans: Sequence[Span],
    asides: Sequence[Aside],
    backdrop: Backdrop,
    audio: str | None,
    audio_start_s: float = 0.0,
) -> None:
    """Write the page of what a backdrop shows, words and asides of it.

    `audio` is the address of the sound, whose first sample is at `audio_start_s` of the song; without it the page asks
    for the song's file. Raises OutputError when the page cannot be written.
    """
    start_s, length_s = backdrop.start_s, backdrop.end_s - backdrop.start_s
    caption = f"{clock(start_s)} to {clock(backdrop.end_s)}, {len(spans)} words"
    source = f" src='{html.escape(audio)}'" if audio else " hidden"
    gaps = (_gap(aside, start_s) for aside in asides)
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>",
        f'<meta http-equiv="Content-Security-Policy" content="{_SOURCES}">',
        f"<title>{html.escape(title)}</title><style>{_asset('page.css')}</style>",
        f"<header><h1>{html.escape(title)}</h1><span class='quiet'>{caption}</span>{_scale()}</header>",
        f"<div class='controls'><audio controls preload='auto'{source}></audio>",
        f"<label id='choose'{' hidden' if audio else ''}>To listen, choose the song: ",
        "<input type='file' id='file' accept='audio/*,video/*'></label>",
        "<label>Zoom <input type='range' id='zoom' min='2.3' max='10' step='any'></label>",
        "<button id='fit'>All</button></div><div id='now'></div><main><div class='scroller'>",
        f"<div class='time' style='--length:{length_s:.3f};--px:100' data-from='{start_s:.3f}' ",
        f"data-length='{length_s:.3f}' data-offset='{start_s - audio_start_s:.3f}'>",
        "<div class='words'>",
        *(_word(span, start_s) for span in spans),
        "</div><div class='sound'>",
        *_tiles(backdrop),
        "</div><div class='ticks'></div>",
        *gaps,
        f"<div id='head'></div></div></div>{_list(asides, start_s)}</main>",
        f"<script>{_asset('page.js')}</script></html>\n",
    ]
    write_text(path, "".join(parts))


def _asset(name: str) -> str:
    return resources.files("lyricsrec.plot").joinpath(name).read_text("utf-8")


def _scale() -> str:
    stops = ",".join(confidence_colour(step / 8) for step in range(9))
    return f"<span class='scale'>confidence 0 <i style='background:linear-gradient(90deg,{stops})'></i> 1</span>"


def _word(span: Span, origin_s: float) -> str:
    marks = [name for name, is_so in (("first", span.begins_line), ("doubtful", span.is_doubtful)) if is_so]
    sureness = "confidence not known" if span.confidence is None else f"confidence {span.confidence:.2f}"
    return (
        f"<button tabindex='-1' class='{' '.join(marks)}' data-line='{span.line}' "
        f"title='{clock(span.start_s, 2)} to {clock(span.end_s, 2)}, {sureness}' "
        f"style='--s:{span.start_s - origin_s:.3f};--d:{span.end_s - span.start_s:.3f};"
        f"--c:{confidence_colour(span.confidence)}'>{html.escape(span.text)}</button>"
    )


def _gap(aside: Aside, origin_s: float) -> str:
    return f"<div class='gap' style='--s:{aside.at_s - origin_s:.3f}'>{aside.mark}</div>"


def _list(asides: Sequence[Aside], origin_s: float) -> str:
    items = "".join(
        f"<li data-at='{aside.at_s - origin_s:.3f}'>"
        f"<b>{aside.mark} {aside.place}</b>{html.escape(aside.text)}"
        + (f"<p class='quiet'>{html.escape(aside.reason)}</p>" if aside.reason else "")
        + "</li>"
        for aside in asides
    )
    return f"<aside><h2>Without a sure place</h2><ol>{items}</ol></aside>" if items else ""


def _tiles(backdrop: Backdrop) -> Iterator[str]:
    """The backdrop as pictures of a minute each, dark on light."""
    from PIL import Image

    for first in range(0, backdrop.pixels.shape[1], round(_TILE_S * COLUMNS_PER_S)):
        pixels = backdrop.pixels[::-1, first : first + round(_TILE_S * COLUMNS_PER_S)]
        # The darkest is a middle grey: words and lines are seen on it.
        shades = (255 - 0.75 * pixels.astype(np.float32)).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(shades).save(file, "WEBP", quality=55)
        data = base64.b64encode(file.getvalue()).decode()
        place = f"--s:{first / COLUMNS_PER_S:.3f};--d:{pixels.shape[1] / COLUMNS_PER_S:.3f}"
        yield f"<img alt='' loading='lazy' style='{place}' src='data:image/webp;base64,{data}'>"
