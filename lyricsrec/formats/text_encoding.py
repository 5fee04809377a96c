"""The encoding of text from users: lyrics and karaoke files of many countries and decades."""

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

    The encoding is that of the byte order mark; else UTF-8 if the data is valid; else cp1252 if that gives text of a
    Western language; else the guess of chardet, which is often wrong on short Western text. Bytes that are invalid in
    it become replacement characters.
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
    """Text in the encoding that `decode` found in `data`, with its byte order; unknown characters become "?"."""
    if data.startswith(codecs.BOM_UTF16_BE):
        return codecs.BOM_UTF16_BE + text.encode("utf-16-be")
    return text.encode(encoding, "replace")


def _is_western(text: str) -> bool:
    """Whether all letters are Western European, with an unaccented one in every word of two letters or more."""
    if not _WESTERN.issuperset(c for c in text if not c.isascii()):
        return False
    return all(any(c.isascii() for c in word) for word in _WORD.findall(text))
