"""A song with timed lyrics to CD+G: graphics and sound as two files, or in one archive (MP3+G)."""

from __future__ import annotations

import zipfile
from pathlib import Path

from lyricsrec.base.errors import UsageError
from lyricsrec.base.output import replacing
from lyricsrec.karaoke.cdg.packets import PER_SECOND
from lyricsrec.karaoke.cdg.show import SLOTS, Player, fits
from lyricsrec.karaoke.layout.lines import shown_lines
from lyricsrec.karaoke.layout.show import show_of
from lyricsrec.karaoke.settings import KaraokeConfig
from lyricsrec.karaoke.song import KaraokeSong
from lyricsrec.karaoke.sound import karaoke_sound
from lyricsrec.karaoke.sound_file import write_mp3
from lyricsrec.karaoke.styles.fonts import checked_font, find_font
from lyricsrec.karaoke.styles.style import Style, is_colour, load_style, rgb

_PACKETS_AT_ONCE = 10 * PER_SECOND


def check_cdg(_: Path, config: KaraokeConfig) -> None:
    """Raise UsageError, before any work, for a style, font or background that cannot be used."""
    style = load_style(config.style)
    find_font(config.font or style.font, bold=style.bold)
    if config.background is not None and not is_colour(config.background):
        raise UsageError("CD+G has no images behind the words", "Give --background a colour.")


def make_cdg(song: KaraokeSong, output: Path) -> None:
    """Write `NAME.cdg`, and `NAME.mp3` beside it. Raises what `make_karaoke` does."""
    sound = output.with_suffix(".mp3")
    song.check_apart(sound)
    player = _player(song)
    with replacing(output) as graphics, replacing(sound) as temporary:
        _write_sound(song, temporary, sound)
        _write_graphics(song, player, graphics)


def make_zip(song: KaraokeSong, output: Path, name: str | None = None) -> None:
    """Write an archive of `NAME.cdg` and `NAME.mp3`; `name` is by default its own. Raises what `make_karaoke` does."""
    name = name or output.stem
    player = _player(song)
    with replacing(output) as temporary:
        graphics, sound = temporary.with_name(f"{temporary.name}.cdg"), temporary.with_name(f"{temporary.name}.mp3")
        try:
            _write_sound(song, sound, output)
            _write_graphics(song, player, graphics)
            with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.write(graphics, f"{name}.cdg")
                archive.write(sound, f"{name}.mp3", zipfile.ZIP_STORED)
        finally:
            graphics.unlink(missing_ok=True)
            sound.unlink(missing_ok=True)


def _player(song: KaraokeSong) -> Player:
    style = load_style(song.config.style)
    font = checked_font(song.config.font or style.font, song.texts, bold=style.bold, progress=song.progress)
    lines = shown_lines(song.sung, lambda texts: fits(font, texts))
    show = show_of(lines, slots=SLOTS, duration_s=song.duration_s)
    return Player(show, style, font, ground=rgb(_ground(song.config, style)), title=song.title_rows)


def _ground(config: KaraokeConfig, style: Style) -> str:
    """The colour behind the words; that of the default style where a style has an image."""
    wanted = config.background or style.background
    return wanted if is_colour(wanted) else Style.background


def _write_sound(song: KaraokeSong, path: Path, shown: Path) -> None:
    write_mp3(path, shown, karaoke_sound(song.song, song.config, song.stems, song.progress), song.tags)


def _write_graphics(song: KaraokeSong, player: Player, path: Path) -> None:
    with path.open("wb") as file:
        block: list[bytes] = []
        num_written = 0
        for packet in player.packets():
            block.append(packet)
            if len(block) == _PACKETS_AT_ONCE:
                file.write(b"".join(block))
                num_written += len(block)
                block.clear()
                song.progress.update("drawing", num_written / PER_SECOND, song.duration_s)
        file.write(b"".join(block))
    song.progress.update("drawing", song.duration_s, song.duration_s)
