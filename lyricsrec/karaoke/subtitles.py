"""A song with timed lyrics to ASS that looks like the video: lines that take turns, a lead-in, singers' colours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lyricsrec.base.output import write_text
from lyricsrec.formats.karaoke.ass import escaped, fills
from lyricsrec.karaoke.layout.lines import sung_parts
from lyricsrec.karaoke.layout.show import COUNTED, Card, Placed, Show
from lyricsrec.karaoke.settings import KaraokeConfig, size_of
from lyricsrec.karaoke.song import KaraokeSong
from lyricsrec.karaoke.styles.fonts import checked_font, family_of, find_font
from lyricsrec.karaoke.styles.style import Rgb, Style, load_style, rgb
from lyricsrec.karaoke.video.sprites import Stage
from lyricsrec.karaoke.video.text import in_sight, is_right_to_left
from lyricsrec.lyrics.retiming import TimedLine
from lyricsrec.lyrics.voices import singers_text

if TYPE_CHECKING:
    from pysubs2 import SSAEvent, SSAFile, SSAStyle

_ANCHORS = {0.0: 7, 0.5: 8, 1.0: 9}
"""ASS's numbers of the upper corners and the middle between them."""

_DOT = "●"
_LEFT_TO_RIGHT = "\u200e"
"""A mark that is not seen, and keeps the words beside it in this order."""

_BACKING = 80


def check_subtitles(_: Path, config: KaraokeConfig) -> None:
    """Raise UsageError for a size, style or font that cannot be used."""
    style = load_style(config.style)
    find_font(config.font or style.font, bold=style.bold)
    size_of(config.size)


def make_subtitles(song: KaraokeSong, output: Path) -> None:
    """Write an ASS file. Raises what `make_karaoke` does."""
    style = load_style(song.config.style)
    font = checked_font(song.config.font or style.font, song.texts, bold=style.bold, progress=song.progress)
    width, height = song.config.width_height
    stage = Stage(style, font, width, height)
    show = stage.show_of(song.sung, song.duration_s)
    write_text(output, _Writer(song, show, style, stage=stage, family=family_of(font)).file().to_string("ass"))


class _Writer:
    """Makes the file of a show."""

    def __init__(self, song: KaraokeSong, show: Show, style: Style, *, stage: Stage, family: str) -> None:
        self._song, self._show, self._style = song, show, style
        self._stage, self._family = stage, family

    def file(self) -> SSAFile:
        """All styles and events."""
        from pysubs2 import SSAFile

        found = SSAFile()
        found.info = {
            "Title": self._song.title,
            "ScriptType": "v4.00+",
            "WrapStyle": "2",
            "ScaledBorderAndShadow": "yes",
            "YCbCr Matrix": "TV.709",
            "PlayResX": str(self._stage.width),
            "PlayResY": str(self._stage.height),
        }
        found.styles = dict(self._styles())
        events = [*self._lines(), *self._dots()]
        events += [event for card in self._show.cards for event in self._card(card)]
        found.events = sorted(events, key=lambda event: (event.start, event.end))
        return found

    def _styles(self) -> Iterator[tuple[str, SSAStyle]]:
        voices = [*range(max(len(self._show.singers), 1)), None]
        for voice in voices:
            yield self._name(voice), self._look(self._stage.size, self._style.colour_of(voice))
        yield "Second", self._look(self._stage.second_size, rgb(self._style.second))
        yield "Title", self._look(round(1.35 * self._stage.size), rgb(self._style.card))

    def _name(self, voice: int | None) -> str:
        return "Together" if voice is None else f"Singer {voice + 1}"

    def _look(self, size: int, colour: Rgb) -> SSAStyle:
        from pysubs2 import Color, SSAStyle

        return SSAStyle(
            fontname=self._family,
            fontsize=round(self._stage.line_height_of(size)),
            primarycolor=Color(*colour),
            secondarycolor=Color(*rgb(self._style.unsung)),
            outlinecolor=Color(*rgb(self._style.outline)),
            bold=self._style.bold,
            outline=self._stage.outline_width,
            shadow=0,
            marginl=self._stage.border[0],
            marginr=self._stage.border[0],
            marginv=self._stage.border[1],
        )

    def _lines(self) -> Iterator[SSAEvent]:
        from pysubs2 import SSAEvent

        for item in self._show.lines:
            line, top = item.line, self._stage.top + item.slot * self._stage.slot_height
            # A comma would end the field.
            name = singers_text(line.singers).replace(",", ";")
            start, end = _milliseconds(item.from_s), _milliseconds(item.to_s)
            small = f"\\fscx{_BACKING}\\fscy{_BACKING}" if line.is_backing else ""
            style = self._name(self._show.voice(line))
            sung = self._at(item, top, small) + self._sung(item)
            yield SSAEvent(start=start, end=end, style=style, name=name, text=sung)
            if line.second:
                below = top + round(self._stage.line_height_of(self._stage.size))
                second = self._at(item, below) + escaped(line.second)
                yield SSAEvent(start=start, end=end, style="Second", name=name, text=second)

    def _sung(self, item: Placed) -> str:
        """The words with their times.

        Renderers lay out the text between two changes of colour by itself, so words that run from right to left are
        written as they stand, with marks that keep them so, and change their colours by themselves.
        """
        line = item.line
        if not is_right_to_left(line.text):
            return fills(TimedLine(line.start_s, line.end_s, line.words), item.from_s, sung_parts)
        sung, unsung = self._style.colour_of(self._show.voice(line)), rgb(self._style.unsung)
        parts = []
        for number in in_sight([word.text for word in line.words]):
            word = line.words[number]
            start, end = (_milliseconds(time_s - item.from_s) for time_s in (word.start_s, word.end_s))
            change = f"{{\\1c{_bgr(unsung)}\\t({start},{max(end, start + 1)},\\1c{_bgr(sung)})}}"
            parts.append(change + escaped(word.text))
        return f" {_LEFT_TO_RIGHT}".join(parts)

    def _at(self, item: Placed, top: int, more: str = "") -> str:
        """The command that puts a text at its side."""
        side = self._show.side(item.line)
        left, right = self._stage.border[0], self._stage.width - self._stage.border[0]
        return f"{{\\an{_ANCHORS[side]}\\pos({round(left + side * (right - left))},{top}){more}}}"

    def _dots(self) -> Iterator[SSAEvent]:
        from pysubs2 import SSAEvent

        side = 0.0 if self._show.is_duet else 0.5
        left, right = self._stage.border[0], self._stage.width - self._stage.border[0]
        at = f"{{\\an{_ANCHORS[side] - 6}\\pos({round(left + side * (right - left))},{self._stage.top})}}"
        for to_s in self._show.countdowns_s:
            for number in range(COUNTED, 0, -1):
                start, end = (_milliseconds(to_s - count) for count in (number, number - 1))
                yield SSAEvent(start=start, end=end, style="Second", text=at + _DOT * number)

    def _card(self, card: Card) -> Iterator[SSAEvent]:
        from pysubs2 import SSAEvent

        rows = self._song.title_rows
        text = "\\N".join([escaped(rows[0]), *(f"{{\\fscx63\\fscy63}}{escaped(row)}" for row in rows[1:])])
        yield SSAEvent(
            start=_milliseconds(card.from_s), end=_milliseconds(card.to_s), style="Title", text=f"{{\\an5\\q0}}{text}"
        )


def _bgr(colour: Rgb) -> str:
    """A colour as commands of ASS have it."""
    red, green, blue = colour
    return f"&H{blue:02X}{green:02X}{red:02X}&"


def _milliseconds(seconds: float) -> int:
    return 10 * round(100 * max(seconds, 0.0))
