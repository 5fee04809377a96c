"""Given lyrics compared with synthetic alignments: true times with noise, and lines far off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lyricsrec.alignment.verify import Verification, VerifyConfig, verify
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import Line, Placement, Word

CONFIG = VerifyConfig()
SONG = tuple(
    Line(tuple(Word(f"w{i}{k}", 12 + 5.0 * i + 0.5 * k, 12.4 + 5.0 * i + 0.5 * k) for k in range(4))) for i in range(40)
)


def aligned(lines: tuple[Line, ...] = SONG, wrong: dict[int, float] | None = None, seed: int = 0) -> tuple[Line, ...]:
    """The result of an aligner: a little late, with noise, some lines elsewhere."""
    rng = np.random.default_rng(seed)
    noisy = [
        Line(
            tuple(replace(w, start_s=(w.start_s or 0) + CONFIG.lead_s + rng.normal(0, 0.05)) for w in line.words),
            Placement(0.9, "sure"),
        )
        for line in lines
    ]
    return Retiming(1.0, 0.0, wrong or {}).lines(noisy)


def check(given: Retiming, wrong: dict[int, float] | None = None) -> Verification:
    return verify(given.lines(SONG), aligned(wrong=wrong), CONFIG)


def test_correct_times_are_left_alone() -> None:
    found = check(Retiming(1.0, 0.1))
    assert found.verdicts == ("in time",)
    assert found.in_time
    assert found.retiming == Retiming()
    assert {line.fit for line in found.lines} == {"fits"}
    assert found.num_used == 160


def test_a_shift() -> None:
    found = check(Retiming(1.0, -0.42))
    assert found.verdicts == ("0.42 s early throughout",)
    assert not found.in_time
    assert found.retiming.offset_s == pytest.approx(0.42, abs=0.02)
    assert check(Retiming(1.0, 0.7)).verdicts == ("0.70 s late throughout",)


def test_a_drift() -> None:
    found = check(Retiming(1 / 1.013, 0.0))
    assert found.verdicts == ("runs 1.29 % fast: 0.16 s early at the first line, 2.65 s early at the last",)
    assert found.retiming.stretch == pytest.approx(1.013, abs=2e-4)
    corrected = found.retiming.lines(Retiming(1 / 1.013).lines(SONG))
    errors = [abs((a.start_s or 0) - (b.start_s or 0)) for a, b in zip(corrected, SONG, strict=True)]
    assert max(errors) < 0.05
    assert check(Retiming(1.01)).verdicts[0].startswith(("runs 0.99 % slow: ", "runs 1.00 % slow: "))


def test_lines_that_do_not_fit_are_moved_to_where_they_were_aligned() -> None:
    found = check(Retiming(1.0, 0.5, {7: -3.0, 8: 1.5}))
    assert found.verdicts == ("0.50 s late throughout", "2 lines do not fit")
    assert [line.text for line in found.misfits] == [SONG[7].text, SONG[8].text]
    assert found.misfits[0].given_s == 44.5
    assert found.misfits[0].difference_s == pytest.approx(3.0, abs=0.1)
    assert found.retiming.moves_s == pytest.approx({7: 3.0, 8: -1.5}, abs=0.1)
    assert check(Retiming(1.0, 0.0, {7: -3.0})).verdicts == ("in time", "1 line does not fit")


def test_alignment_errors_by_whole_repetitions_do_not_move_the_rest() -> None:
    found = check(Retiming(1.0, -0.7), dict.fromkeys(range(10, 25), 25.0))
    assert found.retiming.offset_s == pytest.approx(0.7, abs=0.03)
    assert found.retiming.stretch == 1.0
    assert len(found.misfits) == 15


def test_uncertain_alignments_do_not_make_a_line_wrong() -> None:
    lines = list(aligned(wrong={3: 5.0, 4: 5.0}))
    lines[3] = replace(lines[3], placement=Placement(0.2, "doubtful", "unclear in the recording"))
    lines[4] = Line(
        tuple(replace(word, start_s=(word.start_s or 0) + k) for k, word in enumerate(lines[4].words)),
        Placement(0.9, "sure"),
    )
    lines[5] = Line(tuple(Word(w.text, None, None) for w in lines[5].words), Placement(0.0, "unplaced", "not there"))
    given = [*SONG[:6], Line(tuple(Word(w.text, None, None) for w in SONG[6].words)), *SONG[7:]]
    found = verify(given, lines, CONFIG)
    assert found.verdicts == ("in time",)
    assert [(line.fit, line.reason) for line in found.lines[3:7]] == [
        ("doubtful", "unclear in the recording"),
        ("doubtful", "its words are off by different amounts"),
        ("unplaced", "not there"),
        ("untimed", None),
    ]


def test_line_times_alone() -> None:
    first_only = [Line((line.words[0], *(Word(w.text, None, None) for w in line.words[1:]))) for line in SONG]
    lines = list(aligned(wrong={9: 4.0}))
    apart = lines[3].words
    lines[3] = replace(lines[3], words=(replace(apart[0], start_s=(apart[0].start_s or 0) - 2), *apart[1:]))
    found = verify(first_only, lines, CONFIG)
    assert found.verdicts == ("in time", "1 line does not fit")
    assert found.misfits[0].text == SONG[9].text
    assert found.lines[3].reason == "its first word was found far from the others"


@pytest.mark.parametrize(
    ("given", "alignment", "verdict"),
    [
        (SONG[:3], aligned()[:3], "cannot tell: too few lines were placed (3 of 3)"),
        (
            SONG,
            tuple(Line(tuple(Word(w.text, None, None) for w in line.words)) for line in SONG[:30]) + aligned()[30:],
            "cannot tell: too few lines were placed (10 of 40)",
        ),
        (
            tuple(Line(tuple(Word(w.text, None, None) for w in line.words)) for line in SONG),
            aligned(),
            "cannot tell: the lyrics have no times",
        ),
    ],
)
def test_no_verdict_on_too_few_lines(given: tuple[Line, ...], alignment: tuple[Line, ...], verdict: str) -> None:
    found = verify(given, alignment, CONFIG)
    assert found.verdicts == (verdict,)
    assert not found.in_time
    assert found.retiming == Retiming()


def test_no_verdict_where_times_disagree() -> None:
    rng = np.random.default_rng(5)
    found = check(Retiming(), {i: float(rng.uniform(-40, 40)) for i in range(40)})
    assert found.verdicts[0].startswith("cannot tell: only ")
    assert found.verdicts[0].endswith(" of 160 aligned words agree on an offset")


def test_different_lyrics_are_an_error() -> None:
    with pytest.raises(ValueError, match="not the same lines"):
        verify(SONG, aligned()[1:], CONFIG)


def test_translations_move_along_with_their_lines() -> None:
    both = tuple(
        part for line in SONG for part in (line, Line((Word("翻译", line.start_s, None),), role="translation"))
    )
    timed = aligned(SONG, {3: 2.0})
    placed = [
        part
        for line, given in zip(timed, both[1::2], strict=True)
        for part in (
            line,
            replace(given, words=(replace(given.words[0], start_s=line.start_s),), placement=line.placement),
        )
    ]
    found = verify(both, placed, CONFIG)
    assert set(found.retiming.moves_s) == {6, 7}
    assert found.retiming.moves_s[6] == found.retiming.moves_s[7] == pytest.approx(2.0, abs=0.15)
    assert found.lines[7].text == "翻译"
