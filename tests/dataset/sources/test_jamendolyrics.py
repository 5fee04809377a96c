from pathlib import Path

import pytest
from helpers.data_sets import make_jamendo
from helpers.sounds import chord, write_song

from lyricsrec.base.errors import DataError
from lyricsrec.dataset.sources.base import SourcePaths
from lyricsrec.dataset.sources.jamendolyrics import JamendoSource, read_jamendo, read_table
from lyricsrec.lyrics.transcript import Word


def test_a_song(tmp_path: Path) -> None:
    folder = make_jamendo(tmp_path)
    (row,) = read_table(folder)
    annotation = read_jamendo(folder, row)
    assert (annotation.artist, annotation.title, annotation.language) == ("Süß", "Ein Lied", "german")
    assert [line.text for line in annotation.lines] == ["so süß", "bist"]
    assert annotation.words[1] == Word("süß", 1.5, 2.0)


def test_words_and_times_must_match(tmp_path: Path) -> None:
    folder = make_jamendo(tmp_path, "1.0,1.5,nan\n")
    with pytest.raises(DataError, match="times of 1 words, but the lyrics have 3"):
        read_jamendo(folder, read_table(folder)[0])


def test_errors_name_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no JamendoLyrics\.csv in it"):
        JamendoSource.open(SourcePaths(tmp_path))
    folder = make_jamendo(tmp_path / "a", "1.0,soon,nan\n")
    with pytest.raises(DataError, match="not the word times of a Jamendo song"):
        read_jamendo(folder, read_table(folder)[0])
    (folder / "lyrics" / "Süß_-_Lied.words.txt").unlink()
    with pytest.raises(DataError, match=r"Lied\.words\.txt: no such file"):
        read_jamendo(folder, read_table(folder)[0])
    (folder / "JamendoLyrics.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="lacks a column"):
        read_table(folder)


def test_songs_with_and_without_audio(tmp_path: Path) -> None:
    folder = make_jamendo(tmp_path)
    source = JamendoSource.open(SourcePaths(folder))
    (file,) = source.files()
    assert source.read(file).audio is None
    write_song(folder / "mp3" / "Süß_-_Lied.mp3", chord(1.0))
    assert source.read(file).audio == folder / "mp3" / "Süß_-_Lied.mp3"
