"""A `lyricsrec` that starts at once: forked from a process that has imported the slow libraries.

`python warm_process.py serve SOCKET` imports them and forks a process for each request;
`python warm_process.py run SOCKET ARGUMENTS` is `lyricsrec ARGUMENTS` with its own streams, folder, environment
variables and exit code, and passes signals on (not SIGKILL). It imports none of the tests' modules, to start fast.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

SLOW_IMPORTS = (
    "accelerate", "alt_eval.tokenizer", "av", "demucs.htdemucs", "faster_whisper", "huggingface_hub", "jiwer", "kenlm",
    "lyricsrec.cli", "lyricsrec.pipeline.pipeline", "lyricsrec.recognition.whisper.ctc_model", "lyricsrec.training.run",
    "matplotlib.backends.backend_agg", "matplotlib.figure", "mir_eval.alignment", "pydantic", "pyctcdecode",
    "scipy.stats", "torchmetrics.functional.audio", "transformers.models.wav2vec2.modeling_wav2vec2",
    "transformers.models.whisper.modeling_whisper", "webvtt",
)  # fmt: skip


def serve(path: str) -> None:
    """Fork a process for each request, until standard input ends."""
    import contextlib
    import gc
    import importlib
    import select

    for name in SLOW_IMPORTS:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.freeze()
    clients: dict[int, socket.socket] = {}

    def report_ended(*_: object) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                with clients.pop(ended[0]) as client, contextlib.suppress(OSError):
                    client.sendall(b"%d\n" % os.waitstatus_to_exitcode(ended[1]))

    signal.signal(signal.SIGCHLD, report_ended)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        print("ready", flush=True)
        # Standard input ends with the process that started this one.
        while server in select.select([server, sys.stdin], [], [])[0]:
            client = server.accept()[0]
            _, streams, _, _ = socket.recv_fds(client, 1, 3)
            with client.makefile() as lines:
                arguments, folder, environment = json.loads(lines.readline())
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
            if not (pid := os.fork()):
                for other in (client, *clients.values()):
                    other.close()
                server.close()
                become(arguments, folder, environment, streams)
            clients[pid] = client
            client.sendall(b"%d\n" % pid)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
            for stream in streams:
                os.close(stream)


def become(arguments: list[str], folder: str, environment: dict[str, str], streams: list[int]) -> NoReturn:
    """Make this process one that has just been started as `lyricsrec`, but for its imports."""
    import runpy

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    if "HF_HOME" in environment and "huggingface_hub" in sys.modules:
        # It reads the variable when it is imported.
        sys.modules["huggingface_hub"].constants.HF_HUB_CACHE = os.path.join(environment["HF_HOME"], "hub")  # noqa: PTH118
    if "PRELUDE" in environment:
        # Code of a test that watches or breaks the command.
        runpy.run_path(environment["PRELUDE"])
    sys.argv = ["lyricsrec", *arguments]
    end_with(lambda: runpy.run_module("lyricsrec", run_name="__main__", alter_sys=True))


def end_with(work: Callable[[], object]) -> NoReturn:
    """Do this, then end the process as the interpreter would, but without taking so many libraries apart."""
    import atexit
    import threading

    code: int | str | None = 0
    try:
        work()
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    if isinstance(code, str):
        print(code, file=sys.stderr)
    sys.stdout.flush()
    os._exit(1 if isinstance(code, str) else code or 0)


def run(path: str, arguments: list[str]) -> int:
    """Have the server fork a `lyricsrec`; returns its exit code, negative for a signal."""
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        socket.send_fds(server, [b"\n"], [0, 1, 2])
        server.sendall(json.dumps([arguments, os.getcwd(), dict(os.environ)]).encode() + b"\n")  # noqa: PTH109
        lines = server.makefile()
        pid = int(lines.readline())

        def pass_on(number: int, _: FrameType | None) -> None:
            os.kill(pid, number)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
            signal.signal(number, pass_on)
        return int(lines.readline())


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    elif (code := run(sys.argv[2], sys.argv[3:])) < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    else:
        sys.exit(code)
