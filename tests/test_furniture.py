"""Files around the package say what is so."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from helpers.files import ROOT
from helpers.pages import PAGES
from jsonschema import Draft202012Validator

from lyricsrec.lyrics.transcript import Line, Placement, Provenance, Tags, Transcript, Word
from lyricsrec.version import VERSION

SCHEMA = json.loads((ROOT / "docs" / "reference" / "transcript.schema.json").read_text("utf-8"))
MADE = Provenance(
    "0.1.0", "none", "sung.en", decoder="greedy", settings={"beam": 2, "lm": None}, versions={"torch": "2"}
)
TRANSCRIPTS = [
    Transcript("a", 0.0, (), provenance=MADE),
    Transcript(
        "b",
        2.5,
        (
            Line((Word("so", 0.5, 1.0, confidence=0.5), Word("far", None, None)), Placement(0.2, "unplaced", "weak")),
            Line((Word("ooh", 1.0, 2.0),), singers=("Ann",), role="backing"),
        ),
        provenance=MADE,
        notes=("a note",),
        tags=Tags("t", "a", None),
    ),
]


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=["empty", "full"])
def test_the_schema_describes_what_is_written(transcript: Transcript) -> None:
    Draft202012Validator(SCHEMA).validate(json.loads(transcript.to_json()))


def test_the_schema_refuses_what_is_not_written() -> None:
    document = json.loads(TRANSCRIPTS[1].to_json())
    document["lines"][0]["words"][0]["confidence"] = 1.5
    document["extra"] = 1
    assert len(list(Draft202012Validator(SCHEMA).iter_errors(document))) == 2


def test_the_example_of_a_transcript_follows_the_schema() -> None:
    page = (ROOT / "docs" / "reference" / "json.md").read_text("utf-8")
    Draft202012Validator(SCHEMA).validate(json.loads(re.search(r"```json\n(.*?)```", page, re.DOTALL).group(1)))


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "benchmarks" / "README.md"], ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_in_the_navigation_of_the_site() -> None:
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    nav = yaml.safe_load(text)["nav"]
    listed = {page for entry in nav for page in ([entry] if isinstance(entry, str) else next(iter(entry.values())))}
    made = {"reference/commands.md", "reference/settings.md", "reference/rest.md"}
    assert listed - made == {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")}


def test_every_benchmark_is_listed_with_its_result() -> None:
    listed = re.findall(
        r"^\| `python benchmarks/(\w+\.py)", (ROOT / "benchmarks" / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(listed) == sorted(path.name for path in (ROOT / "benchmarks").glob("*.py"))


def test_the_citation_has_the_version() -> None:
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["version"] == VERSION


def test_documents_of_the_forge_can_be_read() -> None:
    for path in [*(ROOT / ".github").rglob("*.yml"), ROOT / ".pre-commit-config.yaml"]:
        assert yaml.safe_load(path.read_text("utf-8"))


def test_continuous_integration_covers_the_declared_pythons() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
    versions = [name.rpartition(" ")[2] for name in declared if re.search(r":: 3\.\d+$", name)]
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text("utf-8"))["jobs"]
    assert jobs["tests"]["strategy"]["matrix"]["python"] == versions
