"""Models written in the ARPA format."""

from __future__ import annotations

import io
from pathlib import Path

import kenlm
import numpy as np
import pytest

from lyricsrec.lm.estimation import arpa
from lyricsrec.lm.estimation.arpa import write_arpa
from lyricsrec.lm.estimation.counts import count_ngrams
from lyricsrec.lm.estimation.kneser_ney import FALLBACK_DISCOUNTS, NgramModel, NgramTable, estimate

HYMNS = [line.split() for line in (Path(__file__).parents[2] / "data/lm/hymns.txt").read_text().splitlines()]


def written(model: NgramModel) -> bytes:
    file = io.BytesIO()
    write_arpa(model, file)
    return file.getvalue()


def test_every_byte_of_a_small_model() -> None:
    model = NgramModel(
        ("<unk>", "<s>", "</s>", "É"),
        (
            NgramTable(
                np.array([[0], [1], [2], [3]], dtype=np.int32),
                np.array([-99.0, 0.0, -1.5, -0.123456789]),
                np.array([0.0, -0.30103, 0.0, -1e-9]),
            ),
            NgramTable(np.array([[1, 3], [3, 2]], dtype=np.int32), np.array([-0.25, -12.5]), np.zeros(2)),
        ),
        ((0.5, 1.0, 1.5), (0.5, 1.0, 1.5)),
    )
    assert written(model).decode() == (
        "\\data\\\nngram 1=4\nngram 2=2\n"
        "\n\\1-grams:\n-99\t<unk>\t0\n0\t<s>\t-0.30103\n-1.5\t</s>\t0\n-0.1234568\tÉ\t-1e-09\n"
        "\n\\2-grams:\n-0.25\t<s> É\n-12.5\tÉ </s>\n"
        "\n\\end\\\n"
    )


def test_kenlm_reads_what_is_written(tmp_path: Path) -> None:
    model = estimate(count_ngrams([(line, 1) for line in HYMNS], 3))
    path = tmp_path / "hymns.arpa"
    path.write_bytes(written(model))
    scorer = kenlm.Model(str(path))
    assert scorer.order == 3
    trigrams = model.tables[2]
    rows = {tuple(model.words[i] for i in ids): p for ids, p in zip(trigrams.ids, trigrams.log10_probs, strict=True)}
    for line in HYMNS[:50]:
        scores = list(scorer.full_scores(" ".join(line)))
        assert [(length, oov) for _, length, oov in scores] == [(2, False)] + [(3, False)] * len(line)
        tokens = ["<s>", *line, "</s>"]
        expected = [rows[tuple(tokens[i : i + 3])] for i in range(len(line))]
        assert [score for score, _, _ in scores[1:]] == pytest.approx(expected, abs=1e-6)


def test_kenlm_reads_a_highest_order_pruned_to_nothing(tmp_path: Path) -> None:
    path = tmp_path / "empty.arpa"
    path.write_bytes(written(estimate(count_ngrams([(["A"], 1)], 3), (0, 0, 1), fallback=FALLBACK_DISCOUNTS)))
    # By hand: unigrams 5/12, bigrams and trigrams' backoff as in test_one_word.
    assert 10 ** kenlm.Model(str(path)).score("A") == pytest.approx((17 / 24) ** 2)


def test_same_bytes_in_any_order_of_sentences_and_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    model = estimate(count_ngrams([(line, 1) for line in HYMNS], 3))
    whole = written(model)
    monkeypatch.setattr(arpa, "_CHUNK", 100)
    assert written(model) == whole
    assert written(estimate(count_ngrams([(line, 1) for line in reversed(HYMNS)], 3))) == whole
