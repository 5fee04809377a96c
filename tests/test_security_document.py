"""SECURITY.md names tests that exist, and no others."""

from __future__ import annotations

import re

import pytest
from helpers.files import ROOT

NAMED = re.findall(r"`([a-z_/]+(?:\.py|/))`", (ROOT / "SECURITY.md").read_text("utf-8"))


def test_many_are_named() -> None:
    assert len(NAMED) > 20


@pytest.mark.parametrize("name", sorted({name for name in NAMED if name != "tests/"}))
def test_the_tests_exist(name: str) -> None:
    assert (ROOT / "tests" / name).exists()
