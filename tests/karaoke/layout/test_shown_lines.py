from dataclasses import replace

from helpers.karaoke import line, transcript

from lyricsrec.karaoke.layout.lines import SungWord, Syllable, has_word_times, shown_lines, sung_parts
from lyricsrec.lyrics.music.notes import Melody, Note, PitchContour
from lyricsrec.lyrics.retiming import TimedWord
from lyricsrec.lyrics.transcript import Line, Word


def fits(texts: list[str]) -> bool:
    return len("".join(texts)) <= 12


def test_translations_belong_to_the_line_before_and_singers_are_kept() -> None:
    lines = shown_lines(
        transcript(line("hola sol", 1, 2, ["Ann"]), line("hello sun", 1, 2, role="translation"), line("oh", 2, 3)), fits
    )
    assert [(shown.text, shown.second, shown.singers) for shown in lines] == [
        ("hola sol", "hello sun", ("Ann",)),
        ("oh", "", ()),
    ]


def test_a_long_line_is_split_where_the_halves_are_even_and_punctuation_is() -> None:
    (first, second) = shown_lines(transcript(line("one two, three four", 0, 4)), fits)
    assert (first.text, first.start_s, first.end_s) == ("one two,", 0, 2)
    assert (second.text, second.start_s, second.end_s) == ("three four", 2, 4)


def test_the_translation_of_a_split_line_is_split_in_proportion() -> None:
    lines = shown_lines(
        transcript(line("one two, three four", 0, 4), line("a b c d e f", 0, 4, role="translation")), fits
    )
    assert [shown.second for shown in lines] == ["a b c", "d e f"]


def test_a_long_word_is_split_only_in_scripts_without_spaces() -> None:
    long = "愛" * 20
    chinese = shown_lines(transcript(line(long, 0, 2)), fits)
    assert [shown.text for shown in chinese] == ["愛" * 10, "愛" * 10]
    assert [(shown.start_s, shown.end_s) for shown in chinese] == [(0, 1), (1, 2)]
    assert [shown.text for shown in shown_lines(transcript(line("a" * 20, 0, 2)), fits)] == ["a" * 20]


def test_lines_without_times_are_left_out_and_words_never_go_back() -> None:
    tangled = Line((Word("a", 1.0, 2.0), Word("b", 0.5, 0.7)))
    (shown,) = shown_lines(transcript(Line((Word("no", None, None),)), tangled), fits)
    assert [(word.start_s, word.end_s) for word in shown.words] == [(1.0, 2.0), (1.0, 1.0)]


def test_times_of_words_are_told_from_times_of_lines() -> None:
    assert has_word_times([line("a b", 0, 1), Line((Word("alone", 1.0, None),))])
    assert not has_word_times([Line((Word("a", 0.0, None), Word("b", None, 1.0)))])
    assert not has_word_times([Line((Word("a", None, None),))])


def test_a_romanised_line_goes_before_a_translation() -> None:
    sung = line("愛", 0, 1)
    lines = [line("love", 0, 1, role="translation"), line("ai", 0, 1, role="romanised")]
    for order in (lines, lines[::-1]):
        assert [shown.second for shown in shown_lines(transcript(sung, *order), fits)] == ["ai"]


def test_words_with_several_notes_are_sung_by_syllables() -> None:
    notes = (
        Note("so", 0.0, 0.9, pitch=60, hertz=261.6, word=0),
        Note("mor", 1.0, 1.2, pitch=60, hertz=261.6, word=1),
        Note("~", 1.2, 1.4, pitch=62, hertz=293.7, word=1),
        Note("ning", 1.5, 1.9, pitch=60, hertz=261.6, word=1),
    )
    melody = Melody(PitchContour(0.01, (), ()), notes)
    (shown,) = shown_lines(replace(transcript(line("so morning", 0, 2)), melody=melody), fits)
    assert [word.syllables for word in shown.words] == [(), (Syllable(1.0, 1.4, 3 / 7), Syllable(1.5, 1.9, 1.0))]


def test_a_word_falls_apart_into_its_syllables() -> None:
    parts = (Syllable(1.0, 1.5, 0.5), Syllable(1.5, 2.0, 1.0))
    assert sung_parts(SungWord(1.0, 2.0, "away", syllables=parts)) == (
        TimedWord(1.0, 1.5, "aw"),
        TimedWord(1.5, 2.0, "ay"),
    )
    assert [part.text for part in sung_parts(SungWord(1.0, 2.0, "I", syllables=parts))] == ["I"]
