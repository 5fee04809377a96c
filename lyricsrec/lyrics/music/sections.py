"""Sections of a song: chorus, verse, bridge and the like, with their times and lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar, Literal

SectionLabel = Literal["intro", "verse", "pre-chorus", "chorus", "bridge", "instrumental", "outro"]

_LETTERS: dict[SectionLabel, str] = {
    "intro": "I",
    "verse": "V",
    "pre-chorus": "P",
    "chorus": "C",
    "bridge": "B",
    "instrumental": "S",
    "outro": "O",
}


@dataclass(frozen=True)
class Section:
    """A part of a song: its label, its times in seconds (None if unknown), and the numbers of its lines, from 0.

    Without lines it is a part in which nobody sings.
    """

    __pydantic_config__: ClassVar[dict[str, bool]] = {"allow_inf_nan": False}

    label: SectionLabel
    start_s: float | None
    end_s: float | None
    _: KW_ONLY
    lines: tuple[int, ...] = ()


def names_of(sections: Sequence[Section]) -> list[str]:
    """What the sections are called: "verse 1", "verse 2", "chorus"; only verses have numbers, if there are several."""
    several = Counter(section.label for section in sections)["verse"] > 1
    names, number = list[str](), 0
    for section in sections:
        number += section.label == "verse"
        names.append(f"verse {number}" if several and section.label == "verse" else section.label)
    return names


def form_of(sections: Sequence[Section]) -> str:
    """How a song is built, in letters: "V C V C B C".

    V is a verse, P a pre-chorus, C a chorus, B a bridge, I an intro, O an outro, S a solo or another instrumental part.
    """
    return " ".join(_LETTERS[section.label] for section in sections)


def headed(sections: Sequence[Section], num_lines: int) -> Iterator[tuple[str, Section]]:
    """The sections with their headings ("Verse 1"), without lines that a transcript of `num_lines` lines lacks."""
    for name, section in zip(names_of(sections), sections, strict=True):
        if not section.lines or all(0 <= line < num_lines for line in section.lines):
            yield name.capitalize(), section
