"""Languages other than English: their voices, and lines of everyday words in them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voices import VARIANTS, Voice
from wordfreq import top_n_list, word_frequency


@dataclass(frozen=True)
class Language:
    """A language by its code in wordfreq.

    `espeak` are voices of espeak-ng, `festival` those of festival with the encoding of their text. `kokoro` is the
    espeak-ng voice whose phonemes Kokoro speaks; its voices are Japanese, its phonemes of many languages.
    """

    code: str
    espeak: tuple[str, ...]
    festival: tuple[str, ...] = ()
    encoding: str = "utf-8"
    kokoro: str | None = None


_ROWS = (
    Language("cs", ("cs",), ("czech_dita", "czech_krb", "czech_machac", "czech_ph"), "iso-8859-2"),
    Language("de", ("de",), kokoro="de"),
    Language("el", ("el",)),
    Language("es", ("es", "es-419"), kokoro="es"),
    Language("fi", ("fi",), ("hy_fi_mv_diphone", "suo_fi_lj_diphone"), "iso-8859-1"),
    Language("fr", ("fr-fr", "fr-be", "fr-ch"), kokoro="fr-fr"),
    Language("it", ("it",), ("lp_diphone", "pc_diphone"), "iso-8859-1", kokoro="it"),
    Language("ko", ("ko",)),
    Language("nl", ("nl",)),
    Language("pl", ("pl",)),
    Language("pt", ("pt-br", "pt"), kokoro="pt-br"),
    Language("ro", ("ro",)),
    Language("ru", ("ru",), ("msu_ru_nsh_clunits",)),
    Language("sv", ("sv",)),
    Language("tr", ("tr",)),
)

LANGUAGES: Mapping[str, Language] = {language.code: language for language in _ROWS}


def random_voice(language: Language, rng: random.Random) -> Voice:
    """A random speaker of a language; one of Kokoro's where it knows the language."""
    shares = {"espeak": 0.6, "festival": 0.4 * bool(language.festival), "kokoro": 0.2 * bool(language.kokoro)}
    engine = rng.choices(list(shares), list(shares.values()))[0]
    speed = rng.uniform(0.75, 1.2)
    if engine == "kokoro":
        weights = tuple(rng.expovariate(1.0) ** 2 for _ in range(10))
        return Voice(engine, "mixed", speed, shares=weights, accent=language.kokoro or "")
    if engine == "festival":
        return Voice(engine, rng.choice(language.festival), speed, encoding=language.encoding)
    return Voice(engine, f"{rng.choice(language.espeak)}+{rng.choice(VARIANTS)}", speed, rng.randint(20, 80))


def word_lines(code: str, rng: random.Random, count: int) -> list[str]:
    """Lines of 3 to 7 everyday words of a language, drawn by how often they are used."""
    words = [word for word in top_n_list(code, 20_000) if word.isalpha()]
    weights: Sequence[float] = [word_frequency(word, code) ** 0.6 for word in words]
    return [" ".join(rng.choices(words, weights, k=rng.randint(3, 7))) for _ in range(count)]
