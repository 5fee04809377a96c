"""What a song's lyrics are, in figures, words and lines of their own; nothing is invented."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from itertools import accumulate, pairwise

from lyricsrec.base.errors import NoLyricsError
from lyricsrec.lyrics.languages import language_code, language_name
from lyricsrec.lyrics.music.sections import form_of
from lyricsrec.lyrics.transcript import Line, Transcript
from lyricsrec.music.form.summary.lines import hook_of, representative_lines
from lyricsrec.music.form.summary.words import explicit_words, guess_language, key_words, themes_of, words_of

_NUM_LINES = 3
_NUM_WORDS = 8
_LONGEST_BREATH_S = 1.0


@dataclass(frozen=True)
class Length:
    """How long a song and its lyrics are. `duration_s` is in seconds, None if unknown.

    `words_per_minute` is that of the whole song, `words_per_sung_minute` of the time in which words are sung, with
    pauses up to 1 s; both None without times.
    """

    duration_s: float | None
    _: KW_ONLY
    lines: int
    words: int
    distinct_words: int
    words_per_minute: float | None
    words_per_sung_minute: float | None


@dataclass(frozen=True)
class Hook:
    """The line that is sung most, and how often."""

    text: str
    times: int


@dataclass(frozen=True)
class Generated:
    """A paragraph that a language model wrote, and the name of the model."""

    model: str
    text: str


@dataclass(frozen=True)
class Summary:
    """The summary of a song's lyrics.

    `language` is a code, None if unknown; `language_is_guessed` where it follows from the words alone. `form` is in
    letters, as `form_of` writes it.
    """

    song: str
    artist: str | None
    _: KW_ONLY
    language: str | None
    language_is_guessed: bool
    length: Length
    form: str
    hook: Hook | None
    lines: tuple[str, ...]
    key_words: tuple[str, ...]
    themes: tuple[str, ...]
    explicit_words: tuple[str, ...]
    generated: Generated | None = None

    @property
    def is_explicit(self) -> bool:
        """Whether any word is explicit."""
        return bool(self.explicit_words)


def summarize(transcript: Transcript) -> Summary:
    """The summary of a transcript; its sections, if it has any, are the form. Raises NoLyricsError without words."""
    sung = [line for line in transcript.lines if line.is_sung]
    texts = [line.text for line in sung]
    words = words_of("\n".join(texts))
    if not words:
        raise NoLyricsError(f"{transcript.song}: no words to summarise")
    known = language_code(language_name(transcript.provenance.language))
    language = known or guess_language(words)
    hook = hook_of(texts)
    return Summary(
        transcript.tags.title or transcript.song,
        transcript.tags.artist,
        language=language,
        language_is_guessed=known is None and language is not None,
        length=_length(transcript, sung, words),
        form=form_of(transcript.sections),
        hook=None if hook is None else Hook(*hook),
        lines=representative_lines(texts, language, _NUM_LINES),
        key_words=key_words(texts, language, _NUM_WORDS),
        themes=themes_of(words, language),
        explicit_words=explicit_words(words, language),
    )


def _length(transcript: Transcript, lines: list[Line], words: list[str]) -> Length:
    duration_s = transcript.duration_s or None
    sung_s = _sung_s(lines)
    return Length(
        duration_s,
        lines=len(lines),
        words=len(words),
        distinct_words=len(set(words)),
        words_per_minute=round(60 * len(words) / duration_s, 1) if sung_s and duration_s else None,
        words_per_sung_minute=round(60 * len(words) / sung_s, 1) if sung_s else None,
    )


def _sung_s(lines: list[Line]) -> float:
    """The time in which words are sung, in seconds: that of the words, and of pauses of up to 1 s between them."""
    spans = sorted(
        (word.start_s, word.end_s)
        for line in lines
        for word in line.words
        if word.start_s is not None and word.end_s is not None
    )
    if not spans:
        return 0.0
    ends = list(accumulate((end_s for _, end_s in spans), max))
    pauses = ((after[0] - end_s) for (_, after), end_s in zip(pairwise(spans), ends, strict=False))
    return ends[-1] - spans[0][0] - sum(pause for pause in pauses if pause > _LONGEST_BREATH_S)
