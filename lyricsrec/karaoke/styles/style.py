"""The settings of a style, by its name or from a TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Le, Len, Predicate

from lyricsrec.base.errors import UsageError
from lyricsrec.base.output import display_name
from lyricsrec.base.settings import Settings, Share, checked

Rgb = tuple[int, int, int]

_FOLDER = Path(__file__).parent


def is_colour(text: str) -> bool:
    """Whether a text is a colour, such as #ffcc00 or navy."""
    from PIL import ImageColor

    try:
        ImageColor.getrgb(text)
    except ValueError:
        return False
    return True


def rgb(colour: str) -> Rgb:
    """Red, green and blue of a colour, 0 to 255 each. Raises ValueError."""
    from PIL import ImageColor

    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue


Colour = Annotated[str, Predicate(is_colour)]


@dataclass(frozen=True)
class Style(Settings):
    """How karaoke looks.

    `sung` are the colours of singers, in the order in which they begin; `together` is that of several at once; `second`
    that of translations. `size` is the height of letters as a share of the picture's, `outline_width` a share of that;
    `margin` is the border that stays free on every side, as a share of the picture. `shade` darkens images and videos
    behind the words. `lines` are shown at once. `font` is a file or a family, None for DejaVu Sans.
    """

    background: str = "#14181f"
    unsung: Colour = "#ffffff"
    sung: Annotated[tuple[Colour, ...], Len(1)] = ("#ffc53d",)
    _: KW_ONLY
    together: Colour = "#d9a6ff"
    outline: Colour = "#000000"
    second: Colour = "#a9b4c2"
    card: Colour = "#ffffff"
    font: str | None = None
    bold: bool = True
    size: Annotated[float, Ge(0.03), Le(0.2)] = 0.092
    second_size: Annotated[float, Ge(0.3), Le(1)] = 0.58
    outline_width: Annotated[float, Ge(0), Le(0.2)] = 0.07
    margin: Annotated[float, Ge(0.02), Le(0.2)] = 0.06
    shade: Share = 0.45
    lines: Annotated[int, Ge(2), Le(4)] = 2
    place: Literal["bottom", "middle"] = "bottom"

    def colour_of(self, voice: int | None) -> Rgb:
        """The colour of what a singer (a number from 0; None for several at once) has sung."""
        return rgb(self.together if voice is None else self.sung[voice % len(self.sung)])


def style_names() -> list[str]:
    """The styles that are included."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def load_style(name: str | Style) -> Style:
    """A style by its name, or from a TOML file; one that is given as such. Raises UsageError."""
    if isinstance(name, Style):
        return name
    path = _FOLDER / f"{name}.toml" if name in style_names() else Path(name)
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        hint = f"Known styles: {', '.join(style_names())}; or give a TOML file."
        raise UsageError(f"there is no style '{name}'", hint) from None
    except OSError as error:
        raise UsageError(f"{display_name(path)}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{display_name(path)}: not a TOML file ({error})") from None
    return checked(Style, document, f"{display_name(path)}: ")
