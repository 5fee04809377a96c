"""Label files."""

from __future__ import annotations

import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.formats.labels import Label, is_label_text, lines_between_silences, parse_labels
from lyricsrec.formats.read import parse_lyrics
from lyricsrec.formats.registry import OUTPUT_FORMATS
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("0.5\t1.5\tA B\n1.5\t2\tsp", (Label(0.5, 1.5, "A B"), Label(1.5, 2.0, "sp"))),
        ("0.5 1.5 A B\n1.5 2 \n", (Label(0.5, 1.5, "A B"), Label(1.5, 2.0, ""))),
        ("\ufeff0,5\t1,5\tä\r\n\r\n", (Label(0.5, 1.5, "ä"),)),
        ("0.5\t\tA\n5.20\tV\n6.20\tsp", (Label(0.5, None, "A"), Label(5.2, None, "V"), Label(6.2, None, "sp"))),
        ("1 99 balloons\n2 go\n", (Label(1.0, None, "99 balloons"), Label(2.0, None, "go"))),
        ("1 2 3\n", (Label(1.0, 2.0, "3"),)),
        ("# times by hand\n5.e-1 1E0 a\n", (Label(0.5, 1.0, "a"),)),
        ("3\n", (Label(3.0, None, ""),)),
    ],
)
def test_rows(text: str, labels: tuple[Label, ...]) -> None:
    assert parse_labels(text, "a.lab") == labels


def test_a_line_lasts_until_a_silence_and_several_words_share_the_times_of_their_row() -> None:
    rows = "0.5 1.5 A B C\n1.5 1.8 d\n1.8 2.5 SIL\n2.5 3.0 ♪\n3.0 4.0 e\n4 5 ...\n"
    assert lines_between_silences(parse_labels(rows, "a.lab")) == (
        Line((Word("A", 0.5, None), Word("B", None, None), Word("C", None, 1.5), Word("d", 1.5, 1.8))),
        Line((Word("e", 3.0, 4.0),)),
    )


def test_lyrics_of_a_label_file_keep_its_rows() -> None:
    lyrics = parse_lyrics("0 1 sil\n1 2 so\n", "a.LAB")
    assert (lyrics.format.name, lyrics.timed, lyrics.lines) == ("lab", True, (Line((Word("so", 1.0, 2.0),)),))
    assert lyrics.labels == (Label(0.0, 1.0, "sil"), Label(1.0, 2.0, "so"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 1 a\nb 1 2\n", "a.lab: invalid time 'b' in row 2"),
        ("0:01 a", "a.lab: invalid time '0:01' in row 1"),
        ("0 3000000.5 sil", "a.lab: invalid time 3000000.5 s in row 1"),
        ("0 9000000 a\n1.5 2 b", "a.lab: invalid time 9000000 s in row 1"),
        ("-1 2 a", "a.lab: invalid time -1 s in row 1"),
        ("0 1 sp\n1 2 sil", "a.lab: no lyrics in it"),
    ],
)
def test_invalid_times(text: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse_lyrics(text, "a.lab")
    assert str(error.value) == message


def test_written_label_tracks_are_read_back() -> None:
    words = (Word("So", 1.0, 1.25), Word("99", 1.5, 2.004))
    song = Transcript(
        "S", 9.0, (Line(words[:1]), Line(words[1:])), provenance=Provenance("0", "none", "t", decoder="greedy")
    )
    text = OUTPUT_FORMATS["audacity"].render(song)
    assert is_label_text(text)
    assert parse_lyrics(text, "song.labels.txt").lines == (Line(words),)


@pytest.mark.parametrize("text", ["", "1 2 3 4\n", "1\t2\ta\nSo far\n", "1.5 2.5 a\n", "99\tballoons\n"])
def test_lyrics_are_not_taken_for_labels(text: str) -> None:
    assert not is_label_text(text)


def test_frequencies_of_audacity_are_no_labels() -> None:
    text = "1.0\t2.0\tSo far\n\\\t6928.4\t6928.4\n3.0\t4.0\taway\n\\\t-1.0\t6334.5\n"
    expected = (Label(1.0, 2.0, "So far"), Label(3.0, 4.0, "away"))
    assert parse_labels(text, "a") == expected
    assert parse_lyrics(text, "a.txt").labels == expected


def test_times_of_htk_are_units_of_100_ns() -> None:
    text = "0 10000000 sil\n10000000 15000000 so\n15000000 20000000 far\n"
    assert parse_labels(text, "a")[1:] == (Label(1.0, 1.5, "so"), Label(1.5, 2.0, "far"))


def test_rows_with_several_words_are_lines_in_order_of_time() -> None:
    lyrics = parse_lyrics("3\t5.5\tso far from home\n1\t2.5\tSo far\n5.5\t6\tgo\n", "a.lab")
    assert [(line.text, line.start_s, line.end_s) for line in lyrics.lines] == [
        ("So far", 1.0, 2.5),
        ("so far from home", 3.0, 5.5),
        ("go", 5.5, 6.0),
    ]
    assert [label.start_s for label in lyrics.labels] == [1.0, 3.0, 5.5]


def test_labels_of_points_have_no_ends() -> None:
    lines = parse_lyrics("1.0\t1.0\tSo far\n2.0\t2.0\taway from\n", "a.txt").lines
    assert [(line.start_s, line.end_s) for line in lines] == [(1.0, None), (2.0, None)]


def test_a_single_invalid_end_does_not_make_the_others_words() -> None:
    with pytest.raises(DataError, match=r"^a\.lab: invalid end 'x' in row 2$"):
        parse_labels("1.0 2.0 So\n3.0 x far\n4.0 5.0 away\n", "a.lab")
    assert [label.text for label in parse_labels("1.0 99 balloons\n3.0 So far\n", "a.lab")] == ["99 balloons", "So far"]
