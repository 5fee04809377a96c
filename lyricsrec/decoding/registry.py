"""The registry of decoders: which search serves which settings, vocabulary and language model.

One more search is one file in `search/` and one entry of `SEARCHES`; the first that fits is used.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from lyricsrec.base.errors import UsageError
from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.decoding.hypothesis import Decoder
from lyricsrec.decoding.language_model import LanguageModel, read_language_model
from lyricsrec.decoding.search.greedy import GreedyDecoder
from lyricsrec.decoding.search.letters import LetterDecoder
from lyricsrec.decoding.search.lexicon import LexiconDecoder
from lyricsrec.decoding.search.prefix import PrefixDecoder
from lyricsrec.decoding.search.spelled import SpelledDecoder
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.models.resolve import find_language_model

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Request:
    """What a decoder is wanted for: a recogniser's vocabulary, the settings, and the language model if there is one."""

    vocabulary: Vocabulary
    config: DecodeConfig
    model: LanguageModel | None = None

    @property
    def can_use_lexicon(self) -> bool:
        """Whether the language model lists its words, and the vocabulary consists of single letters and a space."""
        letters = all(len(label) == 1 for label in self.vocabulary.letters)
        return self.model is not None and self.model.words is not None and self.vocabulary.space is not None and letters

    @property
    def must_spell(self) -> bool:
        """Whether words are known, symbols do not say where they end, and no other search serves that."""
        has_words = self.model is not None and self.model.words is not None and self.vocabulary.space is None
        return has_words and (self.vocabulary.pronunciations is not None or find_spec("pyctcdecode") is None)


@dataclass(frozen=True)
class Search:
    """A way to decode: when it is used, and how its decoder is built."""

    fits: Callable[[Request], bool]
    build: Callable[[Request], Decoder]


def _build_lexicon(request: Request) -> Decoder:
    assert request.model is not None
    return LexiconDecoder(request.vocabulary, request.config, request.model)


def _build_spelled(request: Request) -> Decoder:
    assert request.model is not None
    return SpelledDecoder(request.vocabulary, request.config, request.model)


SEARCHES: dict[str, Search] = {
    "greedy": Search(lambda r: r.config.greedy, lambda r: GreedyDecoder()),
    "letters": Search(
        lambda r: r.config.lm is None and not r.config.wants_prefixes,
        lambda r: LetterDecoder(r.vocabulary, r.config),
    ),
    "lexicon": Search(lambda r: r.can_use_lexicon and not r.config.wants_prefixes, _build_lexicon),
    "spelled": Search(lambda r: r.must_spell and not r.config.wants_prefixes, _build_spelled),
    "prefix": Search(lambda r: True, lambda r: PrefixDecoder(r.vocabulary, r.config, r.model)),
}


def make_decoder(vocabulary: Vocabulary, config: DecodeConfig) -> Decoder:
    """The decoder that a configuration asks for, checked against a recogniser's vocabulary.

    Raises UsageError when there is no such language model, ModelError when it cannot be read or does not fit the
    vocabulary.
    """
    model = None
    if vocabulary.has_phonemes:
        _check_phonemes(vocabulary, config)
    if config.lm is not None:
        model = read_language_model(find_language_model(config.lm), vocabulary)
    request = Request(vocabulary, config, model)
    decoder = next(search for search in SEARCHES.values() if search.fits(request)).build(request)
    log.debug("decoder: %s", decoder.name)
    return decoder


def _check_phonemes(vocabulary: Vocabulary, config: DecodeConfig) -> None:
    """Raise UsageError for what a recogniser that outputs phonemes cannot do."""
    if config.wants_prefixes:
        raise UsageError(
            "the recogniser outputs phonemes, which a search of letters cannot use", "Leave out --hotword and --search."
        )
    if config.lm is not None and vocabulary.pronunciations is None:
        raise UsageError(
            "the recogniser outputs phonemes, and its folder has no lexicon.txt with the pronunciations of words",
            "Leave out --lm, or put the lexicon there: a word and its phonemes in each row.",
        )
