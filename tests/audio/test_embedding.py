from __future__ import annotations

import stat
from pathlib import Path

import mutagen
import pytest
from helpers.containers import Form, Part, bursts, write_container
from helpers.sounds import write_song
from mutagen import id3

from lyricsrec.audio.embedding import TagLyrics, check_can_embed, embed, embedded_lyrics
from lyricsrec.audio.media import open_path
from lyricsrec.base.errors import OutputError

LRC = "[00:01.50]So far\n[00:03.00]away – ça 漢字\n"
LYRICS = TagLyrics("So far\naway – ça 漢字", LRC, ((1500, "So far"), (3000, "away – ça 漢字")), language="ger")
FORMS = {
    "a.mp3": Form("libmp3lame", bit_rate=64_000),
    "a.opus": Form("libopus", rate=48_000),
    "a.m4a": Form(),
    "a.mp4": Form(picture_s=0.0),
    "fast.m4a": Form(options={"movflags": "faststart"}),
    "a.mov": Form(),
    "a.wma": Form("wmav2", "asf", bit_rate=128_000),
}
PLAIN = ["a.wav", "a.aiff", "a.flac", "a.ogg"]
ID3 = ["a.mp3", "a.wav", "a.aiff"]


def song(folder: Path, name: str) -> Path:
    if name in PLAIN:
        return write_song(folder / name, bursts([0.2], 1.0))
    form = FORMS.get(name, Form())
    return write_container(folder / name, [Part(bursts([0.2], 1.0, form.rate))], form)


def sound(path: Path) -> bytes:
    with open_path(path) as opened:
        return b"".join(block.samples.tobytes() for block in opened.blocks())


@pytest.mark.parametrize("name", [*FORMS, *PLAIN])
def test_lyrics_are_read_back_and_the_sound_is_the_same(tmp_path: Path, name: str) -> None:
    path = song(tmp_path, name)
    before = sound(path)
    assert embedded_lyrics(path) is None
    for _ in range(2):
        embed(path, LYRICS)
        found = embedded_lyrics(path)
        assert found == ("[00:01.500]So far\n[00:03.000]away – ça 漢字\n" if name in ID3 else LRC)
        assert sound(path) == before
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ID3)
@pytest.mark.parametrize("version", [None, 3, 4])
def test_id3_frames(tmp_path: Path, name: str, version: int | None) -> None:
    path = song(tmp_path, name)
    if version is not None:
        file = mutagen.File(path)
        if file.tags is None:
            file.add_tags()
        for lang, text in (("eng", "in English"), ("XXX", "old"), ("ger", "alt")):
            file.tags.add(id3.USLT(encoding=1, lang=lang, desc="", text=text))
        file.tags.add(id3.SYLT(encoding=1, lang="XXX", format=2, type=1, desc="", text=[("old", 1)]))
        file.tags.add(id3.TIT2(encoding=1, text="Title"))
        file.tags.add(id3.APIC(encoding=0, mime="image/png", type=3, desc="", data=b"\x89PNG" * 2000))
        file.save(v2_version=version)
    elif name == "a.mp3":
        mutagen.File(path).delete()
    embed(path, LYRICS)
    tags = mutagen.File(path).tags
    assert tags.version[1] == (version or 3)
    (timed,) = tags.getall("SYLT")
    assert (timed.lang, timed.format, timed.type) == ("ger", 2, 1)
    assert timed.text == [("So far", 1500), ("away – ça 漢字", 3000)]
    plain = {frame.lang: frame.text for frame in tags.getall("USLT")}
    assert plain == {"ger": LYRICS.text} | ({"eng": "in English"} if version else {})
    assert (str(tags["TIT2"]), len(tags["APIC:"].data)) == ("Title", 8000) if version else True


@pytest.mark.parametrize(
    ("name", "field"), [("a.flac", "lyrics"), ("a.ogg", "LYRICS"), ("a.opus", "LYRICS"), ("a.m4a", "\xa9lyr")]
)
def test_other_tags_are_kept(tmp_path: Path, name: str, field: str) -> None:
    path = song(tmp_path, name)
    file = mutagen.File(path)
    file["\xa9nam" if name == "a.m4a" else "title"] = ["Title"]
    file[field] = ["old"]
    file.save()
    embed(path, LYRICS)
    tags = mutagen.File(path)
    assert tags[field] == [LRC]
    assert tags["\xa9nam" if name == "a.m4a" else "title"] == ["Title"]


def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    path = song(tmp_path, "a.flac")
    path.chmod(0o640)
    link = tmp_path / "link.flac"
    link.symlink_to(path)
    embed(link, LYRICS)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert embedded_lyrics(path) == LRC


def test_a_file_that_cannot_be_written_is_an_error_and_stays(tmp_path: Path) -> None:
    path = song(tmp_path, "a.flac")
    before = path.read_bytes()
    path.chmod(0o444)
    for work in (check_can_embed, lambda song: embed(song, LYRICS)):
        with pytest.raises(OutputError, match=r"a\.flac: the file is read-only$") as error:
            work(path)
        assert error.value.hint == "Make it writable, or leave out --embed."
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["a.mkv", "a.webm", "a.avi", "a.ts", "a.txt"])
def test_files_without_a_place_for_lyrics(tmp_path: Path, name: str) -> None:
    if name == "a.txt":
        (tmp_path / name).write_text("words\n" * 100)
    else:
        form = {"a.avi": Form("libmp3lame"), "a.webm": Form("libopus", rate=48_000)}.get(name, Form())
        write_container(tmp_path / name, [Part(bursts([0.2], 1.0, form.rate))], form)
    before = (tmp_path / name).read_bytes()
    with pytest.raises(OutputError, match="no tags for lyrics"):
        embed(tmp_path / name, LYRICS)
    assert (tmp_path / name).read_bytes() == before


@pytest.mark.parametrize("failing", ["mutagen.flac.FLAC.save", "lyricsrec.audio.embedding.packet_digest", "os.chown"])
def test_a_failure_on_the_way_leaves_the_song_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = song(tmp_path, "a.flac")
    before = path.read_bytes()

    def fail(*arguments: object, **_: object) -> None:
        Path(getattr(arguments[0], "filename", None) or path.parent / "x").write_bytes(b"half")
        raise mutagen.MutagenError("the disk is full")

    monkeypatch.setattr(failing, fail)
    with pytest.raises((OutputError, mutagen.MutagenError)):
        embed(path, LYRICS)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob(".lyricsrec*"))


def test_sound_that_would_change_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = song(tmp_path, "a.flac")
    monkeypatch.setattr("lyricsrec.audio.embedding.packet_digest", lambda file: file.name)
    with pytest.raises(OutputError, match="without changing its sound"):
        embed(path, LYRICS)
    assert embedded_lyrics(path) is None
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.flac"]
