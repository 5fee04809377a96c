from pathlib import Path

import av
import mutagen
import pytest
from helpers.containers import Form, Part, bursts, write_container
from helpers.sounds import write_song

from lyricsrec.audio.files.tags import tags_of
from lyricsrec.audio.media import open_path
from lyricsrec.lyrics.transcript import Tags

SOUND = bursts([0.2], 0.5)
TAGS = Tags("Ça [va] bien", "Zoë; Ñandú", "Best of 1999")


def tags(path: Path) -> Tags:
    with open_path(path) as song:
        return song.tags


@pytest.mark.parametrize("name", ["a.mp3", "a.flac", "a.ogg", "a.opus", "a.m4a", "a.mkv", "a.wma", "a.wav", "a.aiff"])
def test_title_artist_and_album_are_read(tmp_path: Path, name: str) -> None:
    forms = {
        "a.mp3": Form("libmp3lame"),
        "a.opus": Form("libopus", rate=48_000),
        "a.m4a": Form(),
        "a.mkv": Form(),
        "a.wma": Form("wmav2", "asf", bit_rate=128_000),
    }
    path = tmp_path / name
    if name in forms:
        write_container(path, [Part(bursts([0.2], 0.5, forms[name].rate))], forms[name])
    else:
        write_song(path, SOUND)
    assert tags(path) == Tags()
    if name == "a.mkv":
        with av.open(str(path)) as given, av.open(str(tmp_path / "b.mkv"), "w") as tagged:
            tagged.metadata.update({"TITLE": TAGS.title, "artist": TAGS.artist, "album": TAGS.album})
            stream = tagged.add_stream_from_template(given.streams.audio[0])
            for packet in given.demux():
                if packet.dts is not None:
                    packet.stream = stream
                    tagged.mux(packet)
        path = tmp_path / "b.mkv"
    else:
        file = mutagen.File(path, easy=name in ("a.mp3", "a.m4a"))
        if name in ("a.wav", "a.aiff"):
            file.add_tags()
            frames = {"TIT2": TAGS.title, "TPE1": TAGS.artist, "TALB": TAGS.album}
            for frame, text in frames.items():
                file.tags.add(getattr(mutagen.id3, frame)(encoding=1, text=text))
        else:
            if file.tags is None:
                file.add_tags()
            names = {"title": "Title", "artist": "Author", "album": "WM/AlbumTitle"} if name == "a.wma" else {}
            for tag in ("title", "artist", "album"):
                file[names.get(tag, tag)] = getattr(TAGS, tag)
        file.save()
    assert tags(path) == TAGS


def test_tags_are_one_printable_line() -> None:
    assert tags_of({"title": " a\n\x1bb\t", "ARTIST": "", "author": "x" * 500}, {}) == Tags("a b", "x" * 300, None)
    assert tags_of({"title": "of the file"}, {"title": "of the track", "artist": "b"}) == Tags("of the file", "b")
