"""Packages are opened again, and their files read."""

import zipfile
from dataclasses import replace
from pathlib import Path

import mutagen
import pytest
from helpers.karaoke import line, make_noise, sound_lag_s, transcript
from matplotlib.figure import Figure
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, ID3
from PIL import Image

from lyricsrec.audio.inputs import find_songs
from lyricsrec.base.errors import OutputError, UsageError
from lyricsrec.formats.read import read_lyrics
from lyricsrec.karaoke.make import make_karaoke_package
from lyricsrec.karaoke.package.cover import cover_of
from lyricsrec.karaoke.package.make import file_name
from lyricsrec.karaoke.package.sheet import write_sheet
from lyricsrec.karaoke.settings import KaraokeConfig
from lyricsrec.karaoke.styles.fonts import find_font
from lyricsrec.lyrics.music.harmony import Chord
from lyricsrec.lyrics.music.notes import Melody, Note, PitchContour
from lyricsrec.lyrics.transcript import Tags, Transcript

NOTES = (
    Note("one", 0.5, 1.0, pitch=64, hertz=329.6, word=0),
    Note("two", 1.0, 1.5, pitch=60, hertz=261.6, word=1),
)
SUNG = Transcript(
    **vars(transcript(line("one two", 0.5, 1.5), tags=Tags("What? A/B", "Ann")))
    | {"melody": Melody(PitchContour(0.01, (), ()), NOTES)}
)
NAME = "Ann - What A B"


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("song")
    path = make_noise(folder / "song.flac")
    Image.new("RGB", (8, 8), "red").save(folder / "cover.png")
    picture = Picture()
    picture.type, picture.mime, picture.data = 3, "image/png", (folder / "cover.png").read_bytes()
    file = FLAC(path)
    file.add_picture(picture)
    file.save()
    return path


def make(song: Path, target: Path, **changes: object) -> list[str]:
    (source,) = find_songs([str(song)])
    config = KaraokeConfig(**({"size": "160x90", "fps": 10, "instrumental": song} | changes))
    return make_karaoke_package(source, SUNG, target, config=config)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory, song: Path) -> Path:
    target = tmp_path_factory.mktemp("package")
    make(song, target)
    return target / NAME


def test_a_package_has_everything_under_the_name_of_the_song(package: Path) -> None:
    files = (" [CO].png", " [INSTR].mp3", " [KARAOKE].mp4")
    endings = (*files, *(f".{end}" for end in ("ass", "cho", "json", "lrc", "mid", "mp3", "musicxml", "pdf", "txt")))
    assert [path.name for path in sorted(package.iterdir())] == [f"{NAME}{ending}" for ending in endings]
    assert [path.name for path in package.parent.iterdir()] == [NAME]


def test_the_game_finds_the_files_that_the_song_names(package: Path) -> None:
    rows = (package / f"{NAME}.txt").read_text("utf-8").splitlines()
    tags = dict(row[1:].split(":", 1) for row in rows if row.startswith("#"))
    assert (tags["TITLE"], tags["ARTIST"], tags["VERSION"]) == ("What? A/B", "Ann", "1.1.0")
    for tag in ("MP3", "AUDIO", "INSTRUMENTAL", "COVER", "VIDEO"):
        assert (package / tags[tag]).is_file()
    assert next(row.split() for row in rows if row.startswith(":"))[3:] == ["4", "one"]


@pytest.mark.parametrize("ending", [".txt", ".lrc", ".json", ".ass"])
def test_the_times_of_words_are_in_every_text(package: Path, ending: str) -> None:
    (found,) = [line for line in read_lyrics(package / f"{NAME}{ending}").lines if line.text == "one two"]
    assert [word.start_s for word in found.words] == pytest.approx([0.5, 1.0], abs=0.03)


def test_sound_and_instrumental_are_in_sync(package: Path, song: Path) -> None:
    for ending in (".mp3", " [INSTR].mp3", " [KARAOKE].mp4"):
        assert abs(sound_lag_s(package / f"{NAME}{ending}", song)) < 0.01
    assert mutagen.File(package / f"{NAME}.mp3").tags["TPE1"].text == ["Ann"]


def test_an_archive_holds_the_same_in_a_folder(tmp_path: Path, song: Path, package: Path) -> None:
    make(song, tmp_path / "sung.zip")
    with zipfile.ZipFile(tmp_path / "sung.zip") as archive:
        assert sorted(archive.namelist()) == [f"{NAME}/{path.name}" for path in sorted(package.iterdir())]
    assert [path.name for path in tmp_path.iterdir()] == ["sung.zip"]


def test_a_package_is_never_replaced_and_a_failure_leaves_nothing(
    tmp_path: Path, song: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OutputError, match="What A B exists already"):
        make(song, package.parent)
    with pytest.raises(UsageError, match="no style 'neon'"):
        make(song, tmp_path, style="neon")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lyricsrec.karaoke.package.make.write_sheet", full)
    with pytest.raises(OutputError, match="No space left on device"):
        make(song, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_without_an_instrumental_the_stems_are_there(tmp_path: Path, song: Path) -> None:
    names = make(song, tmp_path, instrumental=None, separator="center")
    assert {f"{NAME} [INSTR].mp3", f"{NAME} [VOC].mp3"} <= set(names)


def test_names_of_files_are_valid_on_any_system() -> None:
    assert file_name('AC/DC: "Who\tMade?" ...') == "AC DC Who Made"
    assert file_name(" . ") == "song"
    assert len(file_name("x" * 500)) == 120


def test_the_front_cover_of_tags_is_found(tmp_path: Path, song: Path) -> None:
    cover = cover_of(song)
    assert cover is not None
    assert (cover.suffix, cover.data[:4]) == (".png", b"\x89PNG")
    tags = ID3()
    tags.add(APIC(encoding=3, mime="image/png", type=4, desc="back", data=b"\x89PNG back"))
    tags.add(APIC(encoding=3, mime="image/jpeg", type=3, desc="front", data=b"\xff\xd8\xff front"))
    tags.save(tmp_path / "empty.mp3")
    (tmp_path / "text.mp3").write_text("no song", "utf-8")
    assert cover_of(tmp_path / "text.mp3") is None


def test_long_lyrics_take_several_pages(tmp_path: Path) -> None:
    def pages(num_lines: int) -> int:
        lines = [line("so $5 far_away ^", i, i + 1) for i in range(num_lines)]
        write_sheet(tmp_path / "a.pdf", transcript(*lines), title="Title", artist=None, font=find_font(None))
        return (tmp_path / "a.pdf").read_bytes().count(b"/Type /Page\n") or (tmp_path / "a.pdf").read_bytes().count(
            b"/Type /Page "
        )

    assert pages(3) == 1
    assert pages(100) == 2


def test_chords_stand_over_their_words_on_the_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[tuple[str, float, float]] = []
    draw = Figure.text
    monkeypatch.setattr(
        Figure, "text", lambda figure, x, y, text, **how: texts.append((text, x, y)) or draw(figure, x, y, text, **how)
    )
    chords = (Chord(1.0, 2.0, "A:min7"), Chord(2.0, 4.0, "F:maj"))
    sung = replace(transcript(line("one two three", 1.0, 4.0)), chords=chords)
    write_sheet(tmp_path / "a.pdf", sung, title="Title", artist=None, font=find_font(None))
    at = {text: (x, y) for text, x, y in texts}
    assert at["Am7"][0] == at["one two three"][0]
    assert at["Am7"][1] == at["F"][1] > at["one two three"][1]
    assert at["F"][0] > at["Am7"][0] + 0.03
