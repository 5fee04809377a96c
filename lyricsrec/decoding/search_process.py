"""A search in a process of its own: one piece is searched while the next one is recognised.

For pyctcdecode, which is Python and holds one core while all else waits; flashlight is over too soon to gain by it.
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
    """The decoder that `make_decoder` gives, in another process, which ends with this one.

    The main module must be one that can be imported again. At most one emission is on its way.

    Raises ModelError at construction as `make_decoder` does, and later when the process dies.
    """

    def __init__(self, vocabulary: Vocabulary, config: DecodeConfig) -> None:
        super().__init__(vocabulary)
        # Spawned, not forked: libraries that run threads do not survive a fork.
        context = get_context("spawn")
        self._pipe, there = context.Pipe()
        # A daemon is ended when this process ends; when it is killed, the pipe breaks.
        context.Process(target=_serve, args=(there, vocabulary, config), daemon=True).start()
        there.close()
        self._under_way = 0
        name = self._receive()
        assert isinstance(name, str)
        self.name = name

    def begin(self, emission: Emission) -> Callable[[], tuple[Word, ...]]:
        """Send an emission over; the result waits for its words, and must be called before the next `begin`."""
        self._check(emission)
        self._send(emission, 1)
        return lambda: next((hypothesis.words for hypothesis in self._hypotheses()), ())

    def _search(self, emission: Emission, count: int) -> list[Hypothesis]:
        self._send(emission, count)
        return self._hypotheses()

    def _send(self, emission: Emission, count: int) -> None:
        # What was begun for a song that failed since is still to come. Two at once could fill both ways of the pipe.
        while self._under_way:
            self._hypotheses()
        try:
            self._pipe.send((emission, count))
        except OSError:
            raise _died() from None
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
            raise _died() from None
        if isinstance(received, Exception):
            raise received
        return received


def _died() -> ModelError:
    return ModelError("the process that searches has died", "If memory ran out, try a smaller --beam or --lm.")


def _serve(pipe: Connection, vocabulary: Vocabulary, config: DecodeConfig) -> None:
    # The parent is the one that is interrupted.
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
