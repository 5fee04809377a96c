"""Names, forms and headings of sections."""

from __future__ import annotations

from lyricsrec.lyrics.music.sections import Section, form_of, headed, names_of
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word

SECTIONS = (
    Section("intro", 0.0, 9.0),
    Section("verse", 9.0, 12.0, lines=(0, 1)),
    Section("chorus", 12.0, 15.0, lines=(2,)),
    Section("verse", 15.0, 18.0, lines=(3,)),
    Section("bridge", None, None, lines=(4,)),
    Section("instrumental", 20.0, 40.0),
)


def test_only_verses_are_numbered() -> None:
    assert names_of(SECTIONS) == ["intro", "verse 1", "chorus", "verse 2", "bridge", "instrumental"]
    assert names_of(SECTIONS[:3]) == ["intro", "verse", "chorus"]


def test_the_form_in_letters() -> None:
    assert form_of(SECTIONS) == "I V C V B S"


def test_sections_of_lines_that_are_gone_have_no_heading() -> None:
    assert [name for name, _ in headed(SECTIONS, 4)] == ["Intro", "Verse 1", "Chorus", "Verse 2", "Instrumental"]


def test_sections_in_json() -> None:
    line = Line((Word("oh", 1.0, 2.0),))
    provenance = Provenance("0", "none", "none", decoder="none")
    transcript = Transcript("a", 60.0, (line,) * 5, provenance=provenance, sections=SECTIONS)
    assert Transcript.from_json(transcript.to_json()) == transcript
    assert '"sections": []' in Transcript("a", 1.0, (), provenance=provenance).to_json()


def test_sections_move_with_their_lines() -> None:
    moved = Retiming(1.0, 0.5, {0: 2.0, 1: -1.0}).sections(SECTIONS[:2])
    assert moved == (Section("intro", 0.5, 9.5), Section("verse", 11.5, 11.5, lines=(0, 1)))
