"""Lyrics in English beside those that are sung, by Whisper's own task "translate": lines with their times only.

Stretches of up to 28 s, cut between lines, are translated from the mix; each translated word goes to the line that is
sung when Whisper's attention places it. Whisper translates into English only, and was not trained on songs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from lyricsrec.audio.media import Song
from lyricsrec.base.errors import UsageError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.lyrics.transcript import Line, Transcript, Word
from lyricsrec.music.companions import with_companions
from lyricsrec.pipeline.pipeline import Pipeline

_LONGEST_S = 28.0
_MARGIN_S = 0.3
_ENGLISH = "en"


@dataclass(frozen=True)
class _Placed:
    """A sung line with times, in seconds, and its number in the transcript."""

    number: int
    start_s: float
    end_s: float


@dataclass(frozen=True)
class _Heard:
    """A translated word and the middle of its time in the song, in seconds."""

    text: str
    _: KW_ONLY
    middle_s: float


def with_translation(pipeline: Pipeline, song: Song, transcript: Transcript, progress: Progress = SILENT) -> Transcript:
    """A transcript of a song with a line in English, of the role "translation", behind each line that got words.

    A transcript in English is kept. Raises UsageError where the recogniser is not a multilingual Whisper model.
    """
    check_translates(pipeline)
    language = transcript.provenance.language
    if language == _ENGLISH:
        progress.note(f"{song.name}: it is in English, so it is not translated")
        return transcript
    placed = [
        _Placed(number, line.start_s, line.end_s)
        for number, line in enumerate(transcript.lines)
        if line.is_sung and line.start_s is not None and line.end_s is not None
    ]
    found: dict[int, list[str]] = {}
    for group in _groups(placed):
        for word in _translated(pipeline, song, group, language):
            line = min(group, key=lambda each: max(each.start_s - word.middle_s, word.middle_s - each.end_s, 0.0))
            found.setdefault(line.number, []).append(word.text)
        progress.update("translating", group[-1].end_s, transcript.duration_s)
    lines = {each.number: _line(found[each.number], each) for each in placed if each.number in found}
    return with_companions(transcript, lines)


def check_translates(pipeline: Pipeline) -> None:
    """Raise UsageError where the recogniser is not a multilingual Whisper model."""
    encoder: Any = getattr(pipeline.recognizer, "encoder", None)
    if encoder is None or not encoder.is_multilingual:
        raise UsageError(
            f"'{pipeline.recognizer.name}' cannot translate: it is not a multilingual Whisper model",
            "Leave out --translate, or choose --preset offline.",
        )


def _groups(lines: Sequence[_Placed]) -> Iterator[list[_Placed]]:
    """Consecutive lines that last up to 28 s together."""
    group: list[_Placed] = []
    for line in lines:
        if group and max(line.end_s, group[-1].end_s) - group[0].start_s > _LONGEST_S:
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _translated(pipeline: Pipeline, song: Song, group: Sequence[_Placed], language: str | None) -> Iterator[_Heard]:
    """The words that Whisper writes in English for the lines of a group."""
    start_s = max(group[0].start_s - _MARGIN_S, 0.0)
    end_s = min(max(line.end_s for line in group) + _MARGIN_S, start_s + _LONGEST_S + 2 * _MARGIN_S)
    audio = pipeline.resample(song.excerpt(start_s, end_s))
    model: Any = pipeline.recognizer.encoder  # type: ignore[attr-defined]
    segments, _ = model.model.transcribe(
        audio.samples[0],
        task="translate",
        language=language,
        word_timestamps=True,
        condition_on_previous_text=False,
        temperature=0.0,
    )
    for segment in segments:
        for word in segment.words or ():
            if text := word.word.strip():
                yield _Heard(text, middle_s=start_s + (word.start + word.end) / 2)


def _line(texts: Sequence[str], place: _Placed) -> Line:
    """A line with the time of the one that it translates: its words have none of their own."""
    words = [Word(part, None, None) for text in texts for part in text.split()]
    last = len(words) - 1
    return Line(
        tuple(
            Word(word.text, None if i else place.start_s, place.end_s if i == last else None)
            for i, word in enumerate(words)
        ),
        role="translation",
    )
