"""A song with timed lyrics to a package: one folder of files for games, players and musicians."""

from __future__ import annotations

import contextlib
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from uuid import uuid4

from lyricsrec.audio.media import open_path
from lyricsrec.base.errors import AudioError, ModelError, OutputError, UsageError
from lyricsrec.base.output import check_writable, display_name, replacing, write_bytes, write_text
from lyricsrec.formats.karaoke.ultrastar_writer import UltraStarConfig, write_ultrastar
from lyricsrec.formats.melody.midi import write_midi
from lyricsrec.formats.melody.musicxml import write_musicxml
from lyricsrec.formats.registry import get_format
from lyricsrec.karaoke.package.cover import cover_of
from lyricsrec.karaoke.package.sheet import write_sheet
from lyricsrec.karaoke.settings import KaraokeConfig
from lyricsrec.karaoke.song import KaraokeSong
from lyricsrec.karaoke.sound import karaoke_sound, song_sound
from lyricsrec.karaoke.sound_file import write_mp3
from lyricsrec.karaoke.styles.fonts import checked_font
from lyricsrec.karaoke.styles.style import load_style
from lyricsrec.karaoke.subtitles import make_subtitles
from lyricsrec.karaoke.video.make import check_video, make_video
from lyricsrec.lyrics.transcript import Tags, Transcript
from lyricsrec.separation.base import NoSeparator
from lyricsrec.separation.stems.files import StemWriter

_ARCHIVE = ".zip"
_FORBIDDEN = '<>:"/\\|?*'
_LONGEST_NAME = 120
_SCORES: dict[str, Callable[[Transcript], bytes]] = {".musicxml": write_musicxml, ".mid": write_midi}
_VIDEO = " [KARAOKE].mp4"
_TEXTS = {".lrc": "elrc", ".cho": "chordpro", ".json": "json"}


@dataclass
class Package:
    """A package that is being written into a folder; `name` begins the names of all files.

    `instrumental` and `vocals` are files of it, None until they are written; `cover` is one, None without a cover.
    `has_video` says whether there will be a video.
    """

    song: KaraokeSong
    folder: Path
    name: str
    _: KW_ONLY
    instrumental: Path | None = None
    vocals: Path | None = None
    cover: Path | None = None
    has_video: bool = False
    written: list[Path] = field(default_factory=list)

    def path(self, ending: str) -> Path:
        """The path of a file with this ending."""
        found = self.folder / f"{self.name}{ending}"
        self.written.append(found)
        return found


def check_package(target: Path, config: KaraokeConfig) -> None:
    """Raise UsageError for settings that cannot be used, OutputError where nothing can be written."""
    check_video(Path("a.mp4"), config)
    check_writable(target.parent if _is_archive(target) else target, "--package")
    if target.is_file() and not _is_archive(target):
        raise UsageError(f"--package {display_name(target)} is a file", "Give a folder, or a name that ends in .zip.")


def make_package(song: KaraokeSong, target: Path, parts: Sequence[Part] | None = None) -> list[str]:
    """Write a package into a folder of its own below `target`, or into an archive; the names of its files.

    `parts` are by default all `PARTS`.

    It appears once it is complete. Raises OutputError where the folder exists already, and what `make_karaoke` does.
    """
    name = song_name(song)
    parts = PARTS if parts is None else parts
    if _is_archive(target):
        with replacing(target) as temporary, _filled(song, name, target.parent, parts) as package:
            with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
                for path in sorted(package.folder.iterdir()):
                    archive.write(path, f"{name}/{path.name}")
            return sorted(path.name for path in package.folder.iterdir())
    folder = target / name
    if folder.exists():
        raise OutputError(f"{display_name(folder)} exists already", "Remove it, or choose another --package.")
    with _filled(song, name, target, parts) as package:
        package.folder.rename(folder)
        return sorted(path.name for path in folder.iterdir())


def song_name(song: KaraokeSong) -> str:
    """Artist and title as the name of a file."""
    return file_name(" - ".join(part for part in (song.artist, song.title) if part))


def file_name(text: str) -> str:
    """A text as the name of a file on any system."""
    allowed = "".join(" " if c in _FORBIDDEN or not c.isprintable() else c for c in text)
    return " ".join(allowed.split())[:_LONGEST_NAME].strip(" .") or "song"


def _is_archive(target: Path) -> bool:
    return target.suffix.lower() == _ARCHIVE


@contextlib.contextmanager
def _filled(song: KaraokeSong, name: str, beside: Path, parts: Sequence[Part]) -> Iterator[Package]:
    """A package in a folder that is removed unless it was renamed."""
    folder = beside / f".lyricsrec-{uuid4().hex[:12]}.tmp"
    try:
        folder.mkdir(parents=True)
        package = Package(song, folder, name)
        package.has_video = _add_video in parts
        for part in parts:
            part(package)
        yield package
    except OSError as error:
        raise OutputError(f"cannot write {display_name(beside)} ({error.strerror or error})") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _add_sound(package: Package) -> None:
    """The song itself, as MP3."""
    song = package.song
    path = package.path(".mp3")
    if song.path is not None and song.path.suffix.lower() == ".mp3":
        shutil.copyfile(song.path, path)
    else:
        write_mp3(path, path, song_sound(song.song), song.tags)


def _add_stems(package: Package) -> None:
    """Instrumental and vocals as MP3; only the instrumental where that is given."""
    from lyricsrec.pipeline.separate import separate_into

    song = package.song
    package.instrumental = package.path(" [INSTR].mp3")
    if song.config.instrumental is not None:
        sound = karaoke_sound(song.song, replace(song.config, backing=0.0), song.stems, song.progress)
        write_mp3(package.instrumental, package.instrumental, sound, song.tags)
        if song.config.vocals is not None:
            package.vocals = package.path(" [VOC].mp3")
            with open_path(song.config.vocals) as vocals:
                write_mp3(package.vocals, package.vocals, song_sound(vocals), song.tags)
        return
    writer = StemWriter(package.folder / "stem", "mp3", keeps_all=True)
    files = separate_into(writer, song.song, song.stems.load(song.progress), song.progress)
    package.vocals = package.path(" [VOC].mp3")
    files.paths["instrumental"].rename(package.instrumental)
    files.paths["vocals"].rename(package.vocals)


def _add_cover(package: Package) -> None:
    """The cover in the tags of the song."""
    path = package.song.path
    cover = cover_of(path) if path is not None else None
    if cover is not None:
        package.cover = package.path(f" [CO]{cover.suffix}")
        write_bytes(package.cover, cover.data)


def _add_melody(package: Package) -> None:
    """Find the notes of the words, where the transcript has none, and the extra is installed."""
    # Imported when used: torch is slow to load.
    from lyricsrec.music.melody.melody import melody_of, track_voice
    from lyricsrec.recognition.acoustic import to_recognizer

    song = package.song
    if song.transcript.melody is not None or package.vocals is None:
        return
    try:
        with open_path(package.vocals) as vocals:
            voice = track_voice(vocals, NoSeparator(), to_recognizer, progress=song.progress).voice
    except (ModelError, AudioError) as error:
        song.progress.warn(f"the UltraStar file has no pitches: {error}")
        return
    words = song.transcript.words
    melody = melody_of(voice, words, language=song.transcript.provenance.language)
    package.song = replace(song, transcript=replace(song.transcript, melody=melody))


def _tagged(song: KaraokeSong) -> Transcript:
    tags = Tags(song.title, song.artist, song.transcript.tags.album or song.song.tags.album)
    return replace(song.sung, tags=tags)


def _add_ultrastar(package: Package) -> None:
    """The lyrics for games, which name the other files."""
    files = (package.instrumental, package.vocals, package.cover)
    instrumental, vocals, cover = (None if path is None else path.name for path in files)
    video = f"{package.name}{_VIDEO}" if package.has_video else None
    config = UltraStarConfig(f"{package.name}.mp3", video, instrumental=instrumental, vocals=vocals, cover=cover)
    write_text(package.path(".txt"), write_ultrastar(_tagged(package.song), config))


def _add_texts(package: Package) -> None:
    """The lyrics for players and musicians."""
    song = package.song
    transcript = _tagged(song)
    for suffix, form in _TEXTS.items():
        write_text(package.path(suffix), get_format(form).render(transcript))
    make_subtitles(song, package.path(".ass"))


def _add_scores(package: Package) -> None:
    """The melody for musicians, where it is known."""
    transcript = package.song.transcript
    if transcript.melody is None:
        return
    try:
        scores = {suffix: write(transcript) for suffix, write in _SCORES.items()}
    except ModelError as error:
        package.song.progress.warn(f"the package has no MIDI: {error}")
        return
    for suffix, data in scores.items():
        write_bytes(package.path(suffix), data)


def _add_sheet(package: Package) -> None:
    """The lyrics to print, with chords where they are known."""
    song = package.song
    style = load_style(song.config.style)
    font = checked_font(song.config.font or style.font, song.texts, bold=False, progress=song.progress)
    write_sheet(package.path(".pdf"), song.transcript, title=song.title, artist=song.artist, font=font)


def _add_video(package: Package) -> None:
    """The karaoke video, of the instrumental that is there already."""
    song = package.song
    config = song.config
    if config.instrumental is None and not config.backing:
        config = replace(config, instrumental=package.instrumental)
    make_video(replace(song, config=config), package.path(_VIDEO))


Part = Callable[[Package], None]

PARTS: tuple[Part, ...] = (
    _add_sound,
    _add_stems,
    _add_cover,
    _add_melody,
    _add_ultrastar,
    _add_texts,
    _add_scores,
    _add_sheet,
    _add_video,
)
"""What fills a package, in order: one more is one function."""

GAME_PARTS: tuple[Part, ...] = (_add_sound, _add_stems, _add_cover, _add_melody, _add_ultrastar)
"""What UltraStar and games like it need."""
