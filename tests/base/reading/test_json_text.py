"""JSON of unknown origin."""

from __future__ import annotations

import math

import pytest

from lyricsrec.base.reading.json_text import is_finite, load_json, load_object


def test_documents_are_read() -> None:
    assert load_json(b'{"a": [1, 2.5, null, true, "\xc3\xa9"]}') == {"a": [1, 2.5, None, True, "é"]}
    assert load_json('"\\ud83c\\udfb5"') == "\U0001f3b5"
    assert load_json('{"a": 1}'.encode("utf-16")) == {"a": 1}
    assert load_object("{}") == {}


def test_integers_without_end_are_infinite() -> None:
    assert load_json("9" * 300) == int("9" * 300)
    assert load_json(f"[{'9' * 400}, -{'9' * 5000}]") == [math.inf, -math.inf]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("[" * 100_000, "nested too deeply"),
        ("{", "broken JSON"),
        (b"\xff\xff", "not UTF-8"),
        ('{"a": ["\\ud800"]}', r"a\[0\] has half of a surrogate pair"),
        ('{"\\udfff": 1}', "a name in the document has half"),
    ],
)
def test_what_cannot_be_used_is_a_value_error(data: str | bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_json(data)


def test_other_values_are_not_objects() -> None:
    for data, kind in (("[]", "a list"), ("null", "null"), ('"a"', "a text"), ("1", "a number"), ("true", "true or")):
        with pytest.raises(ValueError, match=f"not a JSON object, but {kind}"):
            load_object(data)


def test_finite_numbers() -> None:
    assert [is_finite(raw) for raw in (1, 0.5, True, "1", None, math.nan, math.inf, 10**400)] == [True] * 2 + [
        False
    ] * 6
