"""Lyrics in Latin letters: Chinese, Japanese, Korean, and any other script, with the times of the words.

Chinese by pypinyin (with tones, read in the context of the line), Japanese by cutlet (Hepburn), Korean by koroman
(Revised Romanization), other scripts by uroman.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.lyrics.languages import language_code, language_name
from lyricsrec.lyrics.transcript import Line, Transcript, Word
from lyricsrec.music.companions import with_companions

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff々]")
_KANA = re.compile("[\u3040-\u30ff\u31f0-\u31ff]")
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")


def with_romanised(transcript: Transcript) -> Transcript:
    """As `romanised`, but a transcript in Latin letters is kept as it is. Raises UsageError."""
    return romanised(transcript) if _has_others(transcript.text) else transcript


def romanised(transcript: Transcript) -> Transcript:
    """A transcript with a line in Latin letters, of the role "romanised", behind each sung line that has others.

    Its words have the times of the words they come from; where one becomes several, they share its time.

    Raises DataError where all letters are Latin already, UsageError where the extra `romanise` is not installed.
    """
    sung = {n: line for n, line in enumerate(transcript.lines) if line.is_sung and _has_others(line.text)}
    if not sung:
        raise DataError(f"{transcript.song}: all its letters are Latin", "Leave out --romanise.")
    is_japanese = _is_japanese(transcript)
    lines = {number: romanised_line(line, is_japanese=is_japanese) for number, line in sung.items()}
    return with_companions(transcript, lines)


def romanised_line(line: Line, *, is_japanese: bool = False) -> Line:
    """A line in Latin letters. Chinese characters are read as Japanese if the line is said to be, or has kana."""
    is_japanese = is_japanese or _KANA.search(line.text) is not None
    readings = _pinyin([word.text for word in line.words]) if not is_japanese else {}
    words: list[Word] = []
    for number, word in enumerate(line.words):
        text = readings[number] if number in readings else _scripts(word.text, is_japanese)
        words += _spread(word, text.split() or [word.text])
    return replace(line, words=tuple(words), role="romanised", placement=None)


def _is_japanese(transcript: Transcript) -> bool:
    code = language_code(language_name(transcript.provenance.language))
    return code == "ja" or _KANA.search(transcript.text) is not None


def _has_others(text: str) -> bool:
    return any(c.isalpha() and not unicodedata.name(c, "").startswith(("LATIN", "FULLWIDTH LATIN")) for c in text)


def _scripts(text: str, is_japanese: bool) -> str:
    """A word in Latin letters, by its script; one that is in Latin letters is kept."""
    if not _has_others(text):
        return text
    if _KANA.search(text) or (is_japanese and _HAN.search(text)):
        return str(_cutlet()(text)) or text
    if _HANGUL.search(text):
        return _korean()(text)
    return _uroman()(text)


def _pinyin(texts: Sequence[str]) -> Mapping[int, str]:
    """The readings of the words with Chinese characters, by their numbers; a character is read in its context."""
    if not any(map(_HAN.search, texts)):
        return {}
    read = _pypinyin()
    line = "".join(texts)
    syllables = read(line)
    assert len(syllables) == len(line)
    found, done = dict[int, str](), 0
    for number, text in enumerate(texts):
        if _HAN.search(text):
            pieces = zip(text, syllables[done : done + len(text)], strict=True)
            found[number] = "".join(f" {sound} " if _HAN.match(c) else sound for c, sound in pieces)
        done += len(text)
    return found


def _spread(word: Word, texts: Sequence[str]) -> Iterator[Word]:
    """Words that share the time of one; where its end is unknown, the first has its start."""
    start_s, end_s = word.start_s, word.end_s
    for number, text in enumerate(texts):
        if start_s is not None and end_s is not None:
            edges = [start_s + (end_s - start_s) * n / len(texts) for n in (number, number + 1)]
            yield replace(word, text=text, start_s=round(edges[0], 3), end_s=round(edges[1], 3))
        else:
            is_last = number + 1 == len(texts)
            yield replace(word, text=text, start_s=None if number else start_s, end_s=end_s if is_last else None)


def _missing(package: str) -> UsageError:
    return UsageError(
        f"writing lyrics in Latin letters needs {package}, which is not installed",
        "pip install 'lyricsrec[romanise]'",
    )


@cache
def _pypinyin() -> Callable[[str], list[str]]:
    try:
        from pypinyin import Style, lazy_pinyin
    except ImportError:
        raise _missing("pypinyin") from None
    # Others than Chinese characters stay as they are, one by one.
    convert: Any = lazy_pinyin
    return lambda text: list(convert(text, style=Style.TONE, errors=list))


@cache
def _cutlet() -> Callable[[str], str]:
    try:
        import cutlet
    except ImportError:
        raise _missing("cutlet") from None
    try:
        converter: Any = cutlet.Cutlet()
    except RuntimeError:
        # MeCab has no dictionary.
        raise _missing("unidic-lite") from None
    converter.use_foreign_spelling = False
    return lambda text: str(converter.romaji(text, capitalize=False))


@cache
def _korean() -> Callable[[str], str]:
    try:
        import koroman
    except ImportError:
        raise _missing("koroman") from None
    return lambda text: str(koroman.romanize(text))


@cache
def _uroman() -> Callable[[str], str]:
    try:
        from uroman import Uroman
    except ImportError:
        raise _missing("uroman") from None
    converter: Any = Uroman()
    return lambda text: str(converter.romanize_string(text))
