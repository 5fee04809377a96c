"""Figures without a display: the same bytes for the same figure, and no messages about fonts."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from lyricsrec.base.mpl import DPI, new_figure, save_figure


def drawn(form: str, family: str = "DejaVu Sans") -> bytes:
    figure, axes = new_figure(1, 2, 4, 3, sharey=True)
    axes[0][0].plot([0, 1], [1, 0])
    axes[0][1].text(0.5, 0.5, "la la", family=family)
    file = io.BytesIO()
    save_figure(figure, file, form)
    return file.getvalue()


@pytest.mark.parametrize(("form", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_same_figure_is_the_same_file(form: str, start: bytes) -> None:
    assert drawn(form) == drawn(form)
    assert drawn(form).startswith(start)


def test_pictures_have_the_requested_size(tmp_path: Path) -> None:
    figure, axes = new_figure(2, 3, 4, 3)
    assert axes.shape == (2, 3)
    save_figure(figure, tmp_path / "x.png")
    width, height = (int.from_bytes((tmp_path / "x.png").read_bytes()[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (4 * DPI, 3 * DPI)


def test_fonts_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert drawn("png", "No Such Font")
    assert not caplog.records
