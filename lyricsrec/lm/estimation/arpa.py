"""Language models in the ARPA format, which KenLM and other decoders read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from lyricsrec.lm.estimation.kneser_ney import NgramModel, NgramTable

_CHUNK = 1 << 16


def write_arpa(model: NgramModel, file: IO[bytes]) -> None:
    """Write a model to an open binary file, encoded in UTF-8.

    A line has a log10 probability, the words of an n-gram and, below the highest order, a log10 backoff; numbers have
    the 7 digits that KenLM's 32-bit floats hold. The n-grams of an order come in the order of their ids, so the same
    model always gives the same bytes. <s> has log10 probability 0, as lmplz writes it.
    """
    header = "".join(f"ngram {order}={len(table.ids)}\n" for order, table in enumerate(model.tables, start=1))
    file.write(f"\\data\\\n{header}".encode())
    for order, table in enumerate(model.tables, start=1):
        file.write(f"\n\\{order}-grams:\n".encode())
        for lines in _chunks(table, model.words, with_backoff=order < len(model.tables)):
            file.write(lines.encode())
    file.write(b"\n\\end\\\n")


def _chunks(table: NgramTable, words: tuple[str, ...], *, with_backoff: bool) -> Iterator[str]:
    """The lines of a table in large chunks, to limit memory."""
    for start in range(0, len(table.ids), _CHUNK):
        part = slice(start, start + _CHUNK)
        ngrams = [" ".join([words[i] for i in row]) for row in table.ids[part].tolist()]
        probs = table.log10_probs[part].tolist()
        if with_backoff:
            backoffs = table.log10_backoffs[part].tolist()
            lines = [f"{p:.7g}\t{n}\t{b:.7g}\n" for p, n, b in zip(probs, ngrams, backoffs, strict=True)]
        else:
            lines = [f"{p:.7g}\t{n}\n" for p, n in zip(probs, ngrams, strict=True)]
        yield "".join(lines)
