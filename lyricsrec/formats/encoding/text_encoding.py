"""The encoding of a text, found from its bytes."""

from __future__ import annotations

import codecs
import warnings

from lyricsrec.formats.encoding.alphabets import STRANGE, oddities

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_CONTROL = bytes({*range(9), *range(14, 32)} - {0x1B})
_ESCAPES = (b"\x1b$", b"\x1b(")
_LEGACY = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874"),
    *("koi8-r", "koi8-u", "iso8859-2", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-15"),
    *("cp866", "cp850", "cp852", "mac-roman"),
    *("cp932", "euc_jis_2004", "cp949", "gb18030", "big5hkscs"),
)
"""Encodings of lyrics without a mark, likelier ones first; a guess among all that exist is wrong on short texts."""
_WESTERN_BONUS = 1.2
"""How much likelier cp1252 is than another encoding that fits as well; not where its letters are Turkish ones."""
_TURKISH_IN_WESTERN = frozenset("ðþýÐÞÝ")
_SAMPLE = 1 << 13
"""Characters on which a guess is based."""


def marked_encoding(data: bytes) -> str | None:
    """The encoding that a byte order mark names, None without one."""
    return next((encoding for bom, encoding in _BOMS if data.startswith(bom)), None)


def decode(data: bytes, errors: str = "replace") -> tuple[str, str]:
    """The text, and the name of its encoding.

    The encoding is that of the byte order mark; else UTF-16 or UTF-32 where zeros say so; else UTF-8 if the data is
    valid; else of those that chardet finds possible the likeliest whose text has the letters of one language. Bytes
    that are invalid in it are treated as `errors` says.
    """
    encoding = marked_encoding(data) or _wide(data) or _escaped(data) or _utf8(data) or _legacy(data)
    # Only 8-bit encodings can keep invalid bytes.
    is_wide = encoding.startswith(("utf-16", "utf-32"))
    return data.decode(encoding, "replace" if is_wide else errors), encoding


def encode_like(data: bytes, text: str, encoding: str) -> bytes:
    """Text in the encoding that `decode` found in `data`, with its byte order; unknown characters become "?".

    Invalid bytes that `decode` escaped are written as they were.
    """
    for bom, order in ((codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if encoding == order[:6] and data.startswith(bom):
            return bom + text.encode(order)
    try:
        return text.encode(encoding, "surrogateescape")
    except UnicodeEncodeError:
        return text.encode(encoding, "replace")


def _wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: text has no zeros or other control characters in any other encoding."""
    if len(data) == len(data.translate(None, _CONTROL)):
        return None
    texts = {name: text for name in _WIDE if (text := _decoded(data, name)) is not None}
    odd = {name: oddities(text[:_SAMPLE]) for name, text in texts.items()}
    fitting = [name for name in texts if odd[name] < STRANGE]
    return min(fitting, key=lambda name: odd[name] - sum(c.isascii() for c in texts[name]), default=None)


def _escaped(data: bytes) -> str | None:
    """ISO-2022-JP, whose escape sequences are its mark."""
    if any(escape in data for escape in _ESCAPES) and data.isascii():
        return next((name for name in ("iso2022_jp", "iso2022_jp_ext", "iso2022_kr") if _decoded(data, name)), None)
    return None


def _utf8(data: bytes) -> str | None:
    return None if _decoded(data, "utf-8") is None else "utf-8"


def _legacy(data: bytes) -> str:
    """The likeliest of `_LEGACY`: the fewest oddities, and of those with equally many the best guess of chardet."""
    # All decodings of a large file at once would take a gigabyte.
    samples = {name: _telling(text) for name in _LEGACY if (text := _decoded(data, name)) is not None}
    odd = {name: oddities(text) for name, text in samples.items()}
    possible = [name for name in samples if odd[name] == min(odd.values())]
    return max(possible, key=lambda name: _confidence(samples[name], name), default="cp1252")


def _telling(text: str) -> str:
    """The beginning of those rows of a text that are not in ASCII."""
    return "\n".join(row for row in text.splitlines() if not row.isascii())[:_SAMPLE]


def _confidence(text: str, encoding: str) -> float:
    """chardet's confidence that a text was in this encoding; in small letters, from which its models were made."""
    import chardet

    with warnings.catch_warnings():
        # The encoding for data that fits nothing is not among those to choose from.
        warnings.simplefilter("ignore")
        found = chardet.detect_all(
            text.lower().encode(encoding, "ignore"), ignore_threshold=True, include_encodings=(encoding,)
        )
    confidence = max((float(guess["confidence"]) for guess in found if guess["encoding"]), default=0.0)
    is_western = encoding == "cp1252" and _TURKISH_IN_WESTERN.isdisjoint(text)
    return confidence * (_WESTERN_BONUS if is_western else 1.0)


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
