"""What is shown when: every line in one of a few places, cards before and after, countdowns after breaks.

Lines take the places in turn: while one is sung, the next is already there, and the one after it replaces the first as
soon as that is over. After a break the first place comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace

from lyricsrec.karaoke.layout.lines import ShownLine

BREAK_S = 5.0
"""Breaks of this length and longer end with a countdown."""

COUNTED = 3
"""How many seconds are counted down."""

_LEAD_S = 4.0
_LINGER_S = 0.35
_LONG_LINGER_S = 1.0
_TITLE_S = 5.0
_SHORTEST_CARD_S = 1.0
_MIN_SHOWN_S = 0.1


@dataclass(frozen=True)
class Placed:
    """A line in the place `slot` (0 is the upper one) between two times in seconds."""

    line: ShownLine
    slot: int
    _: KW_ONLY
    from_s: float
    to_s: float
    begins_block: bool = False


@dataclass(frozen=True)
class Card:
    """The title of the song between two times."""

    from_s: float
    to_s: float
    is_end: bool = False


@dataclass(frozen=True)
class Show:
    """Everything that is shown, in order of time.

    `countdowns_s` are the times to which is counted; `singers` are in the order in which they begin.
    """

    lines: tuple[Placed, ...]
    cards: tuple[Card, ...]
    countdowns_s: tuple[float, ...]
    _: KW_ONLY
    singers: tuple[str, ...]
    duration_s: float

    def voice(self, line: ShownLine) -> int | None:
        """The number of the singer of a line, from 0; None where several sing it. Of unknown singers 0."""
        if len(line.singers) > 1:
            return None
        return self.singers.index(line.singers[0]) if line.singers else 0

    def side(self, line: ShownLine) -> float:
        """Where a line stands: 0 for the left side, 1 for the right; the first two singers of a duet have one each."""
        voice = self.voice(line) if self.is_duet and line.singers else None
        return 0.5 if voice is None or voice > 1 else float(voice)

    @property
    def is_duet(self) -> bool:
        """Whether several singers are named."""
        return len(self.singers) > 1


def show_of(lines: Sequence[ShownLine], *, slots: int, duration_s: float) -> Show:
    """Place lines, which are in order of time."""
    placed = _placed(lines, slots)
    begins = [(item.from_s, item.line.start_s) for item in placed if item.begins_block]
    counted = tuple(start_s for from_s, start_s in begins if start_s - from_s >= COUNTED)
    singers = tuple(dict.fromkeys(name for line in lines for name in line.singers))
    cards = _cards(placed, duration_s)
    return Show(tuple(placed), cards, counted, singers=singers, duration_s=duration_s)


def _placed(lines: Sequence[ShownLine], slots: int) -> list[Placed]:
    placed: list[Placed] = []
    last: list[int | None] = [None] * slots
    """The line that is in each place."""
    free_s = [0.0] * slots
    block_from_s = sung_until_s = 0.0
    turn = 0
    for line in lines:
        begins = not placed or line.start_s - sung_until_s >= BREAK_S
        if begins:
            turn = 0
            block_from_s = max(line.start_s - _LEAD_S, 0.0, *free_s)
        slot = _slot(turn, free_s, line.start_s)
        before = last[slot]
        if before is not None and free_s[slot] > line.start_s:
            # More voices at once than places: the oldest line has to go.
            cut_s = max(placed[before].from_s + _MIN_SHOWN_S, line.start_s - _MIN_SHOWN_S)
            placed[before] = replace(placed[before], to_s=min(placed[before].to_s, cut_s))
            free_s[slot] = placed[before].to_s
        from_s = max(min(max(block_from_s, free_s[slot]), line.start_s), 0.0)
        last[slot], turn = len(placed), (slot + 1) % slots
        free_s[slot] = line.end_s + _LINGER_S
        placed.append(Placed(line, slot, from_s=from_s, to_s=free_s[slot], begins_block=begins))
        sung_until_s = max(sung_until_s, line.end_s)
    return _with_long_lingers(placed)


def _slot(turn: int, free_s: Sequence[float], start_s: float) -> int:
    """The place whose turn it is, or the one that is free first where that is not free in time."""
    if free_s[turn] <= start_s:
        return turn
    return min(range(len(free_s)), key=lambda slot: (free_s[slot] > start_s, free_s[slot]))


def _with_long_lingers(placed: Sequence[Placed]) -> list[Placed]:
    """The last line before a break, and the last of all, stay a little longer."""
    found = list(placed)
    for number, item in enumerate(found):
        following = found[number + 1] if number + 1 < len(found) else None
        if following is None or following.begins_block:
            limit_s = following.from_s if following is not None else float("inf")
            to_s = max(min(item.line.end_s + _LONG_LINGER_S, limit_s), item.from_s + _MIN_SHOWN_S)
            found[number] = replace(item, to_s=to_s)
    return found


def _cards(placed: Sequence[Placed], duration_s: float) -> tuple[Card, ...]:
    first_s = min((item.from_s for item in placed), default=duration_s)
    last_s = max((item.to_s for item in placed), default=duration_s)
    cards = [Card(0.0, min(_TITLE_S, first_s))] if first_s >= _SHORTEST_CARD_S else []
    if duration_s - last_s >= _SHORTEST_CARD_S:
        cards.append(Card(last_s, duration_s, is_end=True))
    return tuple(cards)
