"""Two systems on the same songs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.scoring.compare import NUM_SONGS, compare_systems, compared, join_reports, named_apart
from lyricsrec.scoring.one_song import SongTexts, Utterance
from lyricsrec.scoring.pooling import score_system
from lyricsrec.scoring.results import Interval, Protocol, Report, SongChange, SystemScore, WordChange
from lyricsrec.scoring.texts.text import ScoredText, scored_text

SONGS = {
    "a": "so far away from me",
    "b": "so long so far",
    "c": "oh no",
}
BEFORE = {"a": "so fair away from you", "b": "so long so far", "c": ""}
AFTER = {"a": "so far away from", "b": "so long go far la", "c": "oh no"}


def text(words: str) -> ScoredText:
    return scored_text([[Line(tuple(Word(word, None, None) for word in words.split()))]], f"Song {words[:2]}")


def system(
    name: str, hypothesis: dict[str, str], songs: dict[str, str] = SONGS, protocol: Protocol = "short"
) -> SystemScore:
    performances = [
        SongTexts(song, "en", (Utterance(text(songs[song]), text(words)),)) for song, words in hypothesis.items()
    ]
    return score_system(name, performances, protocol)


def report(*systems: SystemScore, protocol: Protocol = "short", references: str = "songs") -> Report:
    return Report(1, "0", protocol, references=references, systems=systems)


def test_worked_by_hand() -> None:
    found = compare_systems(system("one", BEFORE), system("two", AFTER))
    assert (found.first, found.second, found.num_songs, found.left_out) == ("one", "two", 3, ())
    # Errors: 2 of 5, 0 of 4 and 2 of 2; then 1, 2 and 0.
    assert (found.first_wer, found.second_wer) == (4 / 11, 3 / 11)
    assert found.difference == pytest.approx(-1 / 11)
    # FAR, OH and NO are right now; SO is not in one place. ME is wrong in both.
    assert (found.gained, found.lost) == (3, 1)
    assert found.words == (
        WordChange("far", 1, 0),
        WordChange("no", 1, 0),
        WordChange("oh", 1, 0),
        WordChange("so", 0, 1),
    )
    assert found.songs == (
        SongChange("b", "Song so", 0.0, second_wer=0.5, more_errors=2),
        SongChange("c", "Song oh", 1.0, second_wer=0.0, more_errors=-2),
        SongChange("a", "Song so", 0.4, second_wer=0.2, more_errors=-1),
    )
    assert found.p_value is not None
    assert found.p_value >= 0.25
    assert found.interval is not None
    assert found.interval.low < found.difference < found.interval.high


def test_a_system_compared_with_itself_has_no_difference() -> None:
    found = compare_systems(system("one", BEFORE), system("one", BEFORE))
    assert (found.difference, found.interval, found.p_value) == (0.0, Interval(0.0, 0.0), 1.0)
    assert (found.gained, found.lost, found.words, found.songs) == (0, 0, (), ())


def test_words_gained_and_lost_equally_are_counted_but_not_listed() -> None:
    songs = {"a": "la", "b": "la"}
    found = compare_systems(system("x", {"a": "la", "b": ""}, songs), system("y", {"a": "", "b": "la"}, songs))
    assert (found.gained, found.lost, found.words) == (1, 1, ())


def test_songs_of_one_system_and_other_references_are_left_out() -> None:
    first = system("one", BEFORE)
    second = system("two", {"b": "so long", "c": "oh no", "d": "la"}, {**SONGS, "c": "oh yes", "d": "la"})
    found = compare_systems(first, second)
    assert (found.num_songs, found.left_out) == (1, ("a", "c", "d"))
    assert (found.first_wer, found.second_wer, found.interval, found.p_value) == (0.0, 0.5, None, None)


def test_case_of_references_does_not_part_them() -> None:
    one = system("one", {"c": "oh no"}, {"c": "Oh no"}, "long")
    assert compare_systems(one, system("two", {"c": "oh"}, {"c": "oh NO"}, "long")).lost == 1


def test_systems_without_a_common_song_are_an_error() -> None:
    with pytest.raises(DataError, match="'one' and 'two' have no song in common"):
        compare_systems(system("one", {"a": "so"}), system("two", {"b": "so"}))
    # A song without words has no rate.
    with pytest.raises(DataError):
        compare_systems(system("one", {"a": "so"}, {"a": ""}), system("two", {"a": "so"}, {"a": ""}))


def test_thousands_of_songs_are_compared_in_seconds() -> None:
    songs = {f"song {number}": "la" for number in range(3000)}
    first = system("one", dict.fromkeys(songs, "la"), songs)
    found = compare_systems(first, replace(first, songs=tuple(replace(song, title="x") for song in first.songs)))
    assert (found.num_songs, found.left_out) == (3000, ())
    many = compare_systems(first, system("two", dict.fromkeys(songs, ""), songs))
    assert (many.lost, len(many.songs)) == (3000, NUM_SONGS)


def test_the_first_system_is_compared_with_each_other() -> None:
    joined = compared(report(system("x", BEFORE), system("y", AFTER), system("z", BEFORE)))
    assert [(one.first, one.second) for one in joined.comparisons] == [("x", "y"), ("x", "z")]
    assert compared(report(system("x", BEFORE))).comparisons == ()


def test_reports_are_joined_with_names_apart() -> None:
    joined = join_reports([report(system("x", BEFORE)), report(system("x", AFTER), references="others")])
    assert [one.name for one in joined.systems] == ["x", "x #2"]
    assert [(one.first, one.second) for one in joined.comparisons] == [("x", "x #2")]
    assert joined.references == "songs, others"
    told_apart = join_reports([report(system("x", BEFORE)), report(system("x", AFTER), system("y", AFTER))], ["a", "b"])
    assert [one.name for one in told_apart.systems] == ["x (a)", "x (b)", "y"]
    again = join_reports([joined, report(system("x", BEFORE))])
    assert len({one.name for one in again.systems}) == 3


def test_names_differ_from_similar_names() -> None:
    names = [one.name for one in named_apart([system(name, {"a": ""}) for name in ("x", "x #2", "x", "x")])]
    assert len(set(names)) == 4
    assert names[:2] == ["x", "x #2"]


def test_two_protocols_are_never_mixed() -> None:
    with pytest.raises(DataError, match="different protocols"):
        join_reports([report(system("x", BEFORE)), report(system("x", BEFORE), protocol="long")])
