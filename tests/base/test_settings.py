from dataclasses import dataclass, field
from typing import Literal

import pytest

from lyricsrec.base.errors import UsageError
from lyricsrec.base.settings import Natural, Settings, Share, check, checked


@dataclass(frozen=True)
class Inner(Settings):
    mode: Literal["words", "fixed"] = "words"
    share: Share = 0.5


@dataclass(frozen=True)
class Outer(Settings):
    count: Natural = 1
    last: int = 9
    weight: float = 0.0
    inner: Inner = field(default_factory=Inner)

    def __post_init__(self) -> None:
        if self.count > self.last:
            raise ValueError("count must not exceed last")


def test_a_document_becomes_settings() -> None:
    assert checked(Outer, {"count": 3, "inner": {"mode": "fixed"}}) == Outer(3, 9, inner=Inner("fixed"))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"cuont": 3}, "run.toml: unknown setting 'cuont'"),
        ({"count": 0}, "run.toml: count must be greater than or equal to 1, not 0"),
        ({"inner": {"mode": "letters"}}, "run.toml: inner.mode must be 'words' or 'fixed', not 'letters'"),
        ({"weight": float("nan")}, "run.toml: weight must be a finite number, not nan"),
        ({"weight": float("inf")}, "run.toml: weight must be a finite number, not inf"),
        ({"count": 10}, "run.toml: count must not exceed last"),
    ],
)
def test_a_document_that_does_not_fit(document: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked(Outer, document, "run.toml: ")
    assert str(caught.value) == message
    assert caught.value.hint == "Known here: count, last, weight, inner."


def test_what_code_made_is_checked_inside_too_and_flags_name_it() -> None:
    check(Outer(2))
    wrong = Outer(2, inner=Inner("letters", 1.5))  # type: ignore[arg-type]
    with pytest.raises(UsageError) as caught:
        check(wrong, {"inner.mode": "--chunks"})
    assert str(caught.value) == (
        "--chunks must be 'words' or 'fixed', not 'letters'; inner.share must be less than or equal to 1, not 1.5"
    )
