"""What every command gets: groups of options, `--debug`, and errors as one line with an exit code.

A group is a frozen dataclass that derives from `Options`; each field is annotated as Typer wants a parameter. `command`
gives Typer a function in which every field is a parameter of its own, and hands the groups to the command.
"""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Annotated, Any, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup

from lyricsrec.base.errors import LyricsrecError, UsageError
from lyricsrec.base.output import remove_unused
from lyricsrec.cli import interrupt
from lyricsrec.cli.screen import EXIT_FAILURE, EXIT_INTERRUPTED, EXIT_USAGE, Screen

DEBUG_HELP = "Log details, and show the traceback of an error."

_DEBUG = Annotated[bool, typer.Option("--debug", help=DEBUG_HELP, hidden=True)]
_KEYWORD, _REQUIRED = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.empty


class _PlainErrors:
    """Refuses empty arguments, which would name the current folder, and shortens pydantic's messages."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments of a command. Raises typer.BadParameter."""
        for before, argument in zip(["", *args], args, strict=False):
            if not argument:
                raise typer.BadParameter(f"the value of {before} is empty" if before[:1] == "-" else "a name is empty")
        try:
            rest: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ").removeprefix("Input ")
            raise
        return rest


class PlainCommand(_PlainErrors, TyperCommand):
    """A command as the command line has it."""


class PlainGroup(_PlainErrors, TyperGroup):
    """A group of commands as the command line has it."""


class Options:
    """Base of every group of options."""


def command(function: Callable[..., None]) -> Callable[..., None]:
    """A command as Typer takes it: with its groups of options as parameters, and with its errors reported."""
    hints = get_type_hints(function, include_extras=True)
    groups: dict[str, type[Options]] = {}
    parameters = [inspect.Parameter("context", _KEYWORD, annotation=typer.Context)]
    for parameter in inspect.signature(function).parameters.values():
        hint = hints[parameter.name]
        if isinstance(hint, type) and issubclass(hint, Options):
            groups[parameter.name] = hint
            parameters += _parameters_of(hint, parameter.default)
        elif hint is not typer.Context:
            parameters.append(parameter.replace(annotation=hint, kind=_KEYWORD))
    parameters.append(inspect.Parameter("debug", _KEYWORD, annotation=_DEBUG, default=False))

    def run(context: typer.Context, debug: bool, **values: Any) -> None:
        root = context.find_root()
        root.obj = bool(root.obj or debug)
        quiet = bool(values.get("quiet"))
        with reporting(str(context.info_name), debug=root.obj, quiet=quiet):
            _check_output(values.get("output"))
            for name, group in groups.items():
                values[name] = group(**{field: values.pop(field) for field in _names_of(group)})
            if "context" in hints:
                values["context"] = context
            function(**values)

    run.__name__, run.__doc__ = function.__name__, function.__doc__
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return run


def _check_output(output: object) -> None:
    """Raise UsageError for `-o -` of a command that writes files; others have taken it as their default."""
    if "-" in map(str, output if isinstance(output, list) else [output]):
        raise UsageError("--output -: this command does not write to standard output", "Give a file or a folder.")


def _names_of(group: type[Options]) -> list[str]:
    return [field.name for field in dataclasses.fields(group)]  # type: ignore[arg-type]


def _parameters_of(group: type[Options], default: Any) -> Iterator[inspect.Parameter]:
    """A parameter for every field; an instance as `default` has the defaults of this command."""
    hints = get_type_hints(group, include_extras=True)
    for field in dataclasses.fields(group):  # type: ignore[arg-type]
        value = field.default if default is _REQUIRED else getattr(default, field.name)
        yield inspect.Parameter(
            field.name,
            _KEYWORD,
            annotation=hints[field.name],
            default=_REQUIRED if value is dataclasses.MISSING else value,
        )


@contextlib.contextmanager
def reporting(command: str, *, debug: bool = False, quiet: bool = False) -> Iterator[None]:
    """Turn every error into a line on stderr and an exit code; with `debug`, also log and show its traceback."""
    screen = Screen(quiet=quiet)
    if debug:
        logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
        logging.getLogger("lyricsrec").setLevel(logging.DEBUG)
    try:
        with _reader_warnings(screen):
            yield
        interrupt.check()
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise
    except KeyboardInterrupt:
        screen.warn("interrupted; finished results are kept")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    except Exception as error:
        if debug:
            traceback.print_exc()
        screen.error(_for_people(error, command, debug=debug))
        raise typer.Exit(EXIT_USAGE if isinstance(error, UsageError) else EXIT_FAILURE) from None
    finally:
        # A command that wrote nothing leaves nothing.
        remove_unused()


@contextlib.contextmanager
def _reader_warnings(screen: Screen) -> Iterator[None]:
    """Show what the readers of lyrics could not use; they log it, since many commands read lyrics."""
    log = logging.getLogger("lyricsrec.formats.read")
    handler, level = _Warnings(screen), log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


class _Warnings(logging.Handler):
    """Prints log records as warnings."""

    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._screen = screen

    def emit(self, record: logging.LogRecord) -> None:
        self._screen.warn(record.getMessage())


def _for_people(error: Exception, command: str, *, debug: bool) -> LyricsrecError:
    """An error in words for people, whoever raised it."""
    if isinstance(error, LyricsrecError):
        return error
    if isinstance(error, OSError):
        # Nothing in the package foresaw it: a full disk under a temporary file, a network drive that vanished.
        return LyricsrecError(f"{error.strerror or error}" + (f": {error.filename}" if error.filename else ""))
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    hint = "" if debug else "; run again with --debug for the traceback"
    return LyricsrecError(f"{command} failed unexpectedly ({what}){hint}")
