"""The frames of a video: only what changes is drawn, into one picture that is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lyricsrec.karaoke.video.background import Background
from lyricsrec.karaoke.video.planes import Planes, lay
from lyricsrec.karaoke.video.sprites import Sprite, Stage


class _Actor:
    """A sprite that is shown, and the columns of each word that are lit so far."""

    def __init__(self, sprite: Sprite) -> None:
        self.sprite = sprite
        self.lit = [(0, 0)] * len(sprite.lit)

    def box(self, left: int | None = None, right: int | None = None) -> tuple[int, int, int, int]:
        """The place of the sprite, or of some of its columns."""
        layer = self.sprite.plain
        first = layer.x if left is None else max(left, layer.x)
        last = layer.x + layer.width if right is None else min(right, layer.x + layer.width)
        return first, layer.y, max(last, first), layer.y + layer.height


class Painter:
    """Draws the frames of a show one after another; memory holds the sprites that are shown."""

    def __init__(self, stage: Stage, background: Background, waiting: Iterable[tuple[float, object]]) -> None:
        self._stage, self._background = stage, background
        self._waiting: Iterator[tuple[float, object]] = iter(waiting)
        self._next = next(self._waiting, None)
        self._actors: list[_Actor] = []
        self._ground = background.at(0.0)
        self.picture: Planes = self._ground.copy()
        """The frame that was drawn last."""

    def draw(self, time_s: float) -> bool:
        """Draw the frame of a time, which is never before the last one; whether anything changed."""
        if self._background.moves:
            return self._draw_all(time_s)
        changed = [self._leave(actor) for actor in list(self._actors) if time_s >= actor.sprite.to_s]
        for actor in self._arrivals(time_s):
            lay(actor.sprite.plain, self.picture, self._ground, actor.box())
            changed.append(True)
        changed += [self._light(actor, time_s) for actor in self._actors]
        return any(changed)

    def _arrivals(self, time_s: float) -> Iterator[_Actor]:
        while self._next is not None and self._next[0] <= time_s:
            sprite = self._next[1]()  # type: ignore[operator]
            self._next = next(self._waiting, None)
            if sprite.to_s > time_s:
                self._actors.append(_Actor(sprite))
                yield self._actors[-1]

    def _leave(self, actor: _Actor) -> bool:
        self._actors.remove(actor)
        lay(None, self.picture, self._ground, actor.box())
        return True

    def _light(self, actor: _Actor, time_s: float) -> bool:
        """Draw the columns that are newly lit."""
        changed = False
        for number, lit in enumerate(actor.sprite.lit):
            left, right = lit.columns(time_s)
            before = actor.lit[number]
            if (left, right) == before:
                continue
            new = (left, right) if before == (0, 0) else (before[1], right) if left == before[0] else (left, before[0])
            lay(actor.sprite.full, self.picture, self._ground, actor.box(*new))
            actor.lit[number] = (left, right)
            changed = True
        return changed

    def _draw_all(self, time_s: float) -> bool:
        """Draw everything anew over a background that moves."""
        self._ground = self._background.at(time_s)
        for plane, ground in zip(self.picture.all, self._ground.all, strict=True):
            plane[:] = ground
        self._actors = [actor for actor in self._actors if time_s < actor.sprite.to_s]
        list(self._arrivals(time_s))
        for actor in self._actors:
            lay(actor.sprite.plain, self.picture, self._ground, actor.box())
            for lit in actor.sprite.lit:
                left, right = lit.columns(time_s)
                if right > left:
                    lay(actor.sprite.full, self.picture, self._ground, actor.box(left, right))
        return True
