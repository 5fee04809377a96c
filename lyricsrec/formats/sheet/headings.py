"""Headings of the parts of a song: "[Chorus: Somebody]", "Verse II", "(Repeat chorus x2)", "Estribillo:"."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass

PARTS: dict[str, str] = {
    "verse": (
        r"verse|vers|verso|strophe|couplet|estrofa|estrofe|strofa|stanza|couplet|zwrotka|куплет|στροφή|主歌"
        r"|aメロ|bメロ|cメロ|絶"
    ),
    "chorus": (
        r"chorus|refrain|refrão|refrao|refren|refrein|refräng|kehrvers|estribillo|coro|ritornello|omkvæd|kertosäe"
        r"|refr?|припев|приспів|ρεφρέν|nakarat|hook|副歌|サビ|후렴"
    ),
    "pre-chorus": r"pre[- ]?(?:chorus|refrain|coro|refrão|hook|estribillo)|pré[- ]?refrain|vor[- ]?refrain|build",
    "post-chorus": r"post[- ]?(?:chorus|refrain|coro|refrão|hook)|nach[- ]?refrain",
    "bridge": r"bridge|puente|pont|ponte|brücke|überleitung|brygga|middle eight|middle 8|бридж|γέφυρα",
    "intro": r"intro|introducción|introduction|vorspiel|вступление|前奏",
    "outro": r"outro|ending|coda|nachspiel|final|schluss|концовка|尾奏",
    "instrumental": (
        r"(?:guitar |piano |sax |gitarren)?solo|instrumental|interlude|interludio|zwischenspiel|breakdown|break|drop"
        r"|проигрыш|間奏|间奏"
    ),
}
"""Names of the parts of a song, by kind: English, German, Spanish, French, Italian, Portuguese, Dutch, and others."""

CHORUSES = ("chorus", "pre-chorus", "post-chorus")
_WORDS_OF_SONGS = frozenset(
    [
        *("hook", "bridge", "break", "drop", "build", "final"),
        *("solo", "intro", "outro", "coda", "vers", "coro", "ref", "refr"),
    ]
)
"""Names that lyrics contain as words of their own."""
_COUNTS = {"twice": 2, "two times": 2, "three times": 3, "four times": 4, "zweimal": 2, "dos veces": 2, "bis": 2}
_NUMERALS = {"one": 1, "two": 2, "three": 3, "four": 4, "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7}
_ORDINALS = {
    **{"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "first": 1, "second": 2, "third": 3, "fourth": 4},
    **{"erste": 1, "zweite": 2, "dritte": 3, "primera": 1, "segunda": 2, "tercera": 3},
    **dict.fromkeys(("last", "final", "double"), 0),
}
MAX_REPEATS = 20
_KIND = "|".join(f"(?P<k{number}>{names})" for number, names in enumerate(PARTS.values()))
_TIMES = rf"[x×]\s?\d{{1,2}}|\d{{1,2}}\s?[x×]|\d{{1,2}} times|{'|'.join(_COUNTS)}"
_GRAMMAR = re.compile(
    rf"(?:(?P<repeat>repeat|repetir|repite|répéter|wiederholen|wdh\.?|ripetere|повтор) (?:the |el |le |la |den )?)?"
    rf"(?:(?P<ordinal>{'|'.join(_ORDINALS)}|\d{{1,2}}\.?) )?(?:{_KIND})s?"
    rf"(?: ?#?(?P<number>\d{{1,2}}|{'|'.join(sorted(_NUMERALS, key=len, reverse=True))})\b\.?)?"
    rf"(?P<again> repeats?| again)?(?:(?: ?[:\-–—])? ?[(\[]?(?P<times>{_TIMES})[)\]]?)?(?P<rest>.*)"
)
_MARK = re.compile(rf"\s?[(\[]?(?:{_TIMES})[)\]]?", re.IGNORECASE)
_REST = re.compile(
    r" ?[:\-–—/|,&+(].*|[.:…]{1,3}|(?: (?:break|solo|section|and fade|fade out|to fade|and out|repeats?|again))+"
)
_BRACKETS = {"[": "]", "(": ")", "{": "}", "<": ">", "【": "】", "［": "］", "（": "）"}
_DECORATION = "*#=~_-–— \t"
_LONGEST = 80


@dataclass(frozen=True)
class Heading:
    """The heading of a part of a song.

    `number` is 0 where it has none. `repeats` is how often the part is sung, `repeat` whether the heading asks to sing
    again what was sung before. `sure` is false for a bare word that lyrics may contain, such as "Bridge".
    """

    kind: str
    number: int = 0
    _: KW_ONLY
    repeats: int = 1
    repeat: bool = False
    sure: bool = True


def heading(row: str) -> Heading | None:
    """The heading that a row is, None for another row."""
    text = row.strip()
    if not text or len(text) > _LONGEST:
        return None
    bare = text.strip(_DECORATION)
    inner, marked = _unwrapped(bare), bare != text
    if inner == bare and bare[:1] in _BRACKETS and (end := bare.find(_BRACKETS[bare[0]])) > 0:
        # "[Chorus] x2", "(Chorus) (2x)"
        if not _MARK.fullmatch(bare[end + 1 :]):
            return None
        inner = f"{bare[1:end].strip()} {bare[end + 1 :].strip()}"
    return _parsed(inner, marked=marked or inner != bare, is_round=text[0] in "(（")


def _unwrapped(text: str) -> str:
    """A text without brackets around all of it."""
    close = _BRACKETS.get(text[:1])
    while len(text) > 1 and close == text[-1] and close not in text[:-1]:
        text = text[1:-1].strip(_DECORATION)
        close = _BRACKETS.get(text[:1])
    return text


def split_heading(row: str, *, sure: bool = True) -> tuple[str, str]:
    """The heading in brackets, or before a colon, at the beginning of a row, and the words behind it.

    With `sure`, a name that lyrics may contain counts only in brackets: "Hook: oh" is sung.
    """
    text = row.strip()
    close = _BRACKETS.get(text[:1])
    end = text[:_LONGEST].find(close or ":") + 1
    found = heading(text[:end].rstrip(":")) if 0 < end < len(text) and text[0] not in "(（" else None
    if found is None or (sure and not found.sure) or heading(text) is not None:
        return "", row
    rest = text[end:].strip()
    return (text[:end], rest) if any(c.isalpha() for c in rest) else ("", row)


def _parsed(text: str, *, marked: bool, is_round: bool) -> Heading | None:
    match = _GRAMMAR.fullmatch(" ".join(text.casefold().split()))
    if match is None:
        return None
    rest = match["rest"]
    kind = next(kind for number, kind in enumerate(PARTS) if match[f"k{number}"])
    name = next(match[f"k{number}"] for number in range(len(PARTS)) if match[f"k{number}"])
    if rest[:1].isalnum() or (rest and _REST.fullmatch(rest) is None and (not marked or is_round)):
        return None
    if not marked and rest.strip(" .:…") and rest.strip()[0] != "(":
        return None
    numbered = bool(match["number"] or match["ordinal"])
    sure = marked or numbered or bool(match["repeat"] or match["times"]) or rest.strip(" .") == ":"
    return Heading(
        kind,
        _number(match["number"] or match["ordinal"] or ""),
        repeats=_times(match["times"] or ""),
        repeat=bool(match["repeat"] or match["again"]),
        sure=sure or name not in _WORDS_OF_SONGS,
    )


def _number(text: str) -> int:
    digits = text.rstrip(".")
    return int(digits) if digits.isdecimal() else _NUMERALS.get(digits, _ORDINALS.get(digits, 0))


def _times(text: str) -> int:
    digits = "".join(c for c in text if c.isdecimal())
    times = int(digits) if digits else _COUNTS.get(text, 1)
    return times if 1 <= times <= MAX_REPEATS else 1
