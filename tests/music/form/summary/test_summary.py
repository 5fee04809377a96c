"""Summaries of small songs, and how they are written."""

from __future__ import annotations

import json

import pytest

from lyricsrec.base.errors import NoLyricsError
from lyricsrec.lyrics.music.sections import Section
from lyricsrec.lyrics.transcript import Line, Provenance, Tags, Transcript, Word
from lyricsrec.music.form.summary.lines import hook_of, repeated_lines, representative_lines
from lyricsrec.music.form.summary.report import summary_json, summary_markdown, summary_text
from lyricsrec.music.form.summary.summary import Generated, Hook, Summary, summarize
from lyricsrec.music.form.summary.words import explicit_words, guess_language, key_words, themes_of, words_of

ROWS = (
    "Rain on my window all night long",
    "And I dream of a lantern on the river",
    "Oh hold the lantern for me",
    "Snow at my door and the moon is high",
    "I dream of a damn boat on the river",
    "Oh hold a lantern for me",
)


NO_TAGS = Tags()


def song_of(*rows: str, language: str | None = None, tags: Tags = NO_TAGS) -> Transcript:
    """Words of 0.5 s without pauses, and 2 s between lines."""
    lines, end_s = [], 0.0
    for row in rows:
        words = []
        for text in row.split():
            words.append(Word(text, end_s, end_s + 0.5))
            end_s += 0.5
        lines.append(Line(tuple(words)))
        end_s += 2.0
    made = Provenance("0", "none", "none", decoder="none", language=language)
    sections = (Section("verse", 0.0, 9.0, lines=(0, 1)), Section("chorus", 9.0, 14.0, lines=(2,)))
    return Transcript("song", 60.0, tuple(lines), provenance=made, tags=tags, sections=sections)


def test_a_summary() -> None:
    found = summarize(song_of(*ROWS, language="en", tags=Tags("Lantern", "Somebody")))
    assert (found.song, found.artist, found.form) == ("Lantern", "Somebody", "V C")
    assert (found.language, found.language_is_guessed) == ("en", False)
    assert found.hook == Hook("Oh hold the lantern for me", 2)
    assert found.key_words == ("lantern", "dream", "river", "hold")
    assert found.themes == ("nature and weather", "night and dreams")
    assert not found.is_explicit
    assert found.lines == (ROWS[1], ROWS[2], ROWS[4])


def test_length_and_speed() -> None:
    found = summarize(song_of("so far away", "from home"))
    assert (found.length.duration_s, found.length.lines, found.length.words) == (60.0, 2, 5)
    assert (found.length.words_per_minute, found.length.words_per_sung_minute) == (5.0, 120.0)


def test_words_without_times_have_no_speed() -> None:
    made = Provenance("0", "none", "none", decoder="none")
    found = summarize(Transcript("a", 0.0, (Line((Word("Oh", None, None),)),), provenance=made))
    assert (found.length.duration_s, found.length.words_per_minute) == (None, None)
    with pytest.raises(NoLyricsError, match="no words to summarise"):
        summarize(Transcript("a", 0.0, (), provenance=made))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the rain is on my window and I cannot sleep", "en"),
        ("der Regen fällt und ich kann nicht schlafen", "de"),
        ("la pluie tombe et je ne dors pas dans la nuit", "fr"),
        ("la lluvia cae y no puedo dormir en la noche", "es"),
        ("zażółć gęślą jaźń", None),
        ("", None),
    ],
)
def test_the_language_by_function_words(text: str, language: str | None) -> None:
    assert guess_language(words_of(text)) == language


def test_explicit_words_are_whole_words_of_the_language() -> None:
    assert explicit_words(words_of("Oh SHIT, this shitake"), "en") == ("shit",)
    assert explicit_words(words_of("Scheiße, merde"), "de") == ("scheiße",)
    assert explicit_words(words_of("merde"), None) == ("merde",)
    assert explicit_words(words_of("con amor"), "es") == ()


def test_key_words_are_in_two_lines() -> None:
    assert key_words(["the river the river", "a river and a boat"], "en", 5) == ("river",)


def test_themes_need_two_words() -> None:
    assert themes_of(["rain"] * 9, "en") == ()
    assert themes_of(["rain", "snow"], "en") == ("nature and weather",)
    assert themes_of(["rain", "snow"], "fi") == ()


def test_lines_that_differ_a_little_are_one() -> None:
    assert repeated_lines(ROWS) == {0: 1, 1: 1, 2: 2, 3: 1, 4: 1}
    assert hook_of(ROWS[:2]) is None
    assert hook_of(["la", "la", "hold me now", "hold me now"]) == ("hold me now", 2)
    assert representative_lines(["oh oh", "la"], "en", 3) == ()


def test_the_reports() -> None:
    found = summarize(song_of("so far away [x]", "so far away [x]", language="en"))
    assert summary_text(found) == (
        "song\n"
        "hook:       so far away [x] (2 times)\n"
        "key words:  away, far\n"
        "form:       V C\n"
        "language:   English\n"
        "length:     1:00, 2 lines, 8 words (4 different), 8 words a minute, 120 while singing\n"
        "explicit:   no listed word\n"
        "lines:\n"
        "  so far away [x]\n"
    )
    assert "- **hook**: so far away \\[x\\] (2 times)\n" in summary_markdown(found)
    document = json.loads(summary_json(found))
    assert (document["hook"], document["explicit"]) == ({"text": "so far away [x]", "times": 2}, False)


def test_generated_text_is_marked() -> None:
    found = summarize(song_of("so far"))
    written = Summary(**{**vars(found), "generated": Generated("own/model", "A song.")})
    mark = "Generated by the language model own/model; it may be wrong."
    assert summary_text(written).endswith(f"\n\n{mark}\nA song.\n")
    assert f"*{mark}*" in summary_markdown(written)
    assert json.loads(summary_json(written))["generated"] == {"model": "own/model", "text": "A song."}
