"""Model folders of transformers that hold data alone: settings that name code or other repositories are refused.

transformers runs Python files that `auto_map` names (on a terminal it asks), loads attention kernels by repository, and
fetches the base model of an adapter.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import ModelError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import DOCUMENT_BYTES, read_input
from lyricsrec.base.reading.json_text import kind_of, load_json

_CODE = frozenset(
    {"auto_map", "custom_pipelines", "custom_generate", "trust_remote_code", "use_kernels", "kernel_config"}
)
_ATTENTION = frozenset({"_attn_implementation", "attn_implementation", "_attn_implementation_internal"})
_KNOWN_ATTENTION = (None, "eager", "sdpa")
_VOCABULARIES = ("vocab.json", "tokenizer.json")
_OBJECTS = frozenset(
    {*_VOCABULARIES, "config.json", "generation_config.json", "preprocessor_config.json", "processor_config.json"}
    | {"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"}
)
_MOST_SYMBOLS = 10_000_000
_ADAPTER = "adapter_config.json"

_HINT = "Nothing was run or fetched. Use a model that consists of weights and settings only."


def check_data_only(folder: Path) -> None:
    """Raise ModelError when a file of settings in a model's folder names code or a repository, or is damaged."""
    if (folder / _ADAPTER).exists():
        raise ModelError(
            f"{display_name(folder / _ADAPTER)}: an adapter names another model to fetch",
            "Merge the adapter into its base model, and use that folder.",
        )
    for path in sorted(folder.glob("*.json")):
        document = _read(path)
        if path.name in _OBJECTS and not isinstance(document, dict):
            raise ModelError(f"{display_name(path)}: not a JSON object, but {kind_of(document)}")
        if path.name == _VOCABULARIES[0]:
            _check_vocabulary(path, document)
        for key, value in _entries(document) if path.name not in _VOCABULARIES else ():
            if key in _CODE and value:
                raise ModelError(f"{display_name(path)}: '{key}' names code to run", _HINT)
            if key in _ATTENTION and not _is_known_attention(value):
                raise ModelError(f"{display_name(path)}: '{key}' is {_shown(value)}, not eager or sdpa", _HINT)


def _check_vocabulary(path: Path, document: dict[str, Any]) -> None:
    """Raise ModelError unless it numbers symbols, or those of each of several languages."""
    for language, symbols in document.items():
        for symbol, number in symbols.items() if isinstance(symbols, dict) else [(language, symbols)]:
            if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < _MOST_SYMBOLS:
                raise ModelError(f"{display_name(path)}: {_shown(symbol)} has no valid number, but {_shown(number)}")
    if not document:
        raise ModelError(f"{display_name(path)}: no symbols")


def _is_known_attention(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_known_attention(part) for part in value.values())
    return value in _KNOWN_ATTENTION


def _shown(value: Any) -> str:
    return repr(value)[:80]


def _read(path: Path) -> Any:
    try:
        return load_json(read_input(path, DOCUMENT_BYTES))
    except OSError as error:
        raise ModelError(f"{display_name(path)}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise ModelError(f"{display_name(path)}: {error}") from None


def _entries(document: Any) -> Iterator[tuple[str, Any]]:
    """The keys and values of the document's objects, at every level."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from value.items()
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
