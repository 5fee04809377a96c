"""The data in a pickle, read without Python's unpickler: no code runs, no memory is used that the file does not have.

`pickletools` takes the pickle apart into opcodes; those that describe plain containers are followed here. Classes and
functions are looked up in a table that the caller gives, never imported.
"""

from __future__ import annotations

import pickletools
import re
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from lyricsrec.base.errors import DataError

MAX_OPCODES = 4_000_000
"""Maximum number of opcodes of a pickle: 200 times the largest DALI entry."""

MAX_SECONDS = 30
"""Maximum time for a pickle; 4 million opcodes take a tenth of it."""

MAX_VALUES = 10_000_000
"""Maximum number of values, where a container that is used twice counts twice."""

MAX_DEPTH = 50
"""Maximum depth of containers in containers."""

Globals = Mapping[tuple[str, str], Callable[..., Any]]
"""What may take the place of a class or function, by module and name: it is called with plain values."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_MARK = object()
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_NUMBERS = {"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"}
_TEXTS = {
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
}
_EMPTY: dict[str, Callable[[], Any]] = {"EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_TUPLE": tuple}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_KEYS = (str, bytes, int, float, bool, type(None))


class PickledObject:
    """An object of a pickle; `set_state` gets what the pickle says of it."""

    def set_state(self, state: Any) -> None:
        """Take the state. Raises ValueError when it is not of this kind."""
        raise ValueError("this object has no state")


def read_data(data: bytes, allowed: Globals) -> Any:
    """The value of a pickle of plain containers and of objects made by `allowed`.

    Raises DataError for any other global and for a pickle that is too large or too deep, ValueError for a damaged one.
    """
    value = _Machine(allowed).run(data)
    _check_size(value)
    return value


class _Machine:
    """The stack and the memo of a pickle."""

    def __init__(self, allowed: Globals) -> None:
        self._allowed = allowed
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._actions: dict[str, Callable[[Any], object]] = {
            **dict.fromkeys(_NUMBERS | _TEXTS, self._push),
            **{name: partial(self._constant, value) for name, value in _CONSTANTS.items()},
            **{name: partial(self._new, make) for name, make in _EMPTY.items()},
            **{name: partial(self._tuple, size) for name, size in _TUPLES.items()},
            **{name: lambda _: None for name in ("PROTO", "FRAME", "STOP")},
            **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), self._remember),
            **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), self._recall),
            "MARK": lambda _: self._stack.append(_MARK),
            "POP": lambda _: self._pop(),
            "POP_MARK": lambda _: self._since_mark(),
            "DUP": lambda _: self._stack.append(self._top()),
            "LIST": lambda _: self._stack.append(self._since_mark()),
            "TUPLE": lambda _: self._stack.append(tuple(self._since_mark())),
            "DICT": lambda _: self._dict(),
            "APPEND": lambda _: self._extend([self._pop()]),
            "APPENDS": lambda _: self._extend(self._since_mark()),
            "SETITEM": lambda _: self._update(list(reversed([self._pop(), self._pop()]))),
            "SETITEMS": lambda _: self._update(self._since_mark()),
            "GLOBAL": lambda name: self._global(*str(name).split(" ", 1)),
            "STACK_GLOBAL": lambda _: self._global(*reversed([str(self._pop()), str(self._pop())])),
            "REDUCE": lambda _: self._call(),
            "NEWOBJ": lambda _: self._call(),
            "BUILD": lambda _: self._build(),
        }

    def run(self, data: bytes) -> Any:
        """The value that is left at the end."""
        latest_s = time.monotonic() + MAX_SECONDS
        for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
            if count >= MAX_OPCODES:
                raise DataError(f"it has more than {MAX_OPCODES:,} values")
            if count % 1024 == 0 and time.monotonic() > latest_s:
                raise DataError(f"reading it takes more than {MAX_SECONDS} s")
            action = self._actions.get(opcode.name)
            if action is None:
                raise DataError(f"it uses {opcode.name}, which no DALI file needs")
            action(argument)
        return self._pop()

    def _push(self, value: Any) -> None:
        if isinstance(value, int) and abs(value) >> 64:
            raise ValueError("an integer of more than 64 bits")
        if isinstance(value, str) and _SURROGATE.search(value):
            raise ValueError("half of a surrogate pair, which is not a character")
        self._stack.append(value)

    def _top(self) -> Any:
        if not self._stack or self._stack[-1] is _MARK:
            raise ValueError("a value is missing")
        return self._stack[-1]

    def _pop(self) -> Any:
        value = self._top()
        self._stack.pop()
        return value

    def _since_mark(self) -> list[Any]:
        values: list[Any] = []
        while self._stack:
            value = self._stack.pop()
            if value is _MARK:
                return values[::-1]
            values.append(value)
        raise ValueError("a mark is missing")

    def _constant(self, value: Any, _: Any) -> None:
        self._stack.append(value)

    def _new(self, make: Callable[[], Any], _: Any) -> None:
        self._stack.append(make())

    def _tuple(self, size: int, _: Any) -> None:
        values = [self._pop() for _ in range(size)]
        self._stack.append(tuple(reversed(values)))

    def _remember(self, index: int | None) -> None:
        self._memo[len(self._memo) if index is None else int(index)] = self._top()

    def _recall(self, index: int) -> None:
        if int(index) not in self._memo:
            raise ValueError(f"value {index} is missing")
        self._stack.append(self._memo[int(index)])

    def _dict(self) -> None:
        values = self._since_mark()
        self._stack.append({})
        self._update(values)

    def _extend(self, values: list[Any]) -> None:
        target = self._top()
        if not isinstance(target, list):
            raise ValueError("an item of something that is not a list")
        target.extend(values)

    def _update(self, values: list[Any]) -> None:
        target = self._top()
        if not isinstance(target, dict) or len(values) % 2:
            raise ValueError("an entry of something that is not a dictionary")
        for key, value in zip(values[::2], values[1::2], strict=True):
            # The hash of nested tuples can take for ever.
            if not isinstance(key, _KEYS):
                raise ValueError(f"a {type(key).__name__} as key")
            target[key] = value

    def _global(self, module: str, name: str) -> None:
        found = self._allowed.get((module, name))
        if found is None:
            raise DataError(
                f"it asks for '{module}.{name}', which no DALI file needs",
                "No code in it was run. Download it again from a source that you trust.",
            )
        self._stack.append(found)

    def _call(self) -> None:
        arguments: Any = self._pop()
        function: Any = self._pop()
        if not isinstance(arguments, tuple) or function not in self._allowed.values():
            raise ValueError("a call of something that is not a function")
        self._stack.append(function(*arguments))

    def _build(self) -> None:
        state, target = self._pop(), self._top()
        if not isinstance(target, PickledObject):
            raise ValueError("a state of something that is not an object")
        target.set_state(state)


def _check_size(value: Any) -> None:
    """Raise DataError when `value`, written out, has too many values, too many levels, or contains itself."""
    sizes: dict[int, int] = {}
    _written_out(value, 0, sizes)


def _written_out(value: Any, depth: int, sizes: dict[int, int]) -> int:
    parts = _parts(value)
    if not parts:
        return 1
    # A container in itself is deeper than any limit.
    if depth > MAX_DEPTH:
        raise DataError(f"its containers are nested more than {MAX_DEPTH} deep")
    if id(value) not in sizes:
        sizes[id(value)] = 1 + sum(_written_out(part, depth + 1, sizes) for part in parts)
        if sizes[id(value)] > MAX_VALUES:
            raise DataError(f"it has more than {MAX_VALUES:,} values")
    return sizes[id(value)]


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, PickledObject):
        return list(vars(value).values())
    return []
