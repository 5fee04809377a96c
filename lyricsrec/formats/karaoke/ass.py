"""ASS: Advanced SubStation subtitles, with karaoke timing for each word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from lyricsrec.formats.base import Format
from lyricsrec.formats.karaoke.ass_reader import is_ass, parse_ass
from lyricsrec.formats.timed_text import space_between
from lyricsrec.lyrics.retiming import TimedLine, TimedWord, timed_lines
from lyricsrec.lyrics.transcript import Role, Transcript
from lyricsrec.lyrics.voices import singers_text

if TYPE_CHECKING:
    from pysubs2 import SSAStyle

_STYLE = "Karaoke"
_STYLES: dict[Role | None, str] = {"backing": "Backing", "translation": "Translation", "romanised": "Romanised"}
"""The styles of roles; that of other lines is `_STYLE`, with a number and a colour for each singer but the first."""
_COLOURS = ((255, 215, 0), (120, 200, 255), (255, 150, 190), (160, 235, 150))
_BESIDE = ("translation", "romanised")


def _write(transcript: Transcript) -> str:
    from pysubs2 import SSAEvent, SSAFile

    subtitles = SSAFile()
    subtitles.info = {
        "Title": transcript.song,
        "ScriptType": "v4.00+",
        "WrapStyle": "0",
        "ScaledBorderAndShadow": "yes",
        "PlayResX": "1280",
        "PlayResY": "720",
    }
    subtitles.styles = {_STYLE: _style(None, 0)}
    voices: dict[tuple[str, ...], int] = {}
    for line in timed_lines(transcript):
        start, end = 10 * _hundredths(line.start_s), 10 * _hundredths(line.end_s)
        # A comma would end the field.
        name = singers_text(line.singers).replace(",", ";")
        voice = voices.setdefault(line.singers, len(voices)) if line.singers else 0
        style = _STYLES.get(line.role) or (f"{_STYLE} {voice + 1}" if voice else _STYLE)
        subtitles.styles[style] = _style(line.role, voice)
        subtitles.append(SSAEvent(start=start, end=end, style=style, name=name, text=fills(line, line.start_s)))
    return subtitles.to_string("ass")


def _style(role: Role | None, voice: int) -> SSAStyle:
    """Backing vocals are in italics, lines beside those that are sung smaller and white."""
    from pysubs2 import Color, SSAStyle

    is_beside = role in _BESIDE
    return SSAStyle(
        fontname="Arial",
        fontsize=36 if is_beside else 52,
        primarycolor=Color(255, 255, 255) if is_beside else Color(*_COLOURS[voice % len(_COLOURS)]),
        secondarycolor=Color(255, 255, 255),
        outlinecolor=Color(32, 32, 32),
        backcolor=Color(0, 0, 0, 128),
        bold=not is_beside,
        italic=role == "backing",
        outline=3,
        shadow=0,
        marginl=40,
        marginr=40,
        marginv=60,
    )


def fills(
    line: TimedLine, from_s: float, parts_of: Callable[[TimedWord], Sequence[TimedWord]] = lambda word: (word,)
) -> str:
    """Words, or the parts of them, with `\\kf` fills, in a row that is shown from a time on.

    Pauses, and the time before the first word, are empty `\\k` fills, so that rounding errors do not add up.
    """
    end_of_line = _hundredths(line.end_s)
    done = _hundredths(from_s)
    parts: list[str] = []
    for word, after in zip(line.words, [*(word.text for word in line.words[1:]), ""], strict=True):
        for part in parts_of(word):
            start, end = (max(min(_hundredths(t), end_of_line), done) for t in (part.start_s, part.end_s))
            end = max(start, end)
            if start > done:
                parts.append(f"{{\\k{start - done}}}")
            parts.append(f"{{\\kf{end - start}}}{escaped(part.text)}")
            done = end
        parts.append(space_between(word.text, after))
    return "".join(parts)


def escaped(text: str) -> str:
    """Lyrics with no commands in them: libass shows escaped braces, and a backslash before a word joiner."""
    return text.replace("\\", "\\\u2060").replace("{", "\\{").replace("}", "\\}")


def _hundredths(seconds: float) -> int:
    return round(max(seconds, 0.0) * 100)


ASS = Format(
    "ass",
    (".ass", ".ssa"),
    "Advanced SubStation subtitles with karaoke timing",
    sniff=lambda source: is_ass(source.text),
    parse=parse_ass,
    write=_write,
)
