"""The pages of the documentation, and the commands in them.

Blocks of code are marked by what they need: `sh` nothing, `sh slow` time, `sh network` the hub, `sh data` songs of the
reader, or a server.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from helpers.files import ROOT

README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]
_END = {"|", "||", "&&", ";", "&", "(", ")", "<", ">", ">>"}


@dataclass(frozen=True)
class Command:
    """A row of a block, and where it is."""

    page: Path
    text: str

    def __str__(self) -> str:
        return f"{self.page.stem}: {self.text}"


def blocks(page: Path, language: str) -> list[str]:
    """The blocks of a page that have exactly this mark."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def commands(language: str, pages: list[Path] = PAGES) -> list[Command]:
    """Commands of pages, those that occur several times once; a row that ends in a backslash goes on in the next."""
    found: dict[str, Command] = {}
    for page in pages:
        for block in blocks(page, language):
            for row in block.replace("\\\n", " ").splitlines():
                if row.strip():
                    found.setdefault(row, Command(page, row))
    return list(found.values())


def calls(command: str) -> Iterator[list[str]]:
    """The programs that a shell command starts, each with its arguments."""
    shell = shlex.shlex(re.sub(r"\$\((.*?)\)", "x", command), posix=True, punctuation_chars=True)
    shell.whitespace_split = True
    words: list[str] = []
    redirected = False
    for token in [*shell, ";"]:
        if token not in _END:
            if not redirected and (words or not re.fullmatch(r"\w+=\S*", token)):
                words.append(token)
            redirected = False
        elif token.startswith(("<", ">")):
            redirected = True
        else:
            if words:
                yield words
            words, redirected = [], False
