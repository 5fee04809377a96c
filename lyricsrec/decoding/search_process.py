"""A search in a second process: one piece is decoded while the next one is recognised.

This is for pyctcdecode, which is slow Python code; flashlight's compiled searches are too fast to gain from it.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection

from lyricsrec.base.errors import LyricsrecError, ModelError
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.decoding.hypothesis import Hypothesis, SearchDecoder
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.lyrics.transcript import Word


class SearchProcess(SearchDecoder):
    """The decoder of `make_decoder` in a second process, which ends with this one.

    The main module must be importable. At most one emission is in progress.

    Raises at construction as `make_decoder` does, and ModelError later when the process dies.
    """

    def __init__(self, vocabulary: Vocabulary, config: DecodeConfig) -> None:
        super().__init__(vocabulary)
        # Spawned rather than forked: libraries that run threads do not survive a fork.
        context = get_context("spawn")
        self._pipe, there = context.Pipe()
        # A daemon ends with this process; if this process is killed, the pipe breaks.
        context.Process(target=_serve, args=(there, vocabulary, config), daemon=True).start()
        there.close()
        self._under_way = 0
        name = self._receive()
        assert isinstance(name, str)
        self.name = name

    def begin(self, emission: Emission) -> Callable[[], tuple[Word, ...]]:
        """Send an emission; call the result for its words before the next `begin`."""
        self._check(emission)
        self._send(emission, 1)
        return lambda: next((hypothesis.words for hypothesis in self._hypotheses()), ())

    def _search(self, emission: Emission, count: int) -> list[Hypothesis]:
        self._send(emission, count)
        return self._hypotheses()

    def _send(self, emission: Emission, count: int) -> None:
        # A song that failed may have left a result behind. Two emissions at once could fill the pipe both ways.
        while self._under_way:
            self._hypotheses()
        try:
            self._pipe.send((emission, count))
        except OSError:
            raise _ended() from None
        self._under_way += 1

    def _hypotheses(self) -> list[Hypothesis]:
        self._under_way -= 1
        found = self._receive()
        assert isinstance(found, list)
        return found

    def _receive(self) -> object:
        try:
            received: object = self._pipe.recv()
        except (EOFError, OSError):
            raise _ended() from None
        if isinstance(received, Exception):
            raise received
        return received


def _ended() -> ModelError:
    return ModelError("the search process has ended unexpectedly", "If memory ran out, try a smaller --beam or --lm.")


def _serve(pipe: Connection, vocabulary: Vocabulary, config: DecodeConfig) -> None:
    # Ctrl-C is handled by the parent.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        decoder = make_decoder(vocabulary, config)
        pipe.send(decoder.name)
        while True:
            emission, count = pipe.recv()
            pipe.send(decoder.hypotheses(emission, count))
    except LyricsrecError as error:
        pipe.send(error)
    except (EOFError, OSError):
        pass
