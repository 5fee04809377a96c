"""What mkdocs makes while it builds the site: the generated reference, and files of the repository beside docs/."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

sys.path.insert(0, str(Path(__file__).parent))

import make_reference

ROOT = Path(__file__).parents[1]
BESIDE = (
    "examples/README.md",
    "benchmarks/README.md",
    "SECURITY.md",
    "recipes/*/README.md",
    "lyricsrec/data/*/README.md",
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add pages that are made from the code, and the pages of the repository that lie outside of docs/."""
    for name, make in make_reference.PAGES.items():
        files.append(File.generated(config, name, content=make()))
    for pattern in BESIDE:
        for path in sorted(ROOT.glob(pattern)):
            name = path.relative_to(ROOT).as_posix().replace("README", "about")
            files.append(
                File.generated(config, name, content=path.read_text("utf-8"), inclusion=InclusionLevel.NOT_IN_NAV)
            )
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Make marks of blocks (`sh data`) languages, and links to the repository links to the added pages."""
    markdown = re.sub(r"^```sh \w+$", "```sh", markdown, flags=re.MULTILINE)
    if page.file.generated_by:
        # Their other links lead to files that are not in the site.
        return re.sub(r"\[([^\]]+)\]\((?!https?:|#)[^)]+\)", r"\1", markdown)
    markdown = re.sub(r"\]\(\.\./\.\./([\w./-]*)README\.md\)", r"](../\1about.md)", markdown)
    return re.sub(r"\]\(\.\./\.\./([\w./-]+\.md)\)", r"](../\1)", markdown)
