"""Melodies and chords as JSON documents of the REST interface."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class NoteOut(BaseModel):
    """A sung note: a syllable, `~` where it continues the one before. `word` counts all words of the transcript."""

    text: str
    start_s: float
    end_s: float
    pitch: int = Field(description="A MIDI number, 60 being C4.")
    hertz: float
    word: int | None


class MelodyOut(BaseModel):
    """The notes of the words, corrections included."""

    tuning_cents: float
    notes: list[NoteOut]


class KeyOut(BaseModel):
    """The key of a song."""

    tonic: str = Field(examples=["F#"])
    mode: Literal["major", "minor"]


class ChordOut(BaseModel):
    """A chord: `label` as mir_eval reads it, `symbol` as musicians write it, null where none sounds."""

    start_s: float
    end_s: float
    label: str = Field(examples=["A:min7"])
    symbol: str | None = Field(examples=["Am7"])


class ChordsOut(BaseModel):
    """The chords of a song, with its key, tempo and beats (seconds)."""

    key: KeyOut | None
    bpm: float | None
    beats: list[float]
    chords: list[ChordOut]
