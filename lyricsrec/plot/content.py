"""The content of a plot, whatever its format: title, words, notes and backdrop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from lyricsrec.base.clock import clock
from lyricsrec.base.progress import Progress
from lyricsrec.lyrics.music.harmony import Chord
from lyricsrec.lyrics.music.notes import Melody
from lyricsrec.lyrics.transcript import Line
from lyricsrec.plot.backdrop import Backdrop
from lyricsrec.plot.layout import Aside, Span, notes_on, placed_words, within

_PAST_END_S = 0.1


@dataclass(frozen=True, eq=False)
class Content:
    """The title of a song, the words, notes and chords in the part that its backdrop shows, and its melody."""

    title: str
    words: Sequence[Span]
    asides: Sequence[Aside]
    _: KW_ONLY
    backdrop: Backdrop
    chords: Sequence[Chord] = ()
    melody: Melody | None = None

    @property
    def caption(self) -> str:
        """The shown part of the song, and the number of words."""
        return f"{clock(self.backdrop.start_s)} to {clock(self.backdrop.end_s)}, {len(self.words)} words"


def content_of(
    title: str, lines: Sequence[Line], backdrop: Backdrop, *, chords: Sequence[Chord] = (), progress: Progress
) -> Content:
    """The content of a plot; warns of words after the end of the song."""
    words = placed_words(lines)
    late = sum(word.end_s > backdrop.duration_s + _PAST_END_S for word in words)
    if late:
        progress.warn(
            f"{late} of {len(words)} words are after the end of the song at {clock(backdrop.duration_s, 1)}: "
            "check that the transcript is of this song"
        )
    asides = [
        aside for aside in notes_on(lines, backdrop.duration_s) if backdrop.start_s <= aside.at_s <= backdrop.end_s
    ]
    shown = [chord for chord in chords if backdrop.start_s <= chord.start_s < backdrop.end_s]
    return Content(title, within(words, backdrop.start_s, backdrop.end_s), asides, backdrop=backdrop, chords=shown)
