"""The page of predictions: valid HTML, errors marked, audio at its place."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from lyricsrec.training.log.metrics import Prediction, ValidationMetrics
from lyricsrec.training.log.predictions_page import write_predictions

OPEN = {"meta", "br"}


class Checked(HTMLParser):
    """Raises when tags are not closed in order; collects sources, marked words and text."""

    def __init__(self) -> None:
        super().__init__()
        self.path: list[str] = []
        self.sources: list[str] = []
        self.marked: list[tuple[str, str]] = []
        self.cells: list[str] = []
        self.tags: set[str] = set()
        self._kind = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        values = dict(attrs)
        if tag not in OPEN:
            self.path.append(tag)
        if "src" in values:
            self.sources.append(values["src"] or "")
        self._kind = values.get("class") or ""
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.path.pop() == tag
        self._kind = ""

    def handle_data(self, data: str) -> None:
        if self._kind:
            self.marked.append((self._kind, data))
        if "td" in self.path or "th" in self.path:
            self.cells[-1] += data


def page_of(tmp_path: Path, *predictions: Prediction) -> tuple[Checked, str]:
    page = tmp_path / "readings.html"
    write_predictions(
        ValidationMetrics(
            200,
            1.0,
            {"greedy": 0.125, "beam": 0.1},
            cer={"greedy": 0.1},
            num_words=8,
            si_sdr_db=None,
            predictions=predictions,
        ),
        page,
    )
    text = page.read_text("utf-8")
    checked = Checked()
    checked.feed(text)
    checked.close()
    assert checked.path == []
    return checked, text


def prediction(reference: str, hypothesis: str, chunk_id: str = "song.1", audio: str = "/songs/a.wav") -> Prediction:
    return Prediction(chunk_id, reference, {"greedy": hypothesis}, audio=audio, start_s=1.0, end_s=2.5)


@pytest.mark.parametrize(
    ("reference", "hypothesis", "marked", "shown"),
    [
        ("SO FAR AWAY", "SO FAR AWAY", [], "SO FAR AWAY"),
        ("SO FAR AWAY", "SO FOR AWAY", [("missing", "FAR"), ("wrong", "FOR")], "SO FAR FOR AWAY"),
        ("SO FAR AWAY", "SO AWAY", [("missing", "FAR")], "SO FAR AWAY"),
        ("SO FAR", "SO VERY FAR", [("wrong", "VERY")], "SO VERY FAR"),
        ("SO FAR", "", [("missing", "SO FAR")], "SO FAR"),
        ("A & B", "A <B> B", [("missing", "&"), ("wrong", "<B>")], "A & <B> B"),
    ],
)
def test_errors_are_marked(
    tmp_path: Path, reference: str, hypothesis: str, marked: list[tuple[str, str]], shown: str
) -> None:
    page, _ = page_of(tmp_path, prediction(reference, hypothesis))
    assert page.marked == marked
    assert [cell.strip() for cell in page.cells[-4:]] == ["reference", reference, "greedy", shown]


def test_audio_is_at_its_place_and_nothing_else_is_loaded(tmp_path: Path) -> None:
    page, text = page_of(tmp_path, prediction("A", "A", audio=str(tmp_path / "Süß & 'q' #1.wav")))
    assert page.sources == [f"{tmp_path.as_uri()}/S%C3%BC%C3%9F%20%26%20%27q%27%20%231.wav#t=1.00,2.50"]
    assert not page.tags & {"script", "link", "img", "iframe"}
    assert "http:" not in text
    assert "https:" not in text
    assert "default-src &#39;none&#39;" in text
    assert text.count("media-src file:") == 1


def test_names_are_escaped(tmp_path: Path) -> None:
    page, _ = page_of(tmp_path, prediction("A", "A", chunk_id="<b>&1"))
    assert page.cells[0] == "<b>&1"
    assert "b" not in page.tags


def test_the_heading_gives_the_error_rates(tmp_path: Path) -> None:
    _, text = page_of(tmp_path)
    assert "<h1>Step 200</h1>" in text
    assert "WER over 8 words: greedy 12.5 %, beam 10.0 %." in text
