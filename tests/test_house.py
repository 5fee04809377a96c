"""The layout of the package: described rooms, files and functions of a readable size, a command line that starts fast.

Which room may import from which is the import-linter contract in pyproject.toml.
"""

from __future__ import annotations

import ast
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "lyricsrec"
ROOMS = sorted(path.parent for path in PACKAGE.rglob("__init__.py") if "migrations" not in path.parts)
LIGHT = ["base", "lyrics", "models", "audio", "formats", "alignment", "dataset", "plot", "cli", "web.api", "web.jobs"]
"""Rooms whose modules load without torch and other slow imports."""


def test_three_modules_lie_in_the_root() -> None:
    assert sorted(path.name for path in PACKAGE.glob("*.py")) == ["__init__.py", "__main__.py", "version.py"]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(PACKAGE)))
def test_a_room_describes_itself_and_is_small(room: Path) -> None:
    description = ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8")))
    assert description
    assert len(description.split()) >= 8
    assert len([path for path in room.glob("*.py") if path.name != "__init__.py"]) <= 10


def test_files_are_small() -> None:
    long = {
        path.name: lines for path in PACKAGE.rglob("*.py") if (lines := len(path.read_text("utf-8").splitlines())) > 330
    }
    assert not long


def test_functions_are_short() -> None:
    lines = {
        f"{path.name}: {node.name}": node.end_lineno - node.lineno + 1
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    long = {name: number for name, number in lines.items() if number > 40}
    assert len(long) <= len(lines) / 100, long
    assert max(lines.values()) <= 80, long


def test_tests_lie_like_rooms_and_share_only_helpers() -> None:
    paths = list(TESTS.rglob("test_*.py"))
    assert not [path for path in paths if not (PACKAGE / path.parent.relative_to(TESTS)).is_dir()]
    assert len({path.name for path in paths}) == len(paths)
    shared = re.compile(r"^\s*(from|import) (conftest|test_\w+)\b", re.MULTILINE)
    assert not [path.name for path in paths if shared.search(path.read_text("utf-8"))]


def test_rooms_without_models_load_without_torch() -> None:
    names = [f"lyricsrec.{room}" for room in LIGHT]
    code = (
        "import importlib, pkgutil, sys\n"
        f"for name in {names}:\n"
        "    room = importlib.import_module(name)\n"
        "    for module in pkgutil.walk_packages(room.__path__, name + '.'):\n"
        "        if 'migrations' not in module.name:\n"
        "            importlib.import_module(module.name)\n"
        "slow = {'torch', 'torchaudio', 'transformers', 'demucs', 'faster_whisper', 'matplotlib'} & set(sys.modules)\n"
        "assert not slow, slow\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=PACKAGE.parent)
    assert done.returncode == 0, done.stderr


def test_help_imports_no_torch_and_answers_fast() -> None:
    code = "import sys; sys.argv = ['lyricsrec', '--help']\nfrom lyricsrec.cli import main\ntry:\n    main()\n"
    code += "except SystemExit as e:\n    assert not e.code\n"
    code += "assert not {'torch', 'transformers', 'demucs'} & set(sys.modules)"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, cwd=PACKAGE.parent)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    assert b"transcribe" in done.stdout
    # Processor time, since others use the machine, too; well under half a second of it on a free one.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2


def dataclasses_of(path: Path) -> Iterator[tuple[str, ast.ClassDef, list[ast.AnnAssign]]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(d) for d in node.decorator_list):
            fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
            yield node.name, node, [part for part in fields if "ClassVar" not in ast.unparse(part.annotation)]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_values_take_at_most_three_fields_by_position_and_arrays_are_not_compared(path: Path) -> None:
    for name, node, fields in dataclasses_of(path):
        options = " ".join(map(ast.unparse, node.decorator_list))
        positional = list(takewhile(lambda part: ast.unparse(part.annotation) != "KW_ONLY", fields))
        assert len(positional) <= 3 or "kw_only=True" in options, name
        arrays = [part for part in fields if {"Samples", "NDArray", "Tensor", "LogProbs"} & set(words_of(part))]
        assert not arrays or "eq=False" in options, name


def words_of(part: ast.AnnAssign) -> list[str]:
    return re.findall(r"\w+", ast.unparse(part.annotation))
