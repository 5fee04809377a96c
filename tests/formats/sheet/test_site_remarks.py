"""What sites and song books add to lyrics."""

from __future__ import annotations

import pytest

from lyricsrec.formats.sheet.site_remarks import find_remarks

LYRICS = ["I walk alone", "so far away", "", "and where is home", "I do not know", "", "the night is cold", "and long"]


def left_out(rows: list[str]) -> list[str]:
    found = find_remarks(rows)
    return [rows[number] for number in sorted(found) if not found[number].keep]


@pytest.mark.parametrize(
    "row",
    [
        *("57 ContributorsTranslations", "12 Contributors", "Capo 2", "Capo: 2nd fret", "(Capo II)", "Kapo 2. Bund"),
        *("No capo", "Tuning: E A D G B E", "Standard tuning", "Key: G", "Key of Am", "Tempo: 120", "BPM 96"),
        *("Written by Joe Doe & Ann Bo", "Words and music by Joe Doe", "Lyrics by : A B", "Music: Joe Doe"),
        *("Text und Musik: Anna Bo", "Letra: Ana Bo", "作词 : 周某", "Produced and mixed by Joe Doe"),
        *("© 2012 Some Music", "(c) 2012 Somebody", "Copyright © Somebody", "All rights reserved."),
        *("Source: LyricFind", "Lyrics licensed and provided by Somebody", "Songtext von Somebody", "https://a.org/b"),
        *("Submit Corrections", "Thanks to somebody for correcting these lyrics", "Title: Home", "CCLI Song # 123"),
        *("Get tickets as low as $45", "EmbedShare URLCopyEmbedCopy", "Writer(s): Joe Doe, Ann Bo"),
    ],
)
def test_rows_that_are_left_out_at_the_top_of_a_sheet(row: str) -> None:
    assert left_out([row, "", *LYRICS]) == [row]


@pytest.mark.parametrize(
    "row",
    [
        *("Embed", "you might also like this", "the capo said to me", "Capo, capo", "Il capo", "capo di tutti"),
        *("12 contributors walked in", "Contributors", "See Emma Live", "See you live tonight", "Get tickets"),
        *("Written by the side of the road", "Lyrics by the sea", "Music: the only friend I have", "music"),
        *("Music by moonlight", "The key of love", "Key", "Tempo", "Tuning", "Translations", "Read More", "Copyright"),
        *("Title", "Album", "Words", "Words and music by the fire", "Source of love", "(C)", "Sung by the river"),
        *("Thanks to you for everything", "Words: they cut like knives"),
    ],
)
def test_words_that_look_like_remarks_are_sung(row: str) -> None:
    assert find_remarks([*LYRICS, "", row, "", *LYRICS]) == {}
    assert find_remarks([row, "", *LYRICS]) == {}
    assert find_remarks([*LYRICS, "", row]) == {}


@pytest.mark.parametrize(
    "row", ["Lyrics by Joe Doe", "12 Contributors", "Title: Home", "Written by Joe Doe", "Submit Corrections"]
)
def test_some_remarks_stand_only_at_the_edges(row: str) -> None:
    assert find_remarks([*LYRICS, row, *LYRICS]) == {}


def test_remarks_of_a_site_are_known_by_each_other() -> None:
    rows = [
        "57 ContributorsTranslations",
        "Far Home Lyrics",
        "“Far Home” is a song … Read More",
        "[Verse 1]",
        *LYRICS,
        "See Somebody Live",
        "Get tickets as low as $45",
        "You might also like",
        "and on I goEmbed",
    ]
    found = find_remarks(rows)
    assert left_out(rows) == [*rows[:3], *rows[-4:-1]]
    assert found[len(rows) - 1].keep == "and on I go"


def test_what_is_glued_to_a_remark_is_kept() -> None:
    rows = ["12 ContributorsFar Home Lyrics[Verse 1]", *LYRICS, "You might also likeMore of this", "so long5Embed"]
    assert {number: found.keep for number, found in find_remarks(rows).items()} == {
        0: "[Verse 1]",
        len(rows) - 2: "More of this",
        len(rows) - 1: "so long",
    }


def test_you_might_also_like_alone_is_a_remark_over_a_heading_or_between_blank_rows() -> None:
    row = "You might also like"
    assert left_out([*LYRICS, row, "[Chorus]", *LYRICS]) == [row]
    assert left_out([*LYRICS, "", row, "", *LYRICS]) == [row]
    assert left_out([*LYRICS, row, "what I like", *LYRICS]) == []


def test_titles() -> None:
    assert left_out(["Far Home Lyrics", "[Verse 1]", *LYRICS]) == ["Far Home Lyrics"]
    assert left_out(["Far Home", "by Joe Doe", "", *LYRICS]) == ["Far Home", "by Joe Doe"]
    assert left_out(["She sings", "by my side", "", *LYRICS]) == []
    assert left_out(["Forgotten Lyrics", "of a song", *LYRICS]) == []
