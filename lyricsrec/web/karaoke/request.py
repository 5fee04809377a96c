"""What a client asks for: a kind of file, and its looks."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from lyricsrec.base.errors import UsageError
from lyricsrec.karaoke.settings import KaraokeConfig
from lyricsrec.karaoke.styles.style import Style, load_style

KaraokeKind = Literal["mp4", "webm", "cdg", "ultrastar", "ass", "package"]

# No names of files: what lies on the server is not for clients.
_Colour = Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$", examples=["#102040"])]


class LookIn(BaseModel):
    """How it looks; colours, font and lines that are left out are those of the style."""

    model_config = ConfigDict(extra="forbid")

    style: Literal["clean", "paper", "stage"] = "clean"
    background: _Colour | None = Field(None, description="The colour behind the words.")
    unsung: _Colour | None = Field(None, description="The colour of words that are still to be sung.")
    sung: _Colour | None = Field(None, description="The colour of words that were sung, of the first singer.")
    font: str | None = Field(None, max_length=100, description="A family of `fonts` in /api/karaoke.")
    lines: int | None = Field(None, ge=2, le=4, description="Lines that are shown at once.")


class PreviewIn(LookIn):
    """The look, and which line is shown."""

    at_s: float = Field(0.0, ge=0, le=1e6, description="The line at this time is shown, or the next one.")


class KaraokeIn(LookIn):
    """The look, and what is made."""

    size: Literal["720p", "1080p"] = Field("720p", description="Of videos.")
    backing: float = Field(0.0, ge=0, le=1, description="The share of the voice that is left in.")


def config_of(look: LookIn, size: str = "720p", backing: float = 0.0) -> KaraokeConfig:
    """The settings of a look. Raises UsageError for a font that the server does not have."""
    if look.font is not None and look.font not in font_names():
        raise UsageError("this server does not have that font", "GET /api/karaoke lists its fonts.")
    return KaraokeConfig(_style(look), font=look.font, size=size, backing=backing)


def _style(look: LookIn) -> Style:
    style = load_style(look.style)
    given = look.model_dump(include={"background", "unsung", "lines"}, exclude_none=True)
    if look.sung is not None:
        given["sung"] = (look.sung, *style.sung[1:])
    return replace(style, **given)


@cache
def font_names() -> tuple[str, ...]:
    """The families of fonts that the server has."""
    from matplotlib import font_manager

    return tuple(name for name in sorted(set(font_manager.get_font_names()), key=str.casefold) if name[:1] != ".")
