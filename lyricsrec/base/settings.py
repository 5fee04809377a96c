"""Settings: frozen dataclasses whose types say which values they take, checked in one place.

A class of settings derives from `Settings`, gives each field a type from here (or a `Literal` for a choice) and a
default, and raises ValueError in `__post_init__` where fields do not fit together. `checked` builds one from a
document, such as a TOML file; `check` looks at one that code or flags made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

from annotated_types import Ge, Gt, Le, Lt

from lyricsrec.base.errors import UsageError

Count = Annotated[int, Ge(0)]
Natural = Annotated[int, Ge(1)]
Positive = Annotated[float, Gt(0)]
AtLeastZero = Annotated[float, Ge(0)]
Share = Annotated[float, Ge(0), Le(1)]
Seed = Annotated[int, Ge(0), Le(2**31 - 1)]
BelowOne = Annotated[float, Ge(0), Lt(1)]

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

_SHOWN = 5
_LONGEST = 80
_EXPECTED = "Input should be"


class Settings:
    """Base of every class of settings: unknown settings, NaN and infinity are errors; instances inside are checked."""

    __pydantic_config__: ClassVar[dict[str, str | bool]] = {
        "extra": "forbid",
        "revalidate_instances": "always",
        "allow_inf_nan": False,
    }


Kind = TypeVar("Kind", bound=Settings)


def checked(
    kind: type[Kind], document: Mapping[str, Any], source: str = "", flags: Mapping[str, str] | None = None
) -> Kind:
    """Settings from a document of plain values; `source` begins the message of an error.

    `flags` says what the command line calls a setting, as in `check`. Raises UsageError that names every setting that
    does not exist and every value that does not fit.
    """
    hint = None if flags else f"Known here: {', '.join(field.name for field in fields(kind))}."  # type: ignore[arg-type]
    return _validated(kind, dict(document), source, hint, flags)


def check(settings: Settings, flags: Mapping[str, str] | None = None) -> None:
    """Raise UsageError where a value is none that its type allows, or values do not fit together.

    `flags` says what the command line calls a setting ("chunk.mode": "--chunks"); others go by their own names.
    """
    _validated(type(settings), settings, "", None, flags or {})


def _validated(
    kind: type[Kind], value: object, source: str, hint: str | None, flags: Mapping[str, str] | None = None
) -> Kind:
    from pydantic import ValidationError

    try:
        settings: Kind = adapter(kind).validate_python(value)  # type: ignore[arg-type]
        return settings
    except ValidationError as error:
        raise UsageError(source + problems_of(error, flags), hint) from None


def problems_of(error: ValidationError, flags: Mapping[str, str] | None = None) -> str:
    """What pydantic found, in one line: at most five places with the value that does not fit."""
    problems = [_problem(dict(item), flags or {}) for item in error.errors()]
    more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    return "; ".join(problems[:_SHOWN]) + more


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """The pydantic adapter that checks, reads and writes values of a type."""
    # Imported when first used: `lyricsrec --help` must not wait for it.
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _problem(error: dict[str, Any], flags: Mapping[str, str]) -> str:
    place = _place(error["loc"], flags)
    if error["type"] == "unexpected_keyword_argument":
        return f"unknown setting '{place}'"
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "value_error":
        return f"{place}: {message}" if place else message
    if message.startswith(_EXPECTED):
        return f"{place} must be{message.removeprefix(_EXPECTED)}, not {_shown(error['input'])}"
    if error["type"] == "predicate_failed":
        return f"{place} is not valid: {_shown(error['input'])}"
    if error["type"] == "missing":
        return f"{place} is missing"
    return f"{place}: {message[0].lower()}{message[1:]}, not {_shown(error['input'])}"


def _shown(value: object) -> str:
    """A value in a message, cut where it is long."""
    try:
        text = repr(value)
    except RecursionError:
        return "a value nested without end"
    except ValueError:
        # Python refuses to write out integers of more than 4,300 digits.
        return "a number of thousands of digits"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 4] + " ..."


def _place(location: tuple[str | int, ...], flags: Mapping[str, str]) -> str:
    """What the user calls a setting; an element of a list goes by the flag of the list."""
    names = [".".join(map(str, location[:end])) for end in range(len(location), 0, -1)]
    return next((flags[name] for name in names if name in flags), names[0] if names else "")
