from __future__ import annotations

import pytest

from lyricsrec.lyrics.wer import Edits, count_edits


@pytest.mark.parametrize(
    ("reference", "hypothesis", "edits"),
    [
        ("SO FAR AWAY", "so far away", Edits(hits=3)),
        ("so far away", "so war", Edits(hits=1, substitutions=1, deletions=1)),
        ("so far", "so far far", Edits(hits=2, insertions=1)),
        ("so far", "", Edits(deletions=2)),
        ("", "so far", Edits(insertions=2)),
        ("", "", Edits()),
    ],
)
def test_edits_of_a_text(reference: str, hypothesis: str, edits: Edits) -> None:
    assert count_edits([reference], [hypothesis], "plain") == edits


def test_texts_are_pooled_and_not_joined() -> None:
    edits = count_edits(["a b c d", "e", ""], ["a b c d e", "", "x"], "plain")
    assert edits == Edits(hits=4, deletions=1, insertions=2)
    assert edits == count_edits(["a b c d"], ["a b c d e"], "plain") + count_edits(["e", ""], ["", "x"], "plain")
    assert (edits.num_errors, edits.num_words, edits.wer) == (3, 5, 0.6)


def test_no_text_has_no_errors() -> None:
    assert Edits().wer == 0
