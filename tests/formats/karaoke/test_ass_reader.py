"""ASS and SSA read: karaoke tags, other tags, rows, comments and templates."""

from __future__ import annotations

import pytest

from lyricsrec.base.errors import DataError, NoLyricsError
from lyricsrec.formats.base import Problem
from lyricsrec.formats.read import parse_lyrics
from lyricsrec.lyrics.transcript import Line, Word

HEAD = "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Arial,20\n"
FORMAT = "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
EVENTS = f"{HEAD}\n[Events]\n{FORMAT}"


def dialogue(text: str, *, kind: str = "Dialogue", name: str = "", effect: str = "") -> str:
    return f"{kind}: 0,0:00:01.00,0:00:03.00,Default,{name},0,0,0,{effect},{text}\n"


def read(*rows: str) -> tuple[Line, ...]:
    lyrics = parse_lyrics(EVENTS + "".join(rows), "a.ass")
    assert lyrics.format.name == "ass"
    return lyrics.lines


WORDS = Line((Word("So", 1.0, 1.5), Word("far", 1.5, 2.0), Word("away", 2.0, 3.0)))
ROWS = (
    Line((Word("Home", 1.0, None),)),
    Line((Word("again,", None, None), Word("now", None, 3.0))),
)


@pytest.mark.parametrize(
    "text",
    [
        "{\\k50}So {\\k50}far {\\k100}away",
        "{\\kf50}So {\\ko50}far {\\K100}away",
        "{\\k50\\b1}So {\\c&H0000FF&\\k50}far{\\b0} {\\k40}a{\\k60}way",
        "{\\an8}{\\k50}So{\\k0} {\\k50}far {\\kt100\\k100}away",
        "{\\k50}So {\\k50}far {\\k100}away{\\p1}m 0 0 l 10 0{\\p0}",
        "{\\k50}So {\\k50}{a comment}far {\\k100}away",
    ],
)
def test_karaoke_tags_are_the_times_of_words(text: str) -> None:
    assert read(dialogue(text)) == (WORDS,)


def test_pauses_are_in_no_word() -> None:
    assert read(dialogue("{\\k20}{\\k30}So {\\k50}{\\k40}far")) == (
        Line((Word("So", 1.2, 1.5), Word("far", 2.0, 2.4))),
    )


def test_rows_without_karaoke_tags_have_the_times_of_their_dialogue() -> None:
    assert read(dialogue("Home\\Nagain, {\\i1}now{\\i0}")) == ROWS
    assert read(dialogue("{\\k50}Home\\N{\\k150}again")) == (
        Line((Word("Home", 1.0, 1.5),)),
        Line((Word("again", 1.5, 3.0),)),
    )
    assert read(dialogue("[Chorus]\\N♪ Home ♪\\Nagain,\\hnow")) == ROWS


def test_comments_are_not_sung_and_singers_are_kept() -> None:
    rows = (dialogue("template", kind="Comment"), dialogue("So, far", name="Anna"))
    assert read(*rows) == (Line((Word("So,", 1.0, None), Word("far", None, 3.0)), singers=("Anna",)),)


def test_syllables_that_a_template_made_are_read_from_its_source() -> None:
    source = dialogue("{\\k50}So {\\k50}far {\\k100}away", kind="Comment", effect="karaoke")
    made = [dialogue(f"{{\\pos(1,1)}}{part}", effect="fx") for part in ("So", "far", "away")]
    assert read(source, *made) == (WORDS,)


def test_a_row_that_cannot_be_read_is_named() -> None:
    lyrics = parse_lyrics(f"{EVENTS}Dialogue: 0,0:00:xx,0:00:03.00,Default,,0,0,0,,no\n{dialogue('So')}", "a.ass")
    assert lyrics.lines == (Line((Word("So", 1.0, 3.0),)),)
    assert lyrics.problems == (Problem("not a readable dialogue row", 10),)


def test_ssa_and_other_orders_of_fields() -> None:
    ssa = "[Script Info]\n[V4 Styles]\n[Events]\n" + FORMAT.replace("Layer", "Marked")
    assert parse_lyrics(ssa + dialogue("So").replace(": 0,", ": Marked=0,"), "a.ssa").lines == (
        Line((Word("So", 1.0, 3.0),)),
    )
    short = f"{HEAD}[Events]\nFormat: Start, End, Text\nDialogue: 0:00:01.00,0:00:03.00,So, far\n"
    assert parse_lyrics(short, "stdin").lines == (Line((Word("So,", 1.0, None), Word("far", None, 3.0))),)


def test_files_that_are_not_ass() -> None:
    with pytest.raises(DataError, match=r"^a\.ass: not an ASS or SSA file$"):
        parse_lyrics("So far", "a.ass")
    with pytest.raises(NoLyricsError, match=r"^a\.txt: no lyrics in it$"):
        parse_lyrics(HEAD, "a.txt")
