"""The encoding of text that people hand in: lyrics and karaoke files from everywhere and every decade."""

from __future__ import annotations

import codecs
import re

_WESTERN = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØŒÙÚÛÜàáâãäåæçèéêëìíîïñòóôõöøœùúûüß¡¿«»‘’‚“”„–—…´°\u00a0")
_WORD = re.compile(r"[^\W\d_]{2,}")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def marked_encoding(data: bytes) -> str | None:
    """The encoding that a byte order mark names, None without one."""
    return next((encoding for bom, encoding in _BOMS if data.startswith(bom)), None)


def decode(data: bytes) -> tuple[str, str]:
    """The text, and the name of its encoding.

    That of its byte order mark; else UTF-8 where that is possible; else cp1252 where that makes it text of a Western
    language; else what chardet finds likeliest, which on little Western text is often wrong. What even that cannot read
    becomes replacement characters.
    """
    if marked := marked_encoding(data):
        return data.decode(marked, "replace"), marked
    for encoding in ("utf-8", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or _is_western(text):
            return text, encoding
    import chardet

    guess = (chardet.detect(data)["encoding"] or "cp1252").lower()
    return data.decode(guess, "replace"), guess


def encode_like(data: bytes, text: str, encoding: str) -> bytes:
    """Text in the encoding that `decode` found in `data`, with the same byte order; what it has no sign for is "?"."""
    if data.startswith(codecs.BOM_UTF16_BE):
        return codecs.BOM_UTF16_BE + text.encode("utf-16-be")
    return text.encode(encoding, "replace")


def _is_western(text: str) -> bool:
    """Whether all letters are those of Western Europe, with a plain one in every word of several."""
    if not _WESTERN.issuperset(c for c in text if not c.isascii()):
        return False
    return all(any(c.isascii() for c in word) for word in _WORD.findall(text))
