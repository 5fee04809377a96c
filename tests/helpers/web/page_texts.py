"""The English texts of the page, which its language files must have: those of index.html, and those in `t` and `tn`."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

from lyricsrec.pipeline.presets import PRESETS
from lyricsrec.web.follow_ups.formats import DOWNLOADS

_ATTRIBUTES = ("aria-label", "title", "placeholder")
_VOID = frozenset({"meta", "link", "input", "br", "img"})
_UNTRANSLATED = frozenset({"script", "style", "noscript"})
_STRING = r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"""
_SINGLE = re.compile(rf"(?<![\w.])t\(\s*({_STRING})?")
_PLURAL = re.compile(rf"(?<![\w.])tn\(\s*[^\"'`;]*?,\s*({_STRING}),\s*({_STRING})")
_PLURALS = re.compile(r"(?<![\w.])tn\(")


class _Document(HTMLParser):
    """Collects what `translatePage` translates."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()
        self._open: list[bool] = [True]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_meant = self._open[-1] and tag not in _UNTRANSLATED and given.get("translate") != "no"
        if is_meant:
            self.texts |= {text for name in _ATTRIBUTES if (text := given.get(name)) and _has_letters(text)}
        if tag not in _VOID:
            self._open.append(is_meant)

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if self._open[-1] and _has_letters(text):
            self.texts.add(text)


def _has_letters(text: str) -> bool:
    """Whether there is more than a number, a sign or the letter of a key."""
    return sum(letter.isalpha() for letter in text) > 1


def of_document(source: str) -> set[str]:
    """The texts of an HTML document."""
    document = _Document()
    document.feed(source)
    return document.texts


def of_script(source: str) -> tuple[set[str], set[str]]:
    """The texts and the plurals in the calls of a module. Raises ValueError for one that is not written out."""
    source = re.sub(r"^\s*(//|/?\*).*$", "", source, flags=re.MULTILINE)
    single = _SINGLE.findall(source)
    plural = _PLURAL.findall(source)
    if "" in single or len(plural) != len(_PLURALS.findall(source)):
        raise ValueError("a text must be written out in the call of t or tn")
    return {_value(text) for text in single}, {_value(other) for _, other in plural}


def _value(literal: str) -> str:
    if literal[0] == "'":
        literal = '"' + literal[1:-1].replace("\\'", "'").replace('"', '\\"') + '"'
    value: str = json.loads(literal)
    return value


def of_page(folder: Path) -> tuple[set[str], set[str]]:
    """All texts and all plurals of the page."""
    texts, plurals = of_document((folder / "index.html").read_text("utf-8")), set()
    for path in sorted(folder.glob("*.js")):
        if path.name == "i18n.js":
            continue
        try:
            single, plural = of_script(path.read_text("utf-8"))
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from error
        texts |= single
        plurals |= plural
    return texts, plurals


def of_server() -> set[str]:
    """What the server always says: the names of presets and formats. They are marked in the language files."""
    texts = [format.description for format in DOWNLOADS.values()] + [preset.label for preset in PRESETS.values()]
    return {f"{text}|server" for text in texts if text}
