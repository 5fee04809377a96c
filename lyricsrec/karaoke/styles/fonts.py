"""Fonts: found by file or family, and checked for the characters of a song before anything is drawn."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import UsageError
from lyricsrec.base.output import display_name
from lyricsrec.base.progress import Progress

_SHOWN = 6
_MOST_TRIED = 400
_PLACEHOLDER = "Last Resort"
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_NAMES = {"CJK": "Chinese characters (Han)", "HANGUL": "Hangul (Korean)", "MATHEMATICAL": "mathematical letters"}
_SHAPED = frozenset(
    (
        *("ARABIC", "HEBREW", "SYRIAC", "THAANA", "NKO"),
        *("DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU"),
        *("KANNADA", "MALAYALAM", "SINHALA"),
        *("THAI", "LAO", "TIBETAN", "MYANMAR", "KHMER", "MONGOLIAN"),
    )
)
"""Scripts whose letters change with their neighbours, or run from right to left."""


def find_font(name: str | None, *, bold: bool = True) -> Path:
    """The file of a font: a path, the name of a family that is installed, or DejaVu Sans, which comes with matplotlib.

    Raises UsageError where there is none.
    """
    import matplotlib
    from matplotlib import font_manager

    if name is None:
        folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        return folder / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
    path = Path(name)
    if path.is_file():
        _face(path)
        return path
    if path.suffix.lower() in _SUFFIXES:
        raise UsageError(f"--font {display_name(path)}: no such file", "Give a .ttf, .otf or .ttc file, or a family.")
    try:
        wanted = font_manager.FontProperties(family=name, weight="bold" if bold else "normal")
        return Path(str(font_manager.findfont(wanted, fallback_to_default=False)))
    except ValueError:
        raise UsageError(f"--font '{name}': no font of this name is installed", "Give the file of a font.") from None


def checked_font(name: str | None, texts: Sequence[str], *, bold: bool, progress: Progress) -> Path:
    """A font that has all letters of some texts; warns of symbols that it lacks, and of scripts that are drawn badly.

    Raises UsageError as `find_font` and `check_glyphs` do.
    """
    font = find_font(name, bold=bold)
    if missing := check_glyphs(font, texts):
        progress.warn(f"the font {font.name} has no {' '.join(missing)}")
    if (scripts := needs_shaping(texts)) and not has_shaping():
        progress.warn(f"this Pillow has no libraqm: {', '.join(scripts)} is drawn without joining letters")
    return font


def family_of(font: Path) -> str:
    """The name by which players know a font."""
    return str(_face(font).family_name)


def has_shaping() -> bool:
    """Whether Pillow can shape Arabic, Indic and other complex scripts."""
    from PIL import features

    return bool(features.check("raqm"))


def check_glyphs(font: Path, texts: Iterable[str]) -> str:
    """The symbols of the texts that a font lacks, which are not drawn then.

    Raises UsageError that names the scripts where it lacks letters.
    """
    used = Counter(c for text in texts for c in text if not _is_invisible(c))
    missing = [c for c, _ in used.most_common() if ord(c) not in _characters(font)]
    letters = [c for c in missing if unicodedata.category(c)[0] in "LMN"]
    if letters:
        scripts = ", ".join(dict.fromkeys(script_name(c) for c in letters))
        raise UsageError(
            f"the font {font.name} has no {scripts} ({' '.join(letters[:_SHOWN])})", _advice(frozenset(letters))
        )
    return "".join(missing)


def _advice(letters: frozenset[str]) -> str:
    found = [name for name in _families_with(letters) if name][:3]
    if found:
        return f"Choose one that is installed: --font '{found[0]}'" + (
            f" ({', '.join(found[1:])})" if found[1:] else ""
        )
    return "Give one that has it with --font FILE; Noto fonts cover nearly all scripts (Noto Sans CJK for East Asia)."


def _families_with(letters: frozenset[str]) -> list[str]:
    """Families of installed fonts that have some letters."""
    from matplotlib import font_manager

    found: dict[str, None] = {}
    for entry in font_manager.fontManager.ttflist[:_MOST_TRIED]:
        try:
            has_all = all(ord(c) in _characters(Path(entry.fname)) for c in letters)
        except UsageError:
            continue
        if has_all and not entry.name.startswith(_PLACEHOLDER):
            found[entry.name] = None
    return list(found)


@lru_cache(maxsize=8)
def _face(font: Path) -> Any:
    from matplotlib.ft2font import FT2Font

    try:
        return FT2Font(str(font))
    except (RuntimeError, OSError):
        raise UsageError(f"{display_name(font)}: not a font", "Give a .ttf, .otf or .ttc file.") from None


@lru_cache(maxsize=8)
def _characters(font: Path) -> frozenset[int]:
    return frozenset(_face(font).get_charmap())


def _is_invisible(c: str) -> bool:
    """Spaces, controls, joiners and selectors: what needs no glyph."""
    return (
        c.isspace() or unicodedata.category(c) in ("Cc", "Cf", "Zs") or "VARIATION SELECTOR" in unicodedata.name(c, "")
    )


def script_name(c: str) -> str:
    """The script of a letter, for people."""
    word = _script(c)
    return _NAMES.get(word, word.capitalize() if word else "private characters")


def _script(c: str) -> str:
    return unicodedata.name(c, "").split(" ")[0].split("-")[0]


def needs_shaping(texts: Iterable[str]) -> list[str]:
    """The scripts of texts that are only drawn correctly with libraqm."""
    found = {_script(c) for text in texts for c in text if c.isalpha() and ord(c) > 0x590}
    return sorted(script.capitalize() for script in found & _SHAPED)
