"""UltraStar files with corrected times."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.files import DATA, EXAMPLES

from lyricsrec.formats.karaoke.ultrastar import parse_ultrastar
from lyricsrec.formats.karaoke.ultrastar_format import corrected_header, retime_ultrastar
from lyricsrec.lyrics.retiming import Retiming

# A beat lasts 0.1 s.
SONG = """#TITLE:T
#ARTIST:A
#BPM: 150
#GAP:1000
: 0 4 0 So
: 5 3 0  far
- 20
: 30 4 0 A
* 40 4 0 way
- 60 70
: 80 4 0 from
: 90 5 0  home
E
after the end
"""


def times(data: bytes) -> list[list[float | None]]:
    return [[word.start_s for word in line.words] for line in parse_ultrastar(data).annotation().lines]


def test_a_shift_changes_only_the_gap() -> None:
    edited = retime_ultrastar(SONG.encode(), Retiming(1.0, -0.4167))
    assert edited.data.decode() == SONG.replace("GAP:1000", "GAP:583")
    assert edited.unmoved == ()


def test_a_drift_changes_bpm_and_gap() -> None:
    edited = retime_ultrastar(SONG.encode(), Retiming(1.01, 0.2))
    assert edited.data.decode() == SONG.replace("GAP:1000", "GAP:1210").replace("BPM: 150", "BPM: 148.51485")
    expected = [[1.01 * (t or 0) + 0.2 for t in line] for line in times(SONG.encode())]
    assert times(edited.data) == [pytest.approx(line, abs=1e-5) for line in expected]


def test_commas_and_a_missing_gap() -> None:
    text = SONG.replace("150", "266,6").replace("#GAP:1000\n", "")
    edited = retime_ultrastar(text.encode(), Retiming(0.5, 1.0)).data.decode()
    assert edited == text.replace("#BPM: 266,6\n", "#BPM: 533,2\n#GAP:1000\n")
    assert corrected_header(parse_ultrastar(text.encode()), Retiming(1.0, 1.0)) == {"GAP": "1000"}


def test_a_line_moves_by_whole_beats_with_its_breaks() -> None:
    edited = retime_ultrastar(SONG.encode(), Retiming(1.0, 0.0, {1: -1.52}))
    expected = SONG.replace(": 30", ": 15").replace("* 40", "* 25").replace("- 20", "- 15")
    assert edited.data.decode() == expected
    later = retime_ultrastar(SONG.encode(), Retiming(1.0, 0.0, {1: 3.4})).data.decode()
    assert later == SONG.replace(": 30", ": 64").replace("* 40", "* 74").replace("- 60 70", "- 78 78")


def test_a_line_stays_where_its_notes_would_overlap_others() -> None:
    edited = retime_ultrastar(SONG.encode(), Retiming(1.0, 0.0, {1: 5.0}))
    assert (edited.data.decode(), edited.unmoved) == (SONG, (1,))
    together = retime_ultrastar(SONG.encode(), Retiming(1.0, 0.0, {1: 5.0, 2: 5.0}))
    assert together.unmoved == ()
    assert times(together.data) == [[1.0, 1.5], [9.0], [14.0, 15.0]]
    relative = SONG.replace("#GAP", "#RELATIVE:yes\n#GAP")
    assert retime_ultrastar(relative.encode(), Retiming(1.0, 0.0, {1: 0.5})).unmoved == (1,)


@pytest.mark.parametrize(
    "path",
    [*sorted((DATA / "ultrastar_parser_cases").glob("*.txt")), *sorted(EXAMPLES.glob("karaoke/*.txt"))],
    ids=lambda path: path.stem,
)
def test_all_other_bytes_are_kept(path: Path) -> None:
    data = path.read_bytes()
    song = parse_ultrastar(data)
    if not song.bpm:
        pytest.skip("no BPM")
    edited = retime_ultrastar(data, Retiming(1.0, 1.25)).data
    again = retime_ultrastar(edited, Retiming(1.0, -1.25)).data
    assert parse_ultrastar(again).voices == song.voices
    assert parse_ultrastar(edited).gap_s == pytest.approx(song.gap_s + 1.25, abs=1e-3)
    if song.tags.get("GAP") == f"{round(1000 * song.gap_s)}":
        assert again == data


def test_duets_move_in_both_voices() -> None:
    text = "#BPM:150\n#GAP:0\nP1\n: 0 4 0 A\n- 10\n: 20 4 0 B\nP2\n: 5 4 0 C\n- 10\n: 20 4 0 B\nE\n"
    edited = retime_ultrastar(text.encode(), Retiming(1.0, 0.0, {2: 1.0})).data.decode()
    assert edited == text.replace(": 20", ": 30")
