"""UltraStar files of every encoding and quirk, among them the 31 cases of UltraStar Play's parser."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.files import DATA, EXAMPLES

from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Problem
from lyricsrec.formats.karaoke.ultrastar import UltraStarSong, parse_ultrastar, read_ultrastar
from lyricsrec.formats.read import parse_lyrics, rewritten
from lyricsrec.lyrics.annotation import Note
from lyricsrec.lyrics.retiming import Retiming

CASES = DATA / "ultrastar_parser_cases"
MANGLED = "TestTitle___ä___ß___'___?"
CYRILLIC = "TestTitle___ä___ß___'___Ж"


def song(text: str) -> UltraStarSong:
    return parse_ultrastar(text.encode())


def sung(parsed: UltraStarSong, voice: int = 0) -> str:
    return "|".join("".join(beat.text for beat in line) for line in parsed.voices[voice])


@pytest.mark.parametrize(
    ("name", "title", "lyrics"),
    [
        ("Duet", "SomeTitle", "Hel lo First Vocals!"),
        ("ISO-8859-1", "Tränenüberströmt nach Fußmassage", "Süße Löwenbabys!"),
        ("LoadAndSaveProperties", "SomeTitle", "Hello world|Hello P1!"),
        ("LyricsSpaceAtTheEnd", "SomeTitle", "Hello world!"),
        ("LyricsSpaceAtTheStart", "SomeTitle", "Hello world!"),
        ("MissingTagName", MANGLED, "Hel lo  world!"),
        ("MissingTagValue", MANGLED, "Hel lo  world!"),
        ("MixedCase", "TestTitle", "Hel lo world!"),
        ("MultipleSpacesAsNoteSeparator", "SomeTitle", "Hello world~"),
        ("NegativeNoteValues", "TestTitle", "Hel lo world!"),
        ("NoSpaceAfterNoteType", "SomeTitle", "Hello"),
        ("NoteWithoutLyricsAndMissingLastSeparator", "SomeTitle", "Hel world|Hello world"),
        ("OChristmasTree", "O Christmas Tree", None),
        ("ParseVersion", MANGLED, "Hel lo world!"),
        ("ScoreRelevantSongHash", "SomeTitle", "Hel lo P1!"),
        ("Solo", "SomeTitle", "Hel lo First Vocals!"),
        ("SpaceAroundNumber", MANGLED, "Hel lo  world!"),
        ("SpaceAroundTagNameAndValue", MANGLED, "Hel lo  world!"),
        ("UTF16-BE-BOM", CYRILLIC, "Hel lo  world!"),
        ("UTF16-LE-BOM", CYRILLIC, "Hel lo  world!"),
        ("UTF8-BOM", CYRILLIC, "Hel lo  world!"),
        ("UTF8-NoBOM", CYRILLIC, "Hel lo  world!"),
        ("Windows1252", "Tränenüberströmt nach Fußmassage", "Süße Löwenbabys!"),
        ("WithPhraseEndBeat", "SomeTitle", "Hello world|Hello world"),
        ("WithoutPhraseEndBeat", "SomeTitle", "Hello world|Hello world"),
        ("cp865-explicit-encoding", "det finnes ikke dårlig vær, bare dårlige klær", "Hello world!"),
        ("cp865", "det finnes ikke dårlig vær, bare dårlige klær", "Hello world!"),
        ("invalid-explicit-encoding", "SongTitle", "Hello world!"),
        ("koi8-r", "Я люблю тебя", "Hello world!"),
        ("v1.0.0", MANGLED, "Hel lo world!"),
        ("v2.0.0", MANGLED, "Hel lo world!"),
    ],
)
def test_parser_cases(name: str, title: str, lyrics: str | None) -> None:
    parsed = read_ultrastar(CASES / f"{name}.txt")
    assert parsed.tags["TITLE"] == title
    if lyrics is not None:
        assert sung(parsed) == lyrics


def test_every_parser_case_has_its_row() -> None:
    rows = next(mark for mark in test_parser_cases.pytestmark if mark.name == "parametrize").args[1]  # type: ignore[attr-defined]
    assert sorted(row[0] for row in rows) == sorted(path.stem for path in CASES.glob("*.txt"))


def test_details_of_the_parser_cases() -> None:
    def case(name: str) -> UltraStarSong:
        return read_ultrastar(CASES / f"{name}.txt")

    assert case("Windows1252").tags["ARTIST"] == "Käse und Gemüse"
    assert case("koi8-r").tags["ARTIST"] == "Кириллица is Cyrillic"
    assert case("cp865-explicit-encoding").encoding == "cp865"
    assert case("invalid-explicit-encoding").problems == (Problem("invalid #ENCODING:InvalidEncoding"),)
    assert case("MissingTagName").problems == (Problem("not understood, skipped: '#:TagValue1'", 6),)
    assert case("MissingTagValue").tags["LANGUAGE"] == ""
    assert case("MixedCase").tags["COVER"] == "cover.jpg"
    assert (case("SpaceAroundNumber").bpm, case("SpaceAroundNumber").gap_s) == (200.0, pytest.approx(0.00012))
    assert case("SpaceAroundTagNameAndValue").tags["YEAR"] == "2022"
    assert case("SpaceAroundTagNameAndValue").annotation().language == "english"
    assert len(case("Duet").voices) == 2
    assert sung(case("Duet"), 1) == "Hel lo Second Vocals!"
    assert sung(case("MultipleSpacesAsNoteSeparator"), 1) == "Hello world~"
    assert [beat.start for beat in case("NegativeNoteValues").voices[0][0]] == [4, -8, 12]
    assert case("LoadAndSaveProperties").audio == "SomeAudio.ogg"
    assert case("v1.0.0").gap_s == case("v2.0.0").gap_s == 1.0
    assert len(case("NoteWithoutLyricsAndMissingLastSeparator").voices[0][0]) == 3


def test_times_words_and_notes_of_a_real_song() -> None:
    annotation = read_ultrastar(EXAMPLES / "karaoke" / "on_the_run_verse.txt").annotation()
    assert (annotation.artist, annotation.title, annotation.language) == (
        "Joshua Morin",
        "On the run (verse)",
        "english",
    )
    assert annotation.lines[0].text == "So far away from home,"
    assert len(annotation.words) == 21
    assert annotation.words[0].start_s == 0.5
    # "a" and "way" are beats 12 to 14 and 16 to 20 of 1190 a minute.
    assert annotation.words[2].start_s == pytest.approx(0.5 + 12 * 60 / 1190)
    assert annotation.words[2].end_s == pytest.approx(0.5 + 20 * 60 / 1190)
    assert annotation.notes is not None
    assert [note.text for note in annotation.notes[2]] == ["a", "way"]
    assert annotation.notes[0][0].freq_hz == pytest.approx(440.0)
    assert annotation.notes[0][0] == Note("So", 0.5, pytest.approx(0.5 + 3 * 60 / 1190), freq_hz=pytest.approx(440.0))


@pytest.mark.parametrize(
    ("notes", "words"),
    [
        (": 0 1 0 Hel\n: 1 1 0 lo\n: 2 1 0  you", ["Hello", "you"]),
        (": 0 1 0 Hel\n: 1 1 0 lo \n: 2 1 0 you", ["Hello", "you"]),
        (": 0 1 0 cra\n: 1 1 0 ~\n: 2 1 0 zy", ["crazy"]),
        (": 0 1 0 oh \n: 1 1 0 ~\n: 2 1 0 no", ["oh", "no"]),
        (": 0 1 0 oh\n: 1 1 0  ~\n: 2 1 0  no", ["oh", "no"]),
        (": 0 1 0 oh\n- 1\n: 2 1 0 no", ["oh", "no"]),
        ("F 0 1 0 oh\nR 1 1 0  no\nG 2 1 0  yes\n* 3 1 0  go", ["oh", "no", "yes", "go"]),
        ("f 0 1 0 oh", ["oh"]),
        ("P1\n: 0 1 0 one\nP2\n: 5 1 0 two", ["one", "two"]),
        ("P1\n: 5 1 0 one\nP2\n: 0 1 0 two", ["two", "one"]),
        ("P 1\n: 0 1 0 both\nP 2\n: 0 1 0 both", ["both"]),
        (": 0 1 0 oh\nE\n: 1 1 0 no", ["oh"]),
    ],
)
def test_words(notes: str, words: list[str]) -> None:
    assert [word.text for word in song(f"#BPM:300\n{notes}\n").annotation().words] == words


def test_relative_beats_count_from_their_line() -> None:
    text = "#BPM:15\n#RELATIVE:yes\n: 1 1 0 a\n- 3 4\n: 1 1 0 b\n- 2\n: 0 1 0 c\n"
    assert [word.start_s for word in song(text).annotation().words] == [1.0, 5.0, 6.0]


def test_decimal_comma_and_old_line_ends() -> None:
    parsed = song("#BPM:297,5\r#GAP:1500,5\r: 0 1 0 oh\r")
    assert (parsed.bpm, parsed.gap_s) == (297.5, 1.5005)
    assert sung(parsed) == "oh"


@pytest.mark.parametrize("tags", ["", "#BPM:\n", "#BPM:fast\n", "#BPM:0\n", "#BPM:-3\n"])
def test_without_a_tempo_there_are_no_times(tags: str) -> None:
    with pytest.raises(DataError, match="no valid #BPM"):
        song(f"{tags}: 0 1 0 oh\n").annotation()


def test_files_without_notes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("So far away from home\n")
    with pytest.raises(DataError, match=r"a\.txt: no notes in it, so it is not an UltraStar song"):
        read_ultrastar(tmp_path / "a.txt")
    with pytest.raises(DataError, match="cannot be read"):
        read_ultrastar(tmp_path / "b.txt")


@pytest.mark.parametrize(
    "note", [": 99999999999 1 0 oh", ": 0 1 99999 oh", ": 0 oh", ": x 1 0 oh", "So far", "? 1 2 3 oh"]
)
def test_malformed_notes_are_problems(note: str) -> None:
    parsed = song(f"#BPM:100\n: 0 1 0 la\n{note}\n")
    assert (sung(parsed), len(parsed.problems)) == ("la", 1)


def test_a_tempo_change_is_a_problem() -> None:
    (problem,) = song("#BPM:100\n: 0 1 0 oh\nB 8 120\n").problems
    assert str(problem) == "row 3: a change of tempo is not supported, so the times after it are wrong: 'B 8 120'"


def sung_lines(notes: str) -> list[tuple[str, tuple[str, ...], float | None]]:
    lines = song(f"#BPM:300\n#P1:Ann\n{notes}\n").annotation().lines
    return [(line.text, line.singers, line.start_s) for line in lines]


ANN = ": 0 4 0 Hi\n- 10\n: 40 4 0 Both\n: 50 4 0  of\n- 60\n"
BOB = ": 20 4 0 you\n- 30\n: 41 4 4 both\n: 51 4 4  of\n- 60\n"
SUNG = [("Hi", ("Ann",), 0.0), ("you", ("P2",), 1.0), ("Both of", ("Ann", "P2"), 2.0)]


@pytest.mark.parametrize(
    "notes",
    [
        f"P1\n{ANN}P2\n{BOB}",
        f"P 2\n{BOB}p1\n{ANN}",
        f"#P1\n{ANN}#P2\n{BOB}",
        f"P1\n{ANN}#P2:\n{BOB}",
        f"P1\n{ANN}P2\n: 20 4 0 you\nP3\n: 40 4 0 Both\n: 50 4 0  of\n",
        # Without rows that name the voices, the second begins where the times begin anew.
        f"{ANN}{BOB}",
    ],
)
def test_duets_are_in_order_of_time_and_name_the_singers(notes: str) -> None:
    assert sung_lines(notes) == SUNG


def test_shared_lines_have_the_rows_of_both_voices() -> None:
    duet = song(f"#BPM:300\nP1\n{ANN}P2\n{BOB}")
    assert duet.line_rows() == [[2], [8], [4, 5, 10, 11]]
    annotation = duet.annotation()
    assert annotation.notes is not None
    assert [note.freq_hz for notes in annotation.notes for note in notes] == [pytest.approx(261.6, abs=0.1)] * 4


def test_a_voice_whose_lines_are_in_disorder_is_sorted() -> None:
    notes = ": 40 4 0 c\n- 50\n: 20 4 0 b\n- 30\n: 0 4 0 a\n- 10\n: 60 4 0 d\n"
    assert sung_lines(notes) == [(text, (), start_s) for text, start_s in zip("abcd", (0, 1, 2, 3), strict=True)]


@pytest.mark.parametrize(
    ("note", "word", "start_s", "problem"),
    [
        ("N 16 4 0  new", "new", 0.8, "unknown kind of note 'N', read as a common one"),
        (": 12.5 4 0  half", "half", 0.625, None),
        (": 12,5 4 0.5  half", "half", 0.625, None),
        (": 16 4  nopitch", "nopitch", 0.8, "a note without a pitch"),
        ("*16 4  4ever", "4ever", 0.8, "a note without a pitch"),
    ],
)
def test_notes_that_the_standard_does_not_know_are_read(
    note: str, word: str, start_s: float, problem: str | None
) -> None:
    parsed = song(f"#BPM:300\n: 0 4 0 Hel\n: 4 4 0 lo\n{note}\n: 30 4 0  end\n")
    words = parsed.annotation().words
    assert [(found.text, found.start_s) for found in words] == [("Hello", 0.0), (word, start_s), ("end", 1.5)]
    assert [str(found) for found in parsed.problems] == ([f"row 4: {problem}: {note!r}"] if problem else [])
    notes = parsed.annotation().notes
    assert notes is not None
    assert (notes[1][0].freq_hz == 0.0) == (problem == "a note without a pitch")


def test_rows_before_the_tags_are_named() -> None:
    lyrics = parse_lyrics("Downloaded\n#TITLE:T\n#BPM:300\n: 0 4 0 Hi\nE\n", "a.txt")
    assert (lyrics.format.name, lyrics.lines[0].text) == ("ultrastar", "Hi")
    assert lyrics.notes == ("a.txt: row 1: not understood, skipped: 'Downloaded'",)


def test_beats_with_fractions_move_with_their_line() -> None:
    text = "#BPM:300\n#GAP:0\n: 0 4 0 a\n- 10\n: 40.5 4 0 b\nE\n"
    lyrics = parse_lyrics(text, "a.txt")
    assert rewritten(lyrics, Retiming(moves_s={1: 0.5}), ".txt").data.decode("utf-8-sig") == text.replace(
        "40.5", "50.5"
    )


def test_rows_after_the_end() -> None:
    assert sung_lines(f"P1\n{ANN}E\n\nP2\n{BOB}E\n") == SUNG
    parsed = song(f"#BPM:300\n{ANN}E\n{BOB}E\n")
    assert [line.text for line in parsed.annotation().lines] == ["Hi", "Both of"]
    assert parsed.problems == (Problem("the song ends here: 3 notes after it are skipped", 7),)
    assert song(f"#BPM:300\n{ANN}E\ncopied by me\n").problems == ()


@pytest.mark.parametrize("bpm", ["inf", "nan", "1e400", "1e300", "1e-300", "-300"])
def test_tempos_that_give_no_times(bpm: str) -> None:
    with pytest.raises(DataError, match="no valid #BPM tag"):
        parse_ultrastar(f"#BPM:{bpm}\n: 0 4 0 So\nE\n".encode()).annotation()


@pytest.mark.parametrize("gap", ["inf", "nan", "1e400"])
def test_a_gap_that_is_not_finite_is_none(gap: str) -> None:
    assert parse_ultrastar(f"#BPM:300\n#GAP:{gap}\n: 0 4 0 So\nE\n".encode()).annotation().lines[0].start_s == 0.0
