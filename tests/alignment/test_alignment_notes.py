"""Notes on an alignment: voices in a song whose words the lyrics lack, and letters that the model lacks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers.sung_verse import TEXT, VERSE, sing

from lyricsrec.alignment.align import align
from lyricsrec.alignment.notes import check_letters, notes_on, wordless_voice
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.base.errors import ModelError
from lyricsrec.lyrics.transcript import Line, Word

CONFIG = AlignConfig()
LINES = tuple(Line(tuple(Word(word, None, None) for word in text.split())) for text in TEXT)
MISSING = [(20.0 + 2.0 * i, "mountain bluebird") for i in range(12)]
LAST = [(50.0 + start_s, text) for start_s, text in VERSE]


def found(
    sung: list[tuple[float, str]], lines: tuple[Line, ...], config: AlignConfig = CONFIG
) -> list[tuple[int, int]]:
    emission = sing(sung, 70)
    spans = wordless_voice(emission, align(emission, lines, config), config)
    return [(round(span.start_s), round(span.end_s)) for span in spans]


def test_a_verse_that_the_lyrics_lack_is_found() -> None:
    ((start_s, end_s),) = found([*VERSE, *MISSING, *LAST], LINES * 2)
    assert 15 <= start_s <= 20
    assert 43 <= end_s <= 48


def test_it_is_also_found_before_the_first_line_and_behind_the_last() -> None:
    ((start_s, _),) = found([(2.0 + 2 * i, text) for i, (_, text) in enumerate(MISSING)] + LAST, LINES)
    assert start_s < 5
    ((_, end_s),) = found([*VERSE, *((40.0 + 2 * i, text) for i, (_, text) in enumerate(MISSING))], LINES)
    assert end_s > 60


def test_breaks_are_not_and_neither_are_short_voices() -> None:
    assert found([*VERSE, *LAST], LINES * 2) == []
    assert found([*VERSE, *MISSING[:5], *LAST], LINES * 2) == []
    assert found([*VERSE, *MISSING[:5], *LAST], LINES * 2, replace(CONFIG, min_wordless_s=5.0)) != []


def test_lyrics_of_another_song_lack_nothing() -> None:
    other = tuple(Line((Word(word, None, None),)) for word in ("zzz", "qqq", "xxx"))
    emission = sing(MISSING, 70)
    assert wordless_voice(emission, other, CONFIG) == ()


def test_notes_give_the_times() -> None:
    emission = sing([*VERSE, *MISSING, *LAST], 70)
    (note,) = notes_on(emission, align(emission, LINES * 2, CONFIG), CONFIG)
    assert note.startswith("a voice without words from 0:1")
    assert note.endswith(": the lyrics may lack lines there")


@pytest.mark.parametrize("texts", [("何度でも", "怪獣"), ("Не валяй дурака", "Америка")])
def test_lyrics_without_a_letter_that_the_model_knows(texts: tuple[str, str]) -> None:
    emission = sing([*VERSE, *MISSING], 70)
    foreign = tuple(Line((Word(text, None, None),)) for text in texts)
    with pytest.raises(ModelError, match="tiny knows no letter of these lyrics, and their romanisation was not found"):
        check_letters(align(emission, foreign, CONFIG), model="tiny")
    with pytest.raises(ModelError, match=r"tiny knows no letter of these lyrics$"):
        check_letters(align(emission, (Line((Word("♪", None, None),)),), CONFIG), model="tiny")


def test_lyrics_with_letters_that_the_model_knows() -> None:
    emission = sing([*VERSE, *MISSING], 70)
    for lines in (LINES, (*LINES, Line((Word("怪獣", None, None),))), ()):
        check_letters(align(emission, lines, CONFIG), model="tiny")
    other = tuple(Line((Word(word, None, None),)) for word in ("zzz", "qqq", "xxx"))
    check_letters(align(emission, other, CONFIG), model="tiny")
