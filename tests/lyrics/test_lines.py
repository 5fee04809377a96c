import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyricsrec.base.errors import UsageError
from lyricsrec.base.settings import check
from lyricsrec.lyrics.lines import LineConfig, break_lines, ends_clause, ends_sentence
from lyricsrec.lyrics.transcript import Word


def spread(text: str, gaps: dict[int, float] | None = None, word_s: float = 0.3) -> list[Word]:
    """Words of `word_s` seconds each; `gaps` are pauses in seconds before the word of that index."""
    words, at_s = [], 0.0
    for i, part in enumerate(text.split()):
        at_s += (gaps or {}).get(i, 0.0)
        words.append(Word(part, at_s, at_s + word_s))
        at_s += word_s
    return words


def texts(words: list[Word], config: LineConfig | None = None) -> list[str]:
    return [line.text for line in break_lines(words, config or LineConfig())]


def test_pauses_break_lines() -> None:
    assert texts(spread("so far away from home", {3: 1.0})) == ["so far away", "from home"]


def test_a_single_word_needs_a_longer_pause() -> None:
    assert texts(spread("home at last", {1: 1.0})) == ["home at last"]
    assert texts(spread("home at last", {1: 2.0})) == ["home", "at last"]


def test_lines_with_a_few_words_break_after_sentences() -> None:
    assert texts(spread("Oh. I am here. You are there")) == ["Oh. I am here.", "You are there"]


def test_a_long_line_breaks_at_its_best_place() -> None:
    words = spread("so many things that I have got to do Every town a different face", {9: 0.3})
    assert texts(words) == ["so many things that I have got to do", "Every town a different face"]


def test_a_slow_line_breaks_by_time() -> None:
    assert texts(spread("one two three four", word_s=3.0)) == ["one two", "three four"]


def test_a_single_long_word_stays_whole() -> None:
    assert texts(spread("a" * 60)) == ["a" * 60]


def test_no_words_give_no_lines() -> None:
    assert break_lines([], LineConfig()) == ()


@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=12), st.floats(0, 3)), max_size=60))
def test_every_word_is_in_exactly_one_line_and_lines_fit(parts: list[tuple[str, float]]) -> None:
    words = spread(" ".join(text for text, _ in parts), {i: gap for i, (_, gap) in enumerate(parts)})
    lines = break_lines(words, LineConfig())
    assert [word for line in lines for word in line.words] == words
    assert all(len(line.text) <= 42 or len(line.words) == 1 for line in lines)


@pytest.mark.parametrize(
    ("word", "sentence", "clause"),
    [
        ("home.", True, False),
        ("home!”", True, False),
        ("Mr.", False, False),
        ("well,", False, True),
        ("so", False, False),
    ],
)
def test_ends_of_sentences_and_clauses(word: str, sentence: bool, clause: bool) -> None:
    assert (ends_sentence(word), ends_clause(word)) == (sentence, clause)


def test_settings_of_lines_are_checked() -> None:
    check(LineConfig())
    with pytest.raises(UsageError, match="max_chars must be greater than or equal to 1, not 0"):
        check(LineConfig(max_chars=0))
