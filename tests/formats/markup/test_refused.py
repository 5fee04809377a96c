"""Files that are no lyrics are refused by name, and lyrics that look a little like them are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.formats.read import parse_lyrics, read_lyrics

XML = '<?xml version="1.0"?>\n'


@pytest.mark.parametrize("name", ["a.txt", "a.lyrics", "stdin"])
@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<!DOCTYPE html>\n<html><body><p>So far</p></body></html>", "an HTML page"),
        ("<html>\n<p>So far", "an HTML page"),
        ("<p>So far<br>away</p>\n", "text with HTML tags"),
        ("So far<br/>\naway\n", "text with HTML tags"),
        ("<div class='lyrics'>So far</div>", "text with HTML tags"),
        (f"{XML}<score-partwise version='4.0'><part/></score-partwise>", "MusicXML"),
        (f'{XML}<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD" "x">\n<score-partwise>', "MusicXML"),
        (f"{XML}<song><lyrics>So far</lyrics></song>", "XML of <song>"),
        ("<!-- by me -->\n<QrcInfos><Lyric>So</Lyric></QrcInfos>", "XML of <QrcInfos>"),
        (f"{XML}So far", "XML"),
        ("<SAMI><BODY><SYNC Start=1000><P>So far", "SAMI subtitles"),
        ("{\\rtf1\\ansi So far}", "an RTF document"),
        ("\\documentclass{article}\n\\begin{document}\nSo far\n\\end{document}", "a LaTeX document"),
        ("% a song\n\\begin{verse}\nSo far\\\\\n\\end{verse}", "a LaTeX document"),
        ('\\version "2.24"\n\\lyricmode { So far }', "a LilyPond score"),
        ("X:1\nT:Song\nM:4/4\nK:G\nGABc|\nw:So far\n", "a tune in ABC notation"),
        ("{25}{50}So far\n{60}{75}away\n", "MicroDVD subtitles, which count frames"),
        ("[10][25]So far\n[30][40]away\n", "MPL2 subtitles"),
        ("Scenarist_SCC V1.0\n\n00:00:01:00 94ae 94ae", "SCC captions"),
        ("[INFORMATION]\n[TITLE]x\n", "SubViewer subtitles"),
        ("%PDF-1.7\nSo far", "a PDF document"),
        ("#TITLE:T\n#ARTIST:A\n#BPM:300\n#GAP:1000\nE\n", "an UltraStar song without notes"),
    ],
)
def test_documents_and_markup(name: str, text: str, what: str) -> None:
    with pytest.raises(DataError) as error:
        parse_lyrics(text, name)
    assert str(error.value) == f"{name}: {what}, not lyrics"
    assert error.value.hint == "Save the lyrics as plain text, or in a format that can be read; the manual lists them."


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00rest", "a ZIP file, as DOCX, ODT, EPUB and MXL are"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "a document of Word, Excel or PowerPoint"),
        (b"MThd\x00\x00\x00\x06", "a MIDI file"),
        (b"\xef\xbb\xbf %PDF-1.4", "a PDF document"),
    ],
)
def test_documents_of_bytes(tmp_path: Path, data: bytes, what: str) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(data)
    with pytest.raises(DataError, match=what):
        read_lyrics(path)


def test_markup_in_a_file_called_lrc() -> None:
    with pytest.raises(DataError, match=r"^a\.lrc: an HTML page, not lyrics$"):
        parse_lyrics("<html><body>404</body></html>", "a.lrc")


@pytest.mark.parametrize(
    "text",
    [
        "I <3 you\n",
        "a < b > c\n",
        "<laughs> So far\n",
        "{oh} So far\n",
        "\\o/ So far\n",
        "(So) [far]\naway\n",
        "#1 So far\n",
    ],
)
def test_lyrics_that_look_a_little_like_markup(text: str) -> None:
    assert parse_lyrics(text, "a.txt").format.name == "txt"


def test_long_rows_of_brackets_are_read_fast() -> None:
    text = "<!--" * 5000 + "<a " * 20_000 + "{\\k" * 20_000 + "\nSo far"
    with pytest.raises(DataError, match="XML"):
        parse_lyrics(text, "a.txt")
    assert parse_lyrics("< " * 50_000 + "<x " * 20_000 + "\nSo far", "a.txt").lines


@pytest.mark.parametrize("name", ["a.lrc", "a.txt", "a.qrc"])
@pytest.mark.parametrize(
    "row",
    [
        "[12345,4000](12345,500,0)So (12845,500,0)far",
        "[12345,4000]So(12345,500) far(12845,500)",
        "[12345,4000]<0,500,0>So <500,500,0>far",
    ],
)
def test_karaoke_in_milliseconds_is_refused_by_name(name: str, row: str) -> None:
    with pytest.raises(
        DataError, match=rf"^{name}: karaoke of NetEase \(YRC\), QQ Music \(QRC\) or KuGou \(KRC\), not"
    ):
        parse_lyrics(f"[ti:On the run]\n[ar:A]\n[al:B]\n{row}\n", name)


def test_brackets_with_numbers_are_lyrics() -> None:
    assert parse_lyrics("[00:01.00]So far [1,2] <3\n", "a.lrc").lines[0].text.startswith("So far")
