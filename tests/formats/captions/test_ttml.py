"""TTML: times of words, what is not sung, singers, and what is refused."""

from __future__ import annotations

import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Problem
from lyricsrec.formats.captions.ttml import TTML
from lyricsrec.formats.read import parse_lyrics
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word

NAMES = 'xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"'
NAMES += ' xmlns:tts="http://www.w3.org/ns/ttml#styling" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"'


def document(body: str, *, head: str = "", root: str = "") -> str:
    return f"<tt {NAMES} {root}><head>{head}</head><body><div>{body}</div></body></tt>"


def read(body: str, *, head: str = "", root: str = "") -> tuple[Line, ...]:
    lyrics = parse_lyrics(document(body, head=head, root=root), "a.txt")
    assert lyrics.format.name == "ttml"
    return lyrics.lines


WORDS = Line((Word("So", 1.0, 1.5), Word("away", 1.5, 2.5)))


@pytest.mark.parametrize(
    "spans",
    [
        '<span begin="1.0" end="1.5">So</span> <span begin="1.5" end="2.5">away</span>',
        '<span begin="1.0" end="1.5">So</span> <span begin="1.5" end="2">a</span><span begin="2" end="2.5">way</span>',
        '<span begin="1.0" end="1.5">So </span><span begin="1.5" dur="1s"><span tts:color="red">away</span></span>',
        '<span begin="1.0" end="1.5">So</span>\n  <span begin="1.5" end="2.5">away</span>\n',
    ],
)
def test_spans_are_words_or_syllables(spans: str) -> None:
    assert read(f'<p begin="1.0" end="2.5">{spans}</p>') == (WORDS,)


def test_spans_beside_what_is_sung() -> None:
    spans = (
        '<span begin="1.0" end="1.5">So</span> <span begin="1.5" end="2.5">away</span>'
        '<span ttm:role="x-translation" xml:lang="de">So weit</span><span ttm:role="x-roman">so</span>'
    )
    assert read(f'<p begin="1.0" end="2.5">{spans}</p>') == (
        WORDS,
        Line((Word("So", 1.0, None), Word("weit", None, 2.5)), role="translation"),
        Line((Word("so", 1.0, 2.5),), role="romanised"),
    )


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("00:00:01.500", "00:00:02.250"),
        ("00:01.5", "00:02.25"),
        ("1.5", "2.25s"),
        ("1500ms", "2250ms"),
        ("0.025m", "0.0375m"),
        ("00:00:01:12", "00:00:02:06"),
        ("36f", "54f"),
        ("15t", "22.5t"),
    ],
)
def test_forms_of_times(begin: str, end: str) -> None:
    rates = 'ttp:frameRate="24" ttp:tickRate="10"'
    assert read(f'<p begin="{begin}" end="{end}">So</p>', root=rates) == (Line((Word("So", 1.5, 2.25),)),)


def test_multiplied_frame_rates() -> None:
    rates = 'ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001"'
    (line,) = read('<p begin="30f" dur="1s">So</p>', root=rates)
    assert line.words == (Word("So", 1.001, 2.001),)


def test_times_that_count_from_the_element_around_them() -> None:
    body = '<p begin="1s" end="4s"><span begin="0s" end="0.5s">So</span> <span begin="0.5s" end="1.5s">away</span></p>'
    assert read(body) == (WORDS,)


def test_rows_without_times_of_words() -> None:
    body = '<p begin="1s" end="2s">[Chorus]<br/>So <i>far</i><br/><span tts:color="red">away</span></p>'
    expected = (Line((Word("So", 1.0, None), Word("far", None, None))), Line((Word("away", None, 2.0),)))
    assert read(body.replace("<i>far</i>", "far")) == expected


def test_ruby_is_read_without_its_annotation() -> None:
    ruby = '<span tts:ruby="container"><span tts:ruby="base">漢</span><span tts:ruby="text">かん</span></span>だ'
    assert read(f'<p begin="1s" end="2s">{ruby}</p>') == (Line((Word("漢だ", 1.0, 2.0),)),)


def test_singers_and_backing_voices() -> None:
    head = '<metadata><ttm:agent xml:id="v1"><ttm:name type="full">Anna</ttm:name></ttm:agent></metadata>'
    body = (
        '<p begin="1s" end="3s" ttm:agent="v1"><span begin="1s" end="2s">So</span>'
        '<span ttm:role="x-bg"><span begin="2s" end="3s">(ooh)</span></span></p>'
        '<p begin="4s" end="5s" ttm:agent="v2">far</p>'
    )
    assert read(body, head=head) == (
        Line((Word("So", 1.0, 2.0),), singers=("Anna",)),
        Line((Word("(ooh)", 2.0, 3.0),), singers=("Anna",), role="backing"),
        Line((Word("far", 4.0, 5.0),), singers=("v2",)),
    )


def test_each_character_of_japanese_keeps_its_time() -> None:
    body = '<p begin="1s" end="3s"><span begin="1s" end="2s">愛</span><span begin="2s" end="3s">し</span></p>'
    assert read(body) == (Line((Word("愛", 1.0, 2.0), Word("し", 2.0, 3.0))),)


def test_a_paragraph_with_an_invalid_time_is_named() -> None:
    lyrics = parse_lyrics(
        document('<p begin="soon">no</p><p begin="1s" end="2s">So</p>', root='xml:lang="de-AT"'), "a.ttml"
    )
    assert (lyrics.lines, lyrics.language) == ((Line((Word("So", 1.0, 2.0),)),), "german")
    assert lyrics.problems == (Problem("paragraph 1: invalid time 'soon'"),)


BOMB = '<!DOCTYPE tt [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><tt><body><p>&b;</p></body></tt>'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "a.ttml: it declares a document type or entities, which are not read"),
        (
            '<!DOCTYPE tt [<!ENTITY x SYSTEM "file:///etc/hostname">]><tt><body><p>&x;</p></body></tt>',
            "a.ttml: it declares a document type or entities, which are not read",
        ),
        ("<tt><body><p>So", "a.ttml: not a TTML file (no element found: line 1, column 15)"),
        ("<score/>", "a.ttml: not a TTML file, but XML of <score>"),
        (
            "<tt><body>" + "<div>" * 5000 + "</div>" * 5000 + "</body></tt>",
            "a.ttml: not a TTML file (nested too deeply)",
        ),
        ("So far", "a.ttml: not a TTML file (syntax error: line 1, column 0)"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse_lyrics(text, "a.ttml")
    assert str(error.value) == message


def test_written_text() -> None:
    words = (Word("R&B", 1.0, 1.5), Word("<away>", 1.75, 2.5), Word("愛", 2.5, 3.0), Word("し\x07", 3.0, 3.5))
    provenance = Provenance("0", "none", "t", decoder="greedy", language="en")
    written = TTML.render(Transcript('"S" & T', 61.5, (Line(words),), provenance=provenance))
    assert written.splitlines()[1:] == [
        '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" '
        'xmlns:itunes="http://itunes.apple.com/lyric-ttml-extensions" itunes:timing="Word" xml:lang="en">',
        '  <head><metadata><ttm:title>"S" &amp; T</ttm:title></metadata></head>',
        '  <body dur="00:01:01.500"><div>',
        '    <p begin="00:00:01.000" end="00:00:03.500"><span begin="00:00:01.000" end="00:00:01.500">R&amp;B</span> '
        '<span begin="00:00:01.750" end="00:00:02.500">&lt;away&gt;</span> '
        '<span begin="00:00:02.500" end="00:00:03.000">愛</span>'
        '<span begin="00:00:03.000" end="00:00:03.500">し\ufffd</span></p>',
        "  </div></body>",
        "</tt>",
    ]
