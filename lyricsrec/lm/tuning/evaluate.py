"""Word errors of beam search with given weights on chunks whose emissions are cached."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lyricsrec.base.device import num_cores
from lyricsrec.base.errors import DataError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.base.workers import worker_pool
from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.decoding.hypothesis import Decoder, WeightedDecoder
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.search.greedy import GreedyDecoder
from lyricsrec.decoding.settings import DecodeConfig, Weights
from lyricsrec.lm.tuning.emissions import read_emission
from lyricsrec.lyrics.wer import Edits, count_edits

_BLOCK = 8


@dataclass(frozen=True)
class TuningSet:
    """Chunks to decode: the files of their emissions, their reference texts, and the vocabulary."""

    emissions: tuple[Path, ...]
    texts: tuple[str, ...]
    vocabulary: Vocabulary

    def blocks(self) -> list[TuningSet]:
        """The same chunks, a few at a time."""
        starts = range(0, len(self.emissions), _BLOCK)
        parts = [slice(start, start + _BLOCK) for start in starts]
        return [TuningSet(self.emissions[part], self.texts[part], self.vocabulary) for part in parts]


@dataclass(frozen=True)
class _Task:
    """A few chunks to decode with some weights, or (None) greedily."""

    weights: Weights | None
    chunks: TuningSet


class Evaluator:
    """Counts word errors on chunks; `run` carries out tasks and returns their edits in order."""

    def __init__(
        self, chunks: TuningSet, run: Callable[[Iterable[_Task]], Iterator[Edits]], progress: Progress
    ) -> None:
        self._blocks, self._run, self._progress = chunks.blocks(), run, progress

    def edits(self, points: Sequence[Weights | None], stage: str) -> list[Edits]:
        """The edits at each point, pooled over all chunks; None means greedy, without the language model.

        Raises ModelError when the language model cannot be read or does not fit the chunks' vocabulary.
        """
        tasks = [_Task(weights, block) for weights in points for block in self._blocks]
        sums = [Edits()] * len(points)
        for done, edits in enumerate(self._run(tasks)):
            sums[done // len(self._blocks)] += edits
            self._progress.update(stage, done + 1, len(tasks))
        return sums


@contextlib.contextmanager
def evaluating(
    lm: Path, chunks: TuningSet, *, workers: int | None = None, progress: Progress = SILENT
) -> Iterator[Evaluator]:
    """An evaluator with `workers` processes (default: as many as there are cores), each of which reads `lm` once.

    Raises DataError when one of them dies.
    """
    processes = min(workers or num_cores(), len(chunks.blocks()))
    if processes <= 1:
        yield Evaluator(chunks, partial(map, _Searcher(lm).edits), progress)
        return
    try:
        with worker_pool(processes, partial(_start_worker, lm)) as pool:
            yield Evaluator(chunks, partial(pool.map, _work), progress)
    except BrokenProcessPool:
        raise DataError("a worker process was killed while decoding", "If memory ran out, try --workers 1.") from None


class _Searcher:
    """The decoders of one worker process."""

    def __init__(self, lm: Path) -> None:
        self._lm = lm
        self._weights: Weights | None = None
        self._decoder: WeightedDecoder | None = None

    def edits(self, task: _Task) -> Edits:
        decoder = GreedyDecoder() if task.weights is None else self._weighted(task.weights, task.chunks.vocabulary)
        hypotheses = [self._decode(path, task.chunks.vocabulary, decoder) for path in task.chunks.emissions]
        return count_edits(task.chunks.texts, hypotheses, "plain")

    def _weighted(self, weights: Weights, vocabulary: Vocabulary) -> Decoder:
        if self._decoder is None:
            decoder = make_decoder(vocabulary, DecodeConfig(lm=self._lm))
            assert isinstance(decoder, WeightedDecoder), "there is a language model"
            self._decoder = decoder
        if weights != self._weights:
            self._decoder.set_weights(weights)
            self._weights = weights
        return self._decoder

    @staticmethod
    def _decode(path: Path, vocabulary: Vocabulary, decoder: Decoder) -> str:
        emission = read_emission(path, vocabulary)
        if emission is None:
            raise DataError(f"{path}: removed or damaged during the run", "Run the command again.")
        return " ".join(word.text for word in decoder.decode(emission))


_searcher: list[_Searcher] = []


def _start_worker(lm: Path) -> None:
    _searcher.append(_Searcher(lm))


def _work(task: _Task) -> Edits:
    return _searcher[0].edits(task)
