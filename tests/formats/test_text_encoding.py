"""Text of unknown encoding."""

from __future__ import annotations

import pytest

from lyricsrec.formats.text_encoding import decode, encode_like, marked_encoding


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode(encoding: str) -> None:
    assert decode("Süße Ж".encode(encoding)) == ("Süße Ж", encoding)


def test_big_endian_byte_order_mark() -> None:
    assert decode(b"\xfe\xff\x00a") == ("a", "utf-16")
    assert marked_encoding(b"\xfe\xff\x00a") == "utf-16"
    assert marked_encoding(b"abc") is None


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("It’s café time", "cp1252"),
        ("Über sieben Brücken mußt du gehn – für dich", "cp1252"),
        ("Señor, ¿mañana será otro día?", "cp1252"),
        ("Я люблю тебя, моя милая девочка", "koi8-r"),
        ("Κάτι άλλο να πω για σένα", "windows-1253"),
        ("Żółty, kocham cię na zawsze", "windows-1250"),
    ],
)
def test_eight_bits(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == (text, encoding)


@pytest.mark.parametrize("data", ["Süße".encode(name) for name in ("utf-8", "utf-8-sig", "utf-16", "cp1252")])
def test_text_is_encoded_as_before(data: bytes) -> None:
    assert encode_like(data, *decode(data)) == data
    assert encode_like(b"\xfe\xff\x00a", "b", "utf-16") == b"\xfe\xff\x00b"
