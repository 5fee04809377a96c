"""The registry of decoders: which search serves which settings, vocabulary and language model.

One more search is one file in `search/` and one entry of `SEARCHES`; the first that fits is used.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from lyricsrec.base.errors import UsageError
from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.decoding.hypothesis import Decoder
from lyricsrec.decoding.language_model import LanguageModel, read_language_model
from lyricsrec.decoding.search.greedy import GreedyDecoder
from lyricsrec.decoding.search.letters import LetterDecoder
from lyricsrec.decoding.search.lexicon import LexiconDecoder
from lyricsrec.decoding.search.prefix import PrefixDecoder
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


@dataclass(frozen=True)
class Search:
    """A way to decode: when it is used, and how its decoder is built."""

    fits: Callable[[Request], bool]
    build: Callable[[Request], Decoder]


def _build_lexicon(request: Request) -> Decoder:
    assert request.model is not None
    return LexiconDecoder(request.vocabulary, request.config, request.model)


SEARCHES: dict[str, Search] = {
    "greedy": Search(lambda r: r.config.greedy, lambda r: GreedyDecoder()),
    "letters": Search(
        lambda r: r.config.lm is None and not r.config.wants_prefixes,
        lambda r: LetterDecoder(r.vocabulary, r.config),
    ),
    "lexicon": Search(lambda r: r.can_use_lexicon and not r.config.wants_prefixes, _build_lexicon),
    "prefix": Search(lambda r: True, lambda r: PrefixDecoder(r.vocabulary, r.config, r.model)),
}


def make_decoder(vocabulary: Vocabulary, config: DecodeConfig) -> Decoder:
    """The decoder that a configuration asks for, checked against a recogniser's vocabulary.

    Raises UsageError when there is no such language model, ModelError when it cannot be read or does not fit the
    vocabulary.
    """
    model = None
    if vocabulary.has_phonemes and (config.lm is not None or config.wants_prefixes):
        raise UsageError(
            "the recogniser outputs phonemes, which a language model or a search of words cannot use",
            "Leave out --lm, --hotword and --search.",
        )
    if config.lm is not None:
        model = read_language_model(find_language_model(config.lm), vocabulary)
    request = Request(vocabulary, config, model)
    decoder = next(search for search in SEARCHES.values() if search.fits(request)).build(request)
    log.debug("decoder: %s", decoder.name)
    return decoder
