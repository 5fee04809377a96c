"""Songs of other sources as entries that the DALI package reads."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import DALI
import pytest
from helpers.data_sets import make_jamendo
from helpers.files import DATA, EXAMPLES
from hypothesis import given
from hypothesis import strategies as st

from lyricsrec.base.errors import DataError
from lyricsrec.dataset.sources.base import SourcePaths
from lyricsrec.dataset.sources.jamendolyrics import JamendoSource
from lyricsrec.dataset.sources.ultrastar import UltraStarSource
from lyricsrec.formats.dali.check import LEVELS, check_entry
from lyricsrec.formats.dali.entry import DaliEntry, Timing, read_entry
from lyricsrec.formats.dali.export import to_dali, write_entry
from lyricsrec.lyrics.annotation import Annotation, Note
from lyricsrec.lyrics.transcript import Line, Word


def counts(annotations: dict) -> list[int]:
    return [len(annotations["annot"][level]) for level in LEVELS]


def test_an_ultrastar_song_is_unchanged_by_dali(tmp_path: Path) -> None:
    source = UltraStarSource(EXAMPLES)
    files = source.files()
    assert [file.name for file in files] == [
        "on_the_run_second_verse.txt",
        "on_the_run_third_verse.txt",
        "on_the_run_verse.txt",
    ]
    entry = source.to_dali(files[2])
    path = write_entry(tmp_path, entry, "gz")
    theirs = DALI.get_an_entry(str(path))
    assert counts(theirs.annotations) == counts(entry.annotations) == [28, 21, 4, 2]
    theirs.horizontal2vertical()
    theirs.vertical2horizontal()
    assert counts(theirs.annotations) == [28, 21, 4, 2]
    assert [w["text"] for w in theirs.annotations["annot"]["words"][:3]] == ["so", "far", "away"]
    assert entry.timing == Timing(1190.0, 0.5)
    assert read_entry(path).annotation().words[2].start_s == source.read(files[2]).annotation.words[2].start_s


def test_the_beats_of_the_entry_are_those_of_the_song() -> None:
    source = UltraStarSource(EXAMPLES)
    entry = source.to_dali(source.files()[2])
    same = entry.retimed(entry.timing).annotations["annot"]["notes"]
    for note, again in zip(entry.annotations["annot"]["notes"], same, strict=True):
        assert again["time"] == pytest.approx(note["time"])


def test_it_equals_the_published_entry_of_the_same_song() -> None:
    theirs = read_entry(DATA / "dali" / "619e23d68bca969fa4d429d831cc062a.gz")
    source = UltraStarSource(EXAMPLES)
    ours = source.to_dali(source.files()[2]).annotations["annot"]["notes"]
    for note, other in zip(ours, theirs.annotations["annot"]["notes"], strict=False):
        assert note["text"].strip(",.") == other["text"].strip(",.")
        assert note["freq"] == pytest.approx(other["freq"])
        # The clip begins 10.75 s into the song.
        assert [t + 10.75 for t in note["time"]] == pytest.approx(other["time"], abs=1e-3)


def test_words_without_notes_get_one(tmp_path: Path) -> None:
    source = JamendoSource.open(SourcePaths(make_jamendo(tmp_path / "set")))
    entry = source.to_dali(source.files()[0])
    check_entry(entry.info, entry.annotations)
    assert counts(entry.annotations) == [3, 3, 2, 1]
    assert entry.annotations["annot"]["notes"][1] == {"text": "süß", "time": [1.5, 2.0], "freq": [0.0, 0.0], "index": 1}
    assert entry.info["metadata"]["language"] == "german"


def test_a_long_break_begins_a_paragraph() -> None:
    def line(*starts: float) -> Line:
        return Line(tuple(Word("la", start, start + 0.5) for start in starts))

    entry = to_dali(Annotation("a", "A", "T", lines=(line(0.0, 1.0), line(4.4), Line(()), line(8.0))))
    assert counts(entry.annotations) == [4, 4, 3, 2]
    assert [item["index"] for item in entry.annotations["annot"]["lines"]] == [0, 0, 1]
    assert entry.annotations["annot"]["paragraphs"][0]["time"] == [0.0, 4.9]
    assert entry.annotations["annot"]["paragraphs"][0]["text"] == "la la la"


@st.composite
def annotations(draw: st.DrawFn) -> Annotation:
    """Words of any letters DALI has, with notes that hold syllables, or without."""
    letters = st.text("aäbcdeéñжд'~-3", min_size=1, max_size=6).filter(lambda text: text.strip("~") == text)
    lines, notes, now = [], [], 0.0
    with_notes = draw(st.booleans())
    for count in draw(st.lists(st.integers(1, 3), min_size=1, max_size=4)):
        words = []
        for _ in range(count):
            text = draw(letters)
            cut = draw(st.integers(0, len(text)))
            held = draw(st.sampled_from(["", "~"]))
            last = draw(st.sampled_from(["", "~"]))
            parts = [part for part in (text[:cut], held + text[cut:] if cut else text, last) if part]
            notes.append(tuple(Note(part, now + i, now + i + 1, freq_hz=220.0) for i, part in enumerate(parts)))
            words.append(Word(text, now + draw(st.sampled_from([0.0, 0.25])), now + len(parts)))
            now += len(parts) + draw(st.sampled_from([0.0, 4.0]))
        lines.append(Line(tuple(words)))
    return Annotation(
        "a1",
        draw(st.sampled_from(["", "An Artist"])),
        draw(st.sampled_from(["", "A Title"])),
        lines=tuple(lines),
        language=draw(st.sampled_from([None, "english"])),
        ncc=draw(st.sampled_from([None, 0.0, 0.9])),
        is_ground_truth=draw(st.booleans()),
        genres=tuple(draw(st.sampled_from([[], ["Pop"]]))),
        notes=tuple(notes) if with_notes else None,
    )


@given(annotations(), st.sampled_from(["gz", "json"]))
def test_a_round_trip_changes_nothing(annotation: Annotation, form: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        entry = read_entry(write_entry(Path(folder), to_dali(annotation), form))
    for way in (entry, entry.to_vertical(), entry.to_vertical().to_horizontal()):
        assert way.annotation() == replace(annotation, notes=None)


def test_held_syllables_are_not_part_of_a_word() -> None:
    notes = ((Note("As", 0.0, 1.0), Note("teroi", 1.0, 2.0), Note("~d", 2.0, 3.0), Note("~", 3.0, 4.0)),)
    entry = to_dali(Annotation("a", "A", "T", lines=(Line((Word("Asteroid", 0.0, 4.0),)),), notes=notes))
    assert [word.text for word in entry.annotation().words] == ["asteroid"]
    assert [word.text for word in entry.to_vertical().annotation().words] == ["asteroid"]
    assert counts(entry.annotations) == [4, 1, 1, 1]


def test_an_id_with_a_path_in_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be a file name"):
        write_entry(tmp_path / "in", DaliEntry({"id": "../out"}, {}), "json")
    assert not (tmp_path / "out.json").exists()
