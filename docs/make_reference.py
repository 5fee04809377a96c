"""Makes the pages of the reference that describe the code: commands, settings, REST interface."""

from __future__ import annotations

import dataclasses
import inspect
import re
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

from typer.main import get_command

SETTINGS = (
    "pipeline.settings:PipelineConfig",
    "audio.settings:SegmentConfig",
    "recognition.settings:RecognizeConfig",
    "recognition.whisper.settings:WhisperConfig",
    "decoding.settings:DecodeConfig",
    "separation.settings:SeparateConfig",
    "lyrics.lines:LineConfig",
    "alignment.settings:AlignConfig",
    "alignment.verify:VerifyConfig",
    "alignment.word_times:WordTimesConfig",
    "dataset.preparation.settings:DatasetConfig",
    "lm.settings:LmConfig",
    "lm.settings:TuneConfig",
    "plot.settings:PlotConfig",
    "training.settings:TrainConfig",
    "web.settings:ServeConfig",
)
_MARKUP = re.compile(r"\s*\[/?[a-z ]*\]")


def commands_page() -> str:
    """Every command with its usage and options, as `--help` has them."""
    from lyricsrec.cli import app

    rows = ["# Commands", "", "Made from the commands themselves; `lyricsrec COMMAND --help` says the same.", ""]
    return "\n".join([*rows, *_command(get_command(app), "lyricsrec", None)])


def _command(command: Any, name: str, parent: Any) -> Iterator[str]:
    context = command.context_class(command, info_name=name, parent=parent)
    path = context.command_path
    yield from (f"## {path}", "", _text(command.help or ""), "")
    if name != "lyricsrec":
        yield from ("```text", f"{path} {' '.join(command.collect_usage_pieces(context))}", "```", "")
    records = (parameter.get_help_record(context) for parameter in command.get_params(context))
    rows = [f"| `{_cell(name)}` | {_cell(_text(text))} |" for name, text in filter(None, records)]
    if rows:
        yield from ("| option | |", "| --- | --- |", *rows, "")
    if command.epilog:
        yield from (_text(command.epilog).strip(), "")
    for child in getattr(command, "commands", {}).values():
        yield from _command(child, child.name, context)


def settings_page() -> str:
    """Every setting with its type, its default and the documentation of its class."""
    rows = ["# Settings", "", "The settings that `load_pipeline(...)`, `--config` and `--set` take, by stage.", ""]
    for place in SETTINGS:
        module, _, name = place.partition(":")
        kind = getattr(import_module(f"lyricsrec.{module}"), name)
        rows += [f"## {name}", "", f"`lyricsrec.{module}`", "", inspect.getdoc(kind) or "", ""]
        hints = get_type_hints(kind)
        rows += ["| setting | type | default |", "| --- | --- | --- |"]
        for field in dataclasses.fields(kind):
            default = field.default_factory() if callable(field.default_factory) else field.default
            shown = "" if default is dataclasses.MISSING else f"`{_short(default)}`"
            rows.append(f"| `{field.name}` | {_cell(f'`{_type(hints[field.name])}`')} | {_cell(shown)} |")
        rows.append("")
    return "\n".join(rows)


def _type(hint: Any) -> str:
    text = hint.__name__ if isinstance(hint, type) else str(hint)
    return re.sub(r"\b(?:typing|pathlib|collections\.abc|(?:lyricsrec\.[\w.]+))\.(?=\w)", "", text)


def _short(default: object) -> str:
    if isinstance(default, Path):
        return "a folder of the user" if default.is_absolute() else str(default)
    return type(default).__name__ if dataclasses.is_dataclass(default) else repr(default)


def rest_page() -> str:
    """The REST interface: each path with its parameters, body and answers, from the OpenAPI document."""
    from lyricsrec.web.api.app import create_app
    from lyricsrec.web.settings import ServeConfig

    with tempfile.TemporaryDirectory() as folder:
        document = create_app(ServeConfig(folder=Path(folder)), works=False).openapi()
    rows = ["# REST", "", document["info"]["description"], ""]
    rows += ["Made from the OpenAPI document, which a server has at `/api/openapi.json`.", ""]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            rows += [
                f"## {method.upper()} {path}",
                "",
                operation.get("description") or operation.get("summary", ""),
                "",
            ]
            for parameter in operation.get("parameters", []):
                needed = ", required" if parameter.get("required") else ""
                rows.append(f"- `{parameter['name']}` ({parameter['in']}{needed}): {parameter.get('description', '')}")
            rows += _body(operation, document)
            answers = ", ".join(f"{code} ({answer['description']})" for code, answer in operation["responses"].items())
            rows += ["", f"Answers: {answers}.", ""]
    return "\n".join(rows)


def _body(operation: dict[str, Any], document: dict[str, Any]) -> Iterator[str]:
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = content.get("schema", {})
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        for name, field in schema.get("properties", {}).items():
            yield f"- `{name}` (in the body, {media}): {field.get('description', field.get('title', ''))}"


def _text(text: str) -> str:
    return _MARKUP.sub("", inspect.cleandoc(text))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


PAGES: dict[str, Callable[[], str]] = {
    "reference/commands.md": commands_page,
    "reference/settings.md": settings_page,
    "reference/rest.md": rest_page,
}
