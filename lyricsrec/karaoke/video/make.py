"""A song with timed lyrics to a video."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from lyricsrec.audio.audio import Audio
from lyricsrec.base.output import replacing
from lyricsrec.base.progress import Progress
from lyricsrec.karaoke.layout.show import Show
from lyricsrec.karaoke.settings import KaraokeConfig
from lyricsrec.karaoke.song import KaraokeSong
from lyricsrec.karaoke.sound import karaoke_sound
from lyricsrec.karaoke.styles.fonts import checked_font, find_font
from lyricsrec.karaoke.styles.style import Style, load_style
from lyricsrec.karaoke.video.background import load_background
from lyricsrec.karaoke.video.file import VideoFile, encoder_for, writing_video
from lyricsrec.karaoke.video.painter import Painter
from lyricsrec.karaoke.video.sprites import Stage
from lyricsrec.lyrics.transcript import Transcript


def check_video(output: Path, config: KaraokeConfig) -> None:
    """Raise UsageError, before any work, for a size, codec, style, font or background that cannot be used."""
    encoder_for(output.suffix.lower(), config.codec)
    style = load_style(config.style)
    find_font(config.font or style.font, bold=style.bold)
    load_background(config.background or style.background, *config.width_height, shade=style.shade)


def make_video(song: KaraokeSong, output: Path) -> None:
    """Write a video; it appears once it is complete.

    Raises UsageError for settings and fonts that do not fit, AudioError where the sound cannot be read, OutputError
    where the file cannot be written. Memory does not grow with the length of the song.
    """
    config = song.config
    style = load_style(config.style)
    painter, show = painter_of(song, style)
    sound = karaoke_sound(song.song, config, song.stems, song.progress)
    with (
        replacing(output) as temporary,
        writing_video(
            temporary, output, config.codec, size=config.width_height, fps=config.fps, tags=song.tags
        ) as file,
    ):
        _write(file, painter, sound, show=show, config=config, progress=song.progress)


def painter_of(song: KaraokeSong, style: Style) -> tuple[Painter, Show]:
    """What draws the frames of a song, and what they show. Raises UsageError."""
    checked_font(song.config.font or style.font, song.texts, bold=style.bold, progress=song.progress)
    return painter_for(song.sung, song.config, style, title=song.title_rows, duration_s=song.duration_s)


def painter_for(
    transcript: Transcript, config: KaraokeConfig, style: Style, *, title: Sequence[str], duration_s: float
) -> tuple[Painter, Show]:
    """As `painter_of`, for lyrics without a song; `title` are the rows of the cards. Raises UsageError."""
    width, height = config.width_height
    stage = Stage(style, find_font(config.font or style.font, bold=style.bold), width, height)
    show = stage.show_of(transcript, duration_s)
    background = load_background(config.background or style.background, width, height, shade=style.shade)
    return Painter(stage, background, stage.sprites(show, title)), show


def _write(
    file: VideoFile,
    painter: Painter,
    sound: Iterator[Audio],
    *,
    show: Show,
    config: KaraokeConfig,
    progress: Progress,
) -> None:
    """Sound and pictures side by side, so that neither has to wait in memory for the other."""
    is_first = True

    def draw_until(end_s: float) -> None:
        nonlocal is_first
        while file.num_frames < end_s * config.fps:
            is_new = painter.draw(file.num_frames / config.fps)
            file.add_picture(painter.picture, is_new=is_new or is_first)
            is_first = False
            if file.num_frames % config.fps == 0:
                progress.update("drawing", file.num_frames / config.fps, show.duration_s)

    for piece in sound:
        file.add_sound(piece)
        draw_until(piece.end_s)
    draw_until(show.duration_s)
    progress.update("drawing", show.duration_s, show.duration_s)
