from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest

from lyricsrec.scoring.compare import compared
from lyricsrec.scoring.metrics.words import pool
from lyricsrec.scoring.report.columns import LAYOUT, RUN, SEPARATION, TIMING, TIMING_BY_SONG, WORDS, Column
from lyricsrec.scoring.report.conditions import Level, by_loudness, by_position, by_speed
from lyricsrec.scoring.report.page import Part, parts_of, render_page
from lyricsrec.scoring.report.rows import lines_of, songs_of
from lyricsrec.scoring.report.svg import add_tip, draw, system_colour, system_mark
from lyricsrec.scoring.report.system_plots import plots_of
from lyricsrec.scoring.report.tables import Table
from lyricsrec.scoring.results import (
    Chunk,
    Deviation,
    Interval,
    Kind,
    LineScore,
    Report,
    SongScore,
    SystemScore,
    TimingFigures,
    WordFigures,
)

EVIL = "<script>alert('&')</script> \"x\" $a$"


def chunk(kind: Kind, reference: str = "", hypothesis: str = "") -> Chunk:
    return Chunk(kind, tuple(reference.split()), tuple(hypothesis.split()))


def song(song_id: str, lines: list[LineScore], title: str = "", language: str = "en", **more: object) -> SongScore:
    counts: Counter[str] = Counter()
    for line in lines:
        for part in line.chunks:
            counts[part.kind] += max(len(part.reference), len(part.hypothesis))
    sung, errors = counts["equal"] + counts["substitute"] + counts["delete"], counts.total() - counts["equal"]
    words = WordFigures(
        sung,
        counts.total() - counts["delete"],
        counts["equal"],
        substitutions=counts["substitute"],
        deletions=counts["delete"],
        insertions=counts["insert"],
        num_hallucinated=0,
        num_characters=5 * sung,
        character_errors=2 * errors,
        wer=errors / sung if sung else None,
        cer=None,
        hallucinated=None,
    )
    return replace(
        SongScore(song_id, title or song_id, language, words=words, interval=None, lines=tuple(lines)), **more
    )


def system(name: str, *songs: SongScore, **more: object) -> SystemScore:
    return replace(SystemScore(name, pool(one.words for one in songs), None, median_wer=None, songs=songs), **more)


def report(*systems: SystemScore) -> Report:
    return Report(1, "0.1.0", "long", references="songs & more", systems=systems)


GOOD = LineScore((chunk("equal", "so far away", "so far away"),), 62.0, 64.0, loudness_db=-12.0)
BAD = LineScore((chunk("substitute", "so", "sew"), chunk("delete", "far"), chunk("insert", "", "<b>")), 70.0, 71.0)
A = system("first", song("one", [GOOD, BAD], EVIL), song("two", [GOOD], "Two"))
B = system("second <i>", song("one", [BAD, GOOD][::-1], EVIL), song("two", [GOOD], "Two", problem="no <hypothesis>"))


class Reader(HTMLParser):
    """Ids, links and elements of a page; the text outside of style and script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.elements: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes += attrs
        for name, value in attrs:
            if name == "id" and value is not None:
                self.ids.append(value)
            if name in ("href", "src", "xlink:href") and value is not None:
                self.links.append(value)


@pytest.fixture(scope="module")
def scored() -> Report:
    timed = TimingFigures(2, 3, 0.04, mean_s=0.8, within=0.5, far=0.5, correct_segments=None, perceptual=0.9)
    first = replace(A.songs[0], timing=timed, deviations=(Deviation(1.0, 0.02), Deviation(2.0, -4.0)))
    return compared(report(replace(A, songs=(first, A.songs[1]), timing=timed, interval=Interval(0.1, 0.6)), B))


@pytest.fixture(scope="module")
def page(scored: Report) -> str:
    return render_page(scored)


def marked(*chunks: Chunk) -> str:
    """The parts of a line as they stand in the page, tags without brackets."""
    return "".join(f"{p.gap}{p.tag}[{p.text}]" if p.tag else p.gap + p.text for p in parts_of(chunks))


def test_a_line_marks_each_kind_of_error(page: str) -> None:
    assert marked(*GOOD.chunks) == "so far away"
    assert marked(*BAD.chunks) == "s[so] mark[sew] del[far] ins[<b>]"
    assert "<s>so</s> <mark>sew</mark> <del>far</del> <ins>&lt;b&gt;</ins></p>" in page
    words = " ".join(["la"] * 10)
    assert parts_of([chunk("insert", "", words)]) == [Part("", "ins", words, is_run=True)]


def test_scripts_without_spaces_are_joined_without() -> None:
    chunks = [chunk("equal", "一 群", "一 群"), chunk("substitute", "嗜", "是"), chunk("insert", "", "oh 血")]
    assert marked(*chunks) == "一群s[嗜]mark[是] ins[oh 血]"
    assert marked(chunk("equal", "حبيبي", "حبيبي"), chunk("delete", "يا")) == "حبيبي del[يا]"


def test_every_link_leads_to_one_place_in_the_page(page: str) -> None:
    read = Reader(page)
    assert set(Counter(read.ids).values()) == {1}
    assert all(link[0] == "#" and link[1:] in read.ids for link in read.links)
    assert {"song-one", "song-two", "plot-songs", "comparisons"} <= set(read.ids)
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(read.ids)


def test_the_page_loads_nothing(page: str) -> None:
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)", page)
    read = Reader(page)
    assert not {"link", "img", "iframe", "object"} & set(read.elements)
    assert read.elements["script"] == 1
    assert ("content", True) in {(name, "default-src 'none'" in (value or "")) for name, value in read.attributes}


def test_a_browser_shows_the_page_without_errors(page: str, tmp_path: Path) -> None:
    pytest.importorskip("playwright")
    from helpers.web.browsing import CHROMIUM, chromium

    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    (tmp_path / "page.html").write_text(page, "utf-8")
    with chromium() as browser:
        opened = browser.new_page()
        problems: list[str] = []
        opened.on("console", lambda message: problems.append(message.text))
        opened.on("pageerror", lambda error: problems.append(str(error)))
        opened.goto((tmp_path / "page.html").as_uri() + "#song-one")
        assert opened.locator("#song-one").get_attribute("open") == ""
        assert opened.locator(".r1").first.is_visible()
        opened.locator("input[data-hides=r1]").uncheck()
        assert not opened.locator(".r1").first.is_visible()
        assert opened.locator(".r0").first.is_visible()
        gauge = opened.locator("[data-percent]").first
        assert gauge.evaluate("element => getComputedStyle(element).getPropertyValue('--w')") == "60%"
        assert problems == []


def test_text_from_files_is_escaped(page: str) -> None:
    read = Reader(page)
    assert "alert('&')" not in page.replace("&lt;script&gt;alert(&#39;&amp;&#39;)", "")
    assert read.elements["i"] == 0
    assert "no &lt;hypothesis&gt;" in page
    assert "<h1>songs &amp; more</h1>" in page
    assert "<title>Score: songs &amp; more</title>" in page


def test_lines_have_times_directions_and_systems(page: str) -> None:
    assert (
        '<li class="right"><time>1:02</time><p class="reference" dir="auto">so far away</p>'
        '<p class="r0" dir="auto" data-mark="A">so far away</p>'
        '<p class="r1" dir="auto" data-mark="B">so far away</p></li>'
    ) in page
    assert '<li><time>1:10</time><p class="reference" dir="auto">so far</p><p class="r0"' in page


def test_the_same_report_gives_the_same_page(scored: Report, page: str) -> None:
    assert render_page(scored) == page


def test_undefined_figures_are_a_dash(page: str) -> None:
    assert '<b class="badge c0">A</b> first</th><td>37.5</td><td>10.0–60.0 (only 2 songs)</td>' in page
    assert '<b class="badge c1">B</b> second &lt;i&gt;</th><td>37.5</td><td>–</td>' in page


def test_one_system_has_no_marks_and_one_song_is_open() -> None:
    page = render_page(report(system("only", song("one", [GOOD]))))
    assert "data-mark=" not in page.partition("</style>")[2].partition("<script>")[0]
    assert '<details class="song" id="song-one" open>' in page
    assert 'id="comparisons"' not in page


def test_a_report_without_songs_has_a_page() -> None:
    page = render_page(report(system("only")))
    assert "0 songs, 0 words" in page
    assert all(not plot.svg and plot.caption for plot in plots_of(report(system("only"))))


def test_plots_say_why_they_are_missing() -> None:
    plain = LineScore((chunk("equal", "a b", "a b"),))
    found = plots_of(report(system("x", song("s", [plain]))))
    missing = {plot.name: plot.caption for plot in found if not plot.svg}
    assert list(missing) == ["loudness", "speed", "deviations", "cumulative"]
    assert missing["loudness"].startswith("The loudness of the lines is unknown")


def test_plots_name_errors_beyond_their_borders() -> None:
    late = tuple(Deviation(0.0, value) for value in (-3.0, -0.5, 0.0, 1.5, 2.0))
    plots = {plot.name: plot for plot in plots_of(report(system("x", song("s", [GOOD], deviations=late))))}
    assert plots["deviations"].caption.endswith("all beyond 1 s: x 1 earlier, 2 later.")
    assert "0.3 s" in plots["cumulative"].svg


def test_plots_have_the_colours_of_the_page_and_tips() -> None:
    plots = {plot.name: plot.svg for plot in plots_of(report(A, B))}
    for svg in plots.values():
        assert not re.search(r"#0000|#0001|xmlns|<metadata|tip:", svg)
    assert "var(--system-0)" in plots["songs"]
    assert "var(--system-1)" in plots["songs"]
    assert all(f"var(--{kind})" in plots["kinds"] for kind in get_args(Kind)[1:])
    assert "<title>Two\nfirst: 0.0 %</title>" in plots["songs"]
    assert '<a href="#song-two">' in plots["songs"]
    assert plots["songs"].startswith('<svg role="group" aria-label="WER by song"')
    assert plots["kinds"].startswith('<svg role="img" aria-label="Error types"')


def test_many_songs_have_no_names_beside_them() -> None:
    songs = [song(f"{i}", [BAD if i % 2 else GOOD], f"title {i}") for i in range(60)]
    plot = plots_of(report(system("x", *songs)))[0]
    assert "Each column of points is a song" in plot.caption
    assert plot.svg.count("<title>title ") == 60
    assert ">title 1</text>" not in plot.svg


def test_a_tip_may_hold_anything() -> None:
    svg = draw("x", EVIL, lambda axis: add_tip(axis.plot([0], [1], color=system_colour(10))[0], EVIL, "song-a"))
    assert f"<title>{EVIL}</title>" in html.unescape(svg)
    assert Reader(svg).elements["script"] == 0
    assert "var(--system-0)" in svg
    assert [system_mark(i) for i in (0, 25, 26)] == ["A", "Z", "27"]


def test_anchors_are_safe_and_different() -> None:
    rows = songs_of(report(system("x", *(song(name, [GOOD]) for name in ("a/b", "a b", "夜曲", "a\"'><c")))))
    assert [row.anchor for row in rows] == ["song-a-b", "song-a-b.2", "song-夜曲", "song-a-c"]


def test_songs_and_lines_of_systems_meet() -> None:
    other = system("other", song("three", [GOOD]), song("one", [BAD]))
    rows = songs_of(report(A, other))
    assert [(row.title, [score is not None for score in row.scores]) for row in rows] == [
        (EVIL, [True, True]),
        ("Two", [True, False]),
        ("three", [False, True]),
    ]
    # Of two references for one song each has its own lines.
    blocks = list(lines_of(rows[0]))
    assert [[number for number, _ in block[0].scores] for block in blocks] == [[0], [1]]
    ((line,),) = lines_of(rows[1])
    assert (line.reference, line.start_s, line.is_right) == (("so", "far", "away"), 62.0, True)


def test_errors_by_condition() -> None:
    scored = system("x", song("s", [GOOD, BAD], duration_s=140.0))
    assert by_loudness(scored) == (Level(-12.0, 0.0, 0.0, num_lines=1),)
    assert [(level.value, level.rate) for level in by_speed(scored)] == [(1.5, 0.0), (2.0, 1.5)]
    assert [(level.value, level.rate, level.num_lines) for level in by_position(scored)] == [
        (0.45, 0.0, 1),
        (0.55, 1.5, 1),
    ]
    untimed = system("x", song("s", [replace(GOOD, start_s=None), BAD]))
    assert [level.value for level in by_position(untimed)] == [0.05, 0.55]


def test_similar_lines_are_pooled_with_an_interval() -> None:
    lines = [replace(GOOD if i % 2 else BAD, loudness_db=float(i)) for i in range(80)]
    levels = by_loudness(system("x", song("s", lines)))
    assert [(level.value, level.num_lines) for level in levels] == [(10.0 * i + 5, 10) for i in range(8)]
    # Five lines of 3 errors in 2 words, five of none in 3: each is 12/5 or 9/5 words off 15/25.
    spread = (5 * (3 - 0.6 * 2) ** 2 + 5 * (0.6 * 3) ** 2) ** 0.5 / 25
    assert levels[0].rate == 0.6
    assert levels[0].margin == pytest.approx(1.96 * spread)


@pytest.mark.parametrize("column", [*WORDS, *LAYOUT, *TIMING, *TIMING_BY_SONG, *SEPARATION, *RUN])
def test_every_figure_is_explained(column: Column, page: str) -> None:
    assert column.meaning
    assert column.meaning[0].islower()


def test_the_page_explains_its_columns(page: str) -> None:
    assert "<dt>WER %</dt><dd>word error rate:" in page
    assert page.count("<dt>median ms</dt>") == 1


def test_the_best_of_a_column_is_marked() -> None:
    rows = (("a", "20.0", "–", "1,000"), ("b", "9.5", "5.0", "2"), ("c", "9.5", "–", "3"))
    table = Table("", (WORDS[0], SEPARATION[1], TIMING[0]), rows)
    assert table.headings == ("system", "WER %", "SDR dB", "words")
    assert [table.best_rows(column) for column in range(3)] == [{1, 2}, set(), set()]
