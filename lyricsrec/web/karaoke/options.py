"""What clients can choose from."""

from __future__ import annotations

from pydantic import BaseModel, Field

from lyricsrec.karaoke.styles.style import load_style, style_names
from lyricsrec.web.karaoke.kept import SUFFIXES
from lyricsrec.web.karaoke.request import KaraokeKind, font_names


class StyleOut(BaseModel):
    """A style of karaoke, with what can be changed of it."""

    name: str
    background: str = Field(examples=["#14181f"])
    unsung: str
    sung: str
    lines: int


class KaraokeOptionsOut(BaseModel):
    """What karaoke files can look like."""

    kinds: list[KaraokeKind]
    styles: list[StyleOut]
    fonts: list[str] = Field(description="Families of fonts that the server has.")


def all_options() -> KaraokeOptionsOut:
    """Everything that this server offers."""
    styles = [
        StyleOut(name=name, background=style.background, unsung=style.unsung, sung=style.sung[0], lines=style.lines)
        for name in style_names()
        for style in [load_style(name)]
    ]
    return KaraokeOptionsOut(kinds=list(SUFFIXES), styles=styles, fonts=list(font_names()))
