"""Sheets of plain lyrics, as people write and sites show them."""

from __future__ import annotations

from time import process_time

import pytest

from lyricsrec.formats.base import Omitted
from lyricsrec.formats.read import parse_lyrics
from lyricsrec.formats.sheet.sheet import read_sheet


def texts(sheet: str) -> list[str]:
    return [line.text for line in read_sheet(sheet).lines]


def notes(sheet: str) -> list[str]:
    return [str(problem) for problem in read_sheet(sheet).problems]


def test_plain_lyrics() -> None:
    sheet = """
[Verse 1: Somebody]
So far away from home   (oh yeah)

Chorus:
Where my home is [laughs] anymore

(Instrumental)
* * *
♪ La la ♪
- Who's there?
I love my 4x4
"""
    assert texts(sheet) == [
        "So far away from home (oh yeah)",
        "Where my home is anymore",
        "La la",
        "Who's there?",
        "I love my 4x4",
    ]
    assert all(word.start_s is None and word.end_s is None for line in read_sheet(sheet).lines for word in line.words)
    assert notes(sheet) == []
    assert read_sheet(sheet).omitted == (
        Omitted(2, "[Verse 1: Somebody]", "a heading"),
        Omitted(5, "Chorus:", "a heading"),
        Omitted(6, "[laughs]", "a remark"),
        Omitted(8, "(Instrumental)", "a heading"),
    )


def test_sections_end_at_blank_rows_and_headings() -> None:
    sections = read_sheet("a b\nc\n\nd\n[Chorus]\ne\n").sections
    assert [[line.text for line in section] for section in sections] == [["a b", "c"], ["d"], ["e"]]


@pytest.mark.parametrize("head", ["{Verse}", "{Verse 1}", "[Verse]", "{Strophe 1}", "{c: softly}", "I"])
def test_a_text_that_begins_with_a_heading_in_braces_is_lyrics(head: str) -> None:
    lyrics = parse_lyrics(f"{head}\nSo far away\n{{Chorus}}\nwhere my home is\n", "a.txt")
    expected = ["So far away", "where my home is"]
    assert [line.text for line in lyrics.lines][-2:] == expected
    assert len(lyrics.lines) == (3 if head == "I" else 2)


def test_chords_and_settings_are_left_out_with_a_note() -> None:
    sheet = "Capo 2\n\nG   D   Em  C\nSo far away\n A Am\nfrom [laughs] a[C]way\ne|--3--0--|\nA Am I\n"
    assert texts(sheet) == ["So far away", "from away", "A Am I"]
    assert notes(sheet) == [
        "row 1: left out 'Capo 2' (for the instrument)",
        "left out in rows 3, 5, 6: chords",
        "row 7: left out 'e|--3--0--|' (tablature)",
    ]
    assert Omitted(6, "[C]", "chords") in read_sheet(sheet).omitted


def test_the_page_and_programs_get_what_was_left_out() -> None:
    lyrics = parse_lyrics("12 Contributors\nSong Lyrics\n[Verse]\nSo far5Embed", "a.txt")
    assert [line.text for line in lyrics.lines] == ["So far"]
    assert [(left.row, left.text, left.reason) for left in lyrics.omitted] == [
        (1, "12 Contributors", "added by a lyrics site"),
        (2, "Song Lyrics", "the title"),
        (3, "[Verse]", "a heading"),
        (4, "5Embed", "added by a lyrics site"),
    ]
    assert lyrics.notes == (
        "a.txt: left out in rows 1, 4: added by a lyrics site",
        "a.txt: row 2: left out 'Song Lyrics' (the title)",
    )


VERSE, CHORUS, OTHER = ["I walk alone", "so far away"], ["where is my home", "where is my home"], ["the night is long"]


def labelled(*last: str) -> str:
    return "\n".join(["[Verse 1]", *VERSE, "", "[Chorus]", *CHORUS, "", "[Verse 2]", *OTHER, "", *last])


@pytest.mark.parametrize(
    ("last", "times"),
    [
        (["[Chorus]"], 1),
        (["Chorus"], 1),
        (["CHORUS:"], 1),
        (["(Chorus)"], 1),
        (["[Chorus]", "", "[Solo]"], 1),
        (["[Chorus: Somebody]"], 1),
        (["[Chorus x2]"], 2),
        (["Chorus x2"], 2),
        (["[Chorus] (x2)"], 2),
        (["[Chorus]", "(x2)"], 2),
        (["Repeat chorus"], 1),
        (["(Repeat Chorus x3)"], 3),
        (["[Repeat the chorus twice]"], 2),
        (["[Refrain]"], 1),
        (["[Last Chorus]"], 1),
        (["[Chorus 2]"], 1),
        (["[Chorus]", "[Chorus]"], 2),
    ],
)
def test_a_bare_chorus_stands_for_the_words_of_the_first_one(last: list[str], times: int) -> None:
    sheet = labelled(*last)
    assert texts(sheet) == [*VERSE, *CHORUS, *OTHER, *CHORUS * times]
    assert notes(sheet)
    assert all("2 lines of row 5 sung" in note for note in notes(sheet))


def test_the_note_says_what_is_repeated() -> None:
    assert notes(labelled("[Chorus]")) == [
        "row 12: '[Chorus]' has no words of its own: 2 lines of row 5 sung again",
    ]
    assert notes(labelled("[Chorus x2]")) == [
        "row 12: '[Chorus x2]' has no words of its own: 2 lines of row 5 sung 2 times",
    ]


def test_parts_with_words_of_their_own_are_not_repeated() -> None:
    for words in (CHORUS, ["another end"]):
        sheet = labelled("[Chorus]", *words)
        assert texts(sheet) == [*VERSE, *CHORUS, *OTHER, *words]
        assert notes(sheet) == []
    assert texts(labelled("[Chorus]", "", "another end")) == [*VERSE, *CHORUS, *OTHER, "another end"]


def test_a_chorus_in_a_sheet_whose_verses_have_no_headings() -> None:
    sheet = "\n".join(
        [*VERSE, "", "Chorus", *CHORUS, "", *OTHER, "", "Chorus", "", "the morning comes", "", "Chorus x2"]
    )
    assert texts(sheet) == [*VERSE, *CHORUS, *OTHER, *CHORUS, "the morning comes", *CHORUS, *CHORUS]


def test_verses_and_bridges_are_repeated_by_their_number() -> None:
    sheet = "[Verse 1]\na\n[Verse 2]\nb\n[Bridge]\nc\n[Verse 1]\n[Bridge]\n[Verse 3]\n[Outro]\n"
    assert texts(sheet) == ["a", "b", "c", "a", "c"]


def test_a_bare_chorus_without_a_first_one_is_noted() -> None:
    assert texts("[Verse]\na\n[Chorus]\n[Solo]\n") == ["a"]
    assert notes("[Verse]\na\n[Chorus]\n[Solo]\n") == ["row 3: '[Chorus]' has no words, here or above"]


def test_marks_for_repetition() -> None:
    assert texts("La la (x2)\nOh\n\nHey x3") == ["La la", "La la", "Oh", "Hey", "Hey", "Hey"]
    assert texts("a\nb\n(x2)\n\nc") == ["a", "b", "a", "b", "c"]
    assert notes("a\nb\n(x2)\n\nc") == ["row 3: '(x2)': 2 lines above sung 2 times"]
    assert texts("[Chorus x2]\na\nb\n\n[Verse]\nc\n\n[Chorus]") == ["a", "b", "a", "b", "c", "a", "b"]
    assert notes("[Chorus x2]\na\nb\n\n[Verse]\nc")[0] == "row 1: '[Chorus x2]': 2 lines sung 2 times"


@pytest.mark.parametrize(
    "mark", ["(x2)", "x2", "(repeat)", "[Repeat]", "Repeat x2", "(repeat x2)", "(bis)", "\u200b(x2)"]
)
def test_marks_on_rows_of_their_own(mark: str) -> None:
    assert texts(f"a\nb\n{mark}\n\nc") == ["a", "b", "a", "b", "c"]
    assert texts(f"a\nb\n{mark.strip('()[]x2')}\n\nc")[:2] == ["a", "b"]


def test_empty_brackets_are_no_mark() -> None:
    assert texts("a\n()\n[]\n( )\nb") == ["a", "b"]


def test_repeat_is_a_word_where_it_has_no_mark() -> None:
    assert texts("a\nRepeat\nrepeat after me\n(repeat after me)") == [
        "a",
        "Repeat",
        "repeat after me",
        "(repeat after me)",
    ]


@pytest.mark.parametrize("row", ["[Intro] G D Em C", "Intro: G  D", "Solo: Em G x2", "[Verse 1]   Am F7"])
def test_chords_behind_a_heading(row: str) -> None:
    assert texts(f"{row}\nSo far\n\nEm G\naway") == ["So far", "away"]


def test_numbers_of_verses() -> None:
    assert texts("1. Gott ist gut\ner hilft\n\n2. Er ist da\nimmer\n") == [
        "Gott ist gut",
        "er hilft",
        "Er ist da",
        "immer",
    ]
    assert texts("I\na\n\nII\nb\n\nIII.\nc\n") == ["a", "b", "c"]
    assert texts("I\na\n\nI\nb\n") == ["I", "a", "I", "b"]
    assert texts("1 more time\n\n2 of us\n") == ["1 more time", "2 of us"]
    assert texts("99 red\n\n1. One thing\n") == ["99 red", "1. One thing"]


def test_headings_in_other_languages() -> None:
    sheet = "Estribillo:\nAy ay\n\nEstrofa 1\nuno\n\nEstribillo x2\n\nCouplet 2\ndeux\n\nRefrain\n\n"
    sheet += "Strophe 3\ndrei\n\nKehrvers"
    assert texts(sheet) == ["Ay ay", "uno", "Ay ay", "Ay ay", "deux", "Ay ay", "drei", "Ay ay"]


def test_bare_words_of_songs_are_headings_only_among_headings() -> None:
    assert texts("Solo\nI walk\n\nBridge\nover water") == ["Solo", "I walk", "Bridge", "over water"]
    assert texts("Verse 1\nI walk\n\nBridge\nover water") == ["I walk", "over water"]
    assert texts("Verse 1\nI walk\nBridge\nover water") == ["I walk", "Bridge", "over water"]


def test_a_sheet_cannot_grow_without_end() -> None:
    sheet = "[Chorus]\n" + "la\n" * 1000 + "[Chorus x20]\n" * 50
    assert len(texts(sheet)) <= 6000


PIECES = [
    " ",
    "a ",
    "[",
    "[a",
    "(",
    "x2 ",
    "A ",
    "| ",
    "-",
    "Chorus ",
    "1. ",
    "{",
    ". ",
    "Lyrics",
    "é",
    "\t",
    "[C]",
    "1",
]


@pytest.mark.parametrize("piece", PIECES)
def test_the_time_grows_with_the_length_of_a_row(piece: str) -> None:
    times = []
    for length in (100_000, 1_000_000):
        text = "So far a" + piece * (length // len(piece)) + "b"
        begin = process_time()
        read_sheet(text)
        times.append(process_time() - begin)
    assert times[1] / max(times[0], 0.02) < 60
