"""What sites and song books add to lyrics, and nobody sings: one list, with the place where each stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal

Where = Literal["anywhere", "edge", "top", "last", "site"]

_NUM_TOP = 6
_NUM_END = 6
_LONGEST = 2000
_CONNECTORS = frozenset(
    [
        *("and", "und", "y", "et", "e", "&", ",", "/", "+", "feat", "ft", "feat.", "ft.", "with"),
        *("von", "van", "de", "del", "di", "da", "la", "le", "du", "der", "den", "dos"),
    ]
)


@dataclass(frozen=True)
class Remark:
    """A kind of row that is left out: its pattern, which fits the whole row, and what it is.

    `where` it counts: anywhere, in the first or last rows ("edge"), in the first ones ("top"), in the last one
    ("last"), or only in a sheet that other remarks show to come from a site ("site"). `is_mark` says that this one
    shows it. A group `keep` in the pattern is what remains of the row; a group `names` must be a list of names.
    """

    pattern: re.Pattern[str]
    reason: str
    where: Where = "anywhere"
    _: KW_ONLY
    is_mark: bool = False


def _row(pattern: str, reason: str, where: Where = "anywhere", *, is_mark: bool = False, case: bool = False) -> Remark:
    return Remark(re.compile(pattern, 0 if case else re.IGNORECASE), reason, where, is_mark=is_mark)


_SITE = "added by a lyrics site"
_CREDIT = "a credit"
_SETTING = "for the instrument"
_BOOK = "a field of a song book"
_MAKERS = (
    r"lyrics?|lyricist|words|music|text|musik|letra|música|paroles|musique|testo|musica|composer|compositor(?:es)?"
    r"|autor(?:es)?|songwriters?|writers?|writer\(s\)|producers?|composição|author|melody|vocals?|singers?|artist|album"
    r"|arrange(?:r|ment)|mix(?:ing)?|mastering|translation|перевод|слова|музыка|作词|作曲|编曲|編曲|作詞|制作人|製作人|词|曲|演唱|混音"
    r"|母带|监制|原唱|歌手|专辑|編曲者|歌"
)
_MADE = (
    r"written|composed|produced|arranged|performed|recorded|sung|mixed|mastered|transcribed|tabbed|submitted|translated"
)
_AND = r"(?:and|und|y|et|e|&) "
_FRET = r"(?:\d{1,2}|[ivx]{1,4})(?:st|nd|rd|th|er|º|\.)?(?: ?(?:fret|bund|traste|case|tasto))?"
_CAPO = rf"no [ck]apo|[ck]apo(?:daster)?(?: on| at| fret)?\W{{1,3}}{_FRET}"

REMARKS: tuple[Remark, ...] = (
    _row(r"\d{1,5} Contributors?(?:[A-Z\[].*?Lyrics(?P<keep>.*)|[A-Z].*)?", _SITE, "top", is_mark=True, case=True),
    _row(r"(?:[^\[\]]*[.…] ?)?Read More(?P<keep>\s*\[.*)?", _SITE, "site", case=True),
    _row(r"Get tickets as low as \W{0,3}\d.*", _SITE, is_mark=True, case=True),
    _row(r"See .{1,80} Live", _SITE, "site", case=True),
    _row(r"You might also like(?P<keep>(?:[A-Z\[(\"“].*)?)", _SITE, "site", case=True),
    _row(r"(?P<keep>.*?)\d+(?:\.\d+)?[KM]?Embed(?:Share ?URLCopyEmbedCopy)?", _SITE, "last", is_mark=True, case=True),
    _row(r"(?P<keep>.*[^\sA-Z])?Embed(?:Share ?URLCopyEmbedCopy)?", _SITE, "site", case=True),
    _row(r"Embed(?:Share ?URLCopyEmbedCopy)", _SITE, is_mark=True, case=True),
    _row(r"(?:Translations?|Romanization|English Translation)(?:[A-Z].*)?", _SITE, "site", case=True),
    _row(r"submit corrections|add to playlist|print lyrics|report a problem", _SITE, "edge", is_mark=True),
    _row(r"thanks to .{1,200} for (?:correcting|adding|submitting|sending) .{0,20}lyrics\W?", _SITE, is_mark=True),
    _row(r"lyrics (?:are )?(?:licensed|powered|provided|submitted).{0,60} by .*|(?:source|quelle): ?lyric.*", _SITE),
    _row(r"source: ?musixmatch.*|.{0,60}lyrics ?©.*|songtext von .* ©.*", _SITE),
    _row(r"paroles de la chanson .* par .*|songtext von .*|letra de .* de .*", _SITE, "top"),
    _row(r"(?:https?://|www\.)\S+", "an address"),
    _row(r"(?:©|℗|\(c\)(?= ?\d)|copyright(?= ?[©(\d])).*|all rights reserved\W?.*", "a copyright notice"),
    _row(rf"(?:{_MAKERS})(?:\W{{1,3}}(?:{_AND})?(?:{_MAKERS}))*(?: by)? ?[:\uff1a](?P<names>.*)", _CREDIT, "edge"),
    _row(rf"(?:{_MAKERS})(?:,? {_AND}(?:{_MAKERS}))* by:? (?P<names>.*)", _CREDIT, "edge"),
    _row(rf"(?:{_MADE})(?: {_AND}(?:{_MADE}))? by:? (?P<names>.*)", _CREDIT, "edge"),
    _row(r"(?:title|song|artist|album|year|genre|interpret|titel|titre|título|release date|released):.*", _BOOK, "top"),
    _row(r"ccli .*\d+.*", _BOOK, "edge"),
    _row(rf"\W{{0,2}}(?:{_CAPO})\W{{0,2}}(?:\(.{{0,40}}\))?", _SETTING),
    _row(
        r"(?:(?:standard|drop|open) tuning|tuning ?:)(?: ?[a-g][#b♯♭]?){0,6}(?: ?(?:standard|half step down).*)?",
        _SETTING,
    ),
    _row(r"(?:key|tonart|tono|tonalité)(?: of)?\b ?:? ?[a-h][#b♯♭]?m?(?: ?(?:maj|min|dur|moll)(?:or)?)?", _SETTING),
    _row(r"(?:bpm|tempo)\b ?[:=]? ?\d{2,3}(?: ?bpm)?|time(?: signature)? ?: ?\d{1,2}/\d{1,2}", _SETTING),
    _row(r"(?:difficulty|strumming(?: pattern)?|transpose|chord chart|fingering) ?:.*", _SETTING),
)
"""Rows that are left out, in the order in which they are tried."""


@dataclass(frozen=True)
class Found:
    """What remains of a row, and what the rest of it is."""

    keep: str
    reason: str


def find_remarks(rows: Sequence[str]) -> dict[int, Found]:
    """The rows that are no lyrics, by number, and what remains of them."""
    filled = [number for number, row in enumerate(rows) if row.strip()]
    places = {number: _places(i, len(filled)) for i, number in enumerate(filled)}
    found: dict[int, Found] = {}
    from_site = False
    for remarks in (_ALWAYS, _OF_SITES):
        for number in filled:
            if number not in found and (fit := _fit(rows[number].strip(), places[number], remarks)):
                remark, result = fit
                if remark.where != "site" or from_site or _stands_alone(rows, number):
                    found[number] = result
                    from_site |= remark.is_mark
    return found | _titles(rows, filled, found, from_site=from_site)


_ALWAYS = tuple(remark for remark in REMARKS if remark.where != "site")
_OF_SITES = tuple(remark for remark in REMARKS if remark.where == "site")
_ALSO = "You might also like"


def _places(i: int, num_rows: int) -> frozenset[Where]:
    places: set[Where] = {"anywhere", "site"}
    if i < _NUM_TOP:
        places |= {"top", "edge"}
    if i >= num_rows - _NUM_END:
        places.add("edge")
    if i == num_rows - 1:
        places.add("last")
    return frozenset(places)


def _fit(row: str, places: frozenset[Where], remarks: Sequence[Remark]) -> tuple[Remark, Found] | None:
    for remark in remarks:
        if remark.where not in places or len(row) > _LONGEST:
            continue
        if (match := remark.pattern.fullmatch(row)) and _are_names(match.groupdict().get("names")):
            keep = match.groupdict().get("keep") or ""
            return remark, Found(keep.rpartition("Read More")[2].strip(), remark.reason)
    return None


def _are_names(text: str | None) -> bool:
    """Whether a text is a list of names, each word with a capital: "the side of the road" is not; None is."""
    words = (text or "").replace(",", " ").split()
    if text is None or not words:
        return text is None
    return len(words) <= 12 and all(word.lower() in _CONNECTORS or not word[0].islower() for word in words)


def _stands_alone(rows: Sequence[str], number: int) -> bool:
    """Whether "You might also like" is between blank rows or over a heading, where no line of the song would be."""
    before = rows[number - 1].strip() if number else ""
    after = rows[number + 1].strip() if number + 1 < len(rows) else ""
    return (
        rows[number].startswith(_ALSO) and (not before or number > 0) and (after.startswith("[") or not before + after)
    )


def _titles(
    rows: Sequence[str], filled: Sequence[int], found: Mapping[int, Found], *, from_site: bool
) -> dict[int, Found]:
    """Titles over the lyrics: "Title Lyrics" of a site, and "Title" with "by Somebody" beneath."""
    left = [number for number in filled if number not in found]
    titles: dict[int, Found] = {}
    for number in left[:2]:
        title, mark, rest = rows[number].strip().partition(" Lyrics")
        followed = from_site or rest.startswith("[") or _next(rows, number).startswith("[")
        if mark and title and followed and (not rest or rest.startswith("[")):
            titles[number] = Found(rest, "the title")
    if len(left) > 2 and left[1] == left[0] + 1 and left[2] > left[1] + 1:
        words = rows[left[1]].split(maxsplit=1)
        if len(words) == 2 and words[0].lower() in ("by", "von", "par", "de") and _are_names(words[1]):
            titles |= dict.fromkeys(left[:2], Found("", "the title and its author"))
    return titles


def _next(rows: Sequence[str], number: int) -> str:
    return next((row.strip() for row in rows[number + 1 : number + 3] if row.strip()), "")
